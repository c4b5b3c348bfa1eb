"""The README's walk with the client that openapi-python-client generates."""

import sys
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from shop import AuthenticatedClient, Client
from shop.api.products import list_products
from shop.api.todos import create_todo, delete_todo, get_todo, list_todos, update_todo
from shop.api.tokens import create_token
from shop.api.users import create_user, delete_current_user
from shop.models import (
    ChecklistItemInput,
    Credentials,
    ErrorCode,
    NewToken,
    Priority,
    Problem,
    ProductPage,
    Todo,
    TodoInput,
    TodoPage,
    TodoPatch,
    TodoSort,
    User,
    UserInput,
)

base_url, username = sys.argv[1:]

# Register and log in
anybody = Client(base_url)
account = UserInput(username, f"{username}@example.com", "correct horse")
user = create_user.sync(client=anybody, body=account)
assert isinstance(user, User)
assert user.username == username
token = create_token.sync(client=anybody, body=Credentials(username, "correct horse"))
assert isinstance(token, NewToken)
client = AuthenticatedClient(base_url, token.token)

# Create a todo about a product
catalogue = list_products.sync(client=anybody, q="mug, red")
assert isinstance(catalogue, ProductPage)
mug = catalogue.items[0]
created = create_todo.sync(
    client=client,
    body=TodoInput(
        title="Restock MUG-RED",
        due_at=datetime.fromisoformat("2027-03-01T09:00:00+01:00"),
        tags=["restock"],
        items=[ChecklistItemInput("Count the shelf", done=True), ChecklistItemInput("Order 48")],
        product_id=mug.id,
    ),
)
assert isinstance(created, Todo)
assert created.product_id == mug.id
assert (created.progress.done, created.progress.total) == (1, 2)
assert created.due_at is not None
assert created.due_at.utcoffset() == timedelta(0)

# Conditional GET
etag = get_todo.sync_detailed(created.id, client=client).headers["ETag"]
same = get_todo.sync_detailed(created.id, client=client, if_none_match=etag)
assert same.status_code == HTTPStatus.NOT_MODIFIED

# Optimistic locking with If-Match
urgent = TodoPatch(priority=Priority.URGENT)
won = update_todo.sync(created.id, client=client, body=urgent, if_match=etag)
assert isinstance(won, Todo)
assert won.priority is Priority.URGENT
lost = update_todo.sync(
    created.id, client=client, body=TodoPatch(priority=Priority.LOW), if_match=etag
)
assert isinstance(lost, Problem)
assert (lost.status, lost.type_) == (412, "/api/problems/precondition-failed")

# Idempotent POST
call = TodoInput("Call the pottery", tags=["restock"])
first = create_todo.sync_detailed(client=client, body=call, idempotency_key="5f0c6a2e")
second = create_todo.sync_detailed(client=client, body=call, idempotency_key="5f0c6a2e")
assert isinstance(first.parsed, Todo)
assert second.parsed == first.parsed
assert second.headers["Idempotency-Replayed"] == "true"

# All validation errors at once
nonsense = create_todo.sync(
    client=client,
    body=TodoInput(title="  ", tags=["No slug"], items=[ChecklistItemInput("")]),
)
assert isinstance(nonsense, Problem)
assert nonsense.errors
assert [(error.pointer, error.code) for error in nonsense.errors] == [
    ("/items/0/text", ErrorCode.TOO_SHORT),
    ("/tags/0", ErrorCode.INVALID_FORMAT),
    ("/title", ErrorCode.BLANK),
]

# Filter, and the next page
page = list_todos.sync(client=client, tag="restock", sort=TodoSort.TITLE, limit=1)
assert isinstance(page, TodoPage)
assert [todo.title for todo in page.items] == ["Call the pottery"]
assert page.next_
[cursor] = parse_qs(urlsplit(page.next_).query)["cursor"]
page = list_todos.sync(client=client, tag="restock", sort=TodoSort.TITLE, limit=1, cursor=cursor)
assert isinstance(page, TodoPage)
assert [todo.id for todo in page.items] == [created.id]
assert page.next_ is None

# Delete
assert delete_todo.sync_detailed(created.id, client=client).status_code == HTTPStatus.NO_CONTENT
gone = get_todo.sync(created.id, client=client)
assert isinstance(gone, Problem)
assert gone.status == HTTPStatus.NOT_FOUND
assert delete_current_user.sync_detailed(client=client).status_code == HTTPStatus.NO_CONTENT
