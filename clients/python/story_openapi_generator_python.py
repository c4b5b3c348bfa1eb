"""The README's walk with the client that openapi-generator's `python` generates."""

import sys
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError
from shop import (
    ApiClient,
    ApiResponse,
    ChecklistItemInput,
    Configuration,
    Credentials,
    ErrorCode,
    Priority,
    Problem,
    ProductsApi,
    Todo,
    TodoInput,
    TodoPatch,
    TodosApi,
    TodoSort,
    TokensApi,
    UserInput,
    UsersApi,
)
from shop.exceptions import ApiException, NotFoundException, UnprocessableEntityException

base_url, username = sys.argv[1:]


def header(response: ApiResponse[Todo], name: str) -> str:
    """Return a header field; the client keeps them in a dict, named as the server wrote them."""
    return {key.lower(): value for key, value in (response.headers or {}).items()}[name.lower()]


# Register and log in
configuration = Configuration(host=base_url)
client = ApiClient(configuration)
users, todos = UsersApi(client), TodosApi(client)
account = UserInput(username=username, email=f"{username}@example.com", password="correct horse")
assert users.create_user(account).username == username
credentials = Credentials(username=username, password="correct horse")
configuration.access_token = TokensApi(client).create_token(credentials).token

# Create a todo about a product
mug = ProductsApi(client).list_products(q="mug, red").items[0]
created = todos.create_todo(
    TodoInput(
        title="Restock MUG-RED",
        due_at=datetime.fromisoformat("2027-03-01T09:00:00+01:00"),
        tags=["restock"],
        items=[
            ChecklistItemInput(text="Count the shelf", done=True),
            ChecklistItemInput(text="Order 48"),
        ],
        product_id=mug.id,
    )
)
assert created.product_id == mug.id
assert (created.progress.done, created.progress.total) == (1, 2)
assert created.due_at is not None
assert created.due_at.utcoffset() == timedelta(0)

# Conditional GET
etag = header(todos.get_todo_with_http_info(created.id), "ETag")
try:
    todos.get_todo(created.id, if_none_match=etag)
except ApiException as error:
    assert error.status == HTTPStatus.NOT_MODIFIED
else:
    raise AssertionError("304 is no exception any more")

# Optimistic locking with If-Match
won = todos.update_todo(created.id, TodoPatch(priority=Priority.URGENT), if_match=etag)
assert won.priority is Priority.URGENT
try:
    todos.update_todo(created.id, TodoPatch(priority=Priority.LOW), if_match=etag)
except ApiException as error:
    assert isinstance(error.data, Problem)
    assert (error.data.status, error.data.type) == (412, "/api/problems/precondition-failed")
else:
    raise AssertionError("the second writer was not told")

# Idempotent POST
call = TodoInput(title="Call the pottery", tags=["restock"])
first = todos.create_todo_with_http_info(call, idempotency_key="5f0c6a2e")
second = todos.create_todo_with_http_info(call, idempotency_key="5f0c6a2e")
assert second.data == first.data
assert header(second, "Idempotency-Replayed") == "true"

# All validation errors at once: what the file says of a property is checked before it is sent …
try:
    TodoInput(title="  ")
except ValidationError as error:
    assert [entry["loc"] for entry in error.errors()] == [("title",)]
else:
    raise AssertionError("the models check nothing any more")
# … and what is left to the server comes back.
unknown = "019b8d49-0000-7000-8000-000000000000"
try:
    todos.create_todo(TodoInput(title="A", product_id=unknown, tags=["No slug"]))
except UnprocessableEntityException as error:
    assert isinstance(error.data, Problem)
    assert error.data.errors
    assert [(entry.pointer, entry.code) for entry in error.data.errors] == [
        ("/product_id", ErrorCode.NOT_FOUND),
        ("/tags/0", ErrorCode.INVALID_FORMAT),
    ]
else:
    raise AssertionError("nonsense was taken")

# Filter, and the next page
page = todos.list_todos(tag="restock", sort=TodoSort.TITLE, limit=1)
assert [todo.title for todo in page.items] == ["Call the pottery"]
assert page.next
[cursor] = parse_qs(urlsplit(page.next).query)["cursor"]
page = todos.list_todos(tag="restock", sort=TodoSort.TITLE, limit=1, cursor=cursor)
assert [todo.id for todo in page.items] == [created.id]
assert page.next is None

# Delete
todos.delete_todo(created.id)
try:
    todos.get_todo(created.id)
except NotFoundException as error:
    assert isinstance(error.data, Problem)
else:
    raise AssertionError("the todo is still there")
users.delete_current_user()
