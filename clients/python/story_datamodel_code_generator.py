"""The README's walk with httpx and the models that datamodel-code-generator generates."""

import sys
from datetime import datetime, timedelta
from http import HTTPStatus

import httpx
from pydantic import ValidationError
from shop import (
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
    User,
    UserInput,
)

base_url, username = sys.argv[1:]
client = httpx.Client(base_url=base_url, headers={"Content-Type": "application/json"})

# Register and log in
account = UserInput(username=username, email=f"{username}@example.com", password="correct horse")
response = client.post("/api/users", content=account.model_dump_json())
assert User.model_validate_json(response.content).username == username
credentials = Credentials(username=username, password="correct horse")
response = client.post("/api/tokens", content=credentials.model_dump_json())
token = NewToken.model_validate_json(response.content)
client.headers["Authorization"] = f"Bearer {token.token}"

# Create a todo about a product
response = client.get("/api/products", params={"q": "mug, red"})
mug = ProductPage.model_validate_json(response.content).items[0]
todo = TodoInput(
    title="Restock MUG-RED",
    due_at=datetime.fromisoformat("2027-03-01T09:00:00+01:00"),
    tags=["restock"],
    items=[
        ChecklistItemInput(text="Count the shelf", done=True),
        ChecklistItemInput(text="Order 48"),
    ],
    product_id=mug.id,
)
response = client.post("/api/todos", content=todo.model_dump_json())
created = Todo.model_validate_json(response.content)
assert created.product_id == mug.id
assert (created.progress.done, created.progress.total) == (1, 2)
assert created.due_at is not None
assert created.due_at.utcoffset() == timedelta(0)

# Conditional GET
url = response.headers["Location"]
etag = client.get(url).headers["ETag"]
response = client.get(url, headers={"If-None-Match": etag})
assert response.status_code == HTTPStatus.NOT_MODIFIED

# Optimistic locking with If-Match
urgent = TodoPatch(priority=Priority.URGENT).model_dump_json(exclude_unset=True)
response = client.patch(url, content=urgent, headers={"If-Match": etag})
assert Todo.model_validate_json(response.content).priority is Priority.URGENT
response = client.patch(url, content=urgent, headers={"If-Match": etag})
lost = Problem.model_validate_json(response.content)
assert (lost.status, lost.type) == (412, "/api/problems/precondition-failed")

# Idempotent POST
call = TodoInput(title="Call the pottery", tags=["restock"]).model_dump_json()
key = {"Idempotency-Key": "5f0c6a2e"}
first = client.post("/api/todos", content=call, headers=key)
second = client.post("/api/todos", content=call, headers=key)
assert Todo.model_validate_json(second.content) == Todo.model_validate_json(first.content)
assert second.headers["Idempotency-Replayed"] == "true"

# All validation errors at once: what the file says of a value is checked before it is sent …
try:
    TodoInput(title="  ", tags=["No slug"])
except ValidationError as error:
    assert [entry["loc"] for entry in error.errors()] == [("title",), ("tags", 0)]
else:
    raise AssertionError("the models check nothing any more")
# … and what only the server can know comes back.
unknown = "019b8d49-0000-7000-8000-000000000000"
todo = TodoInput(title="A", product_id=unknown, tags=["a", "a"])
response = client.post("/api/todos", content=todo.model_dump_json())
nonsense = Problem.model_validate_json(response.content)
assert nonsense.errors
assert [(error.pointer, error.code) for error in nonsense.errors] == [
    ("/product_id", ErrorCode.NOT_FOUND),
    ("/tags/1", ErrorCode.DUPLICATE),
]

# Filter, and the next page
response = client.get("/api/todos", params={"tag": "restock", "sort": "title", "limit": 1})
page = TodoPage.model_validate_json(response.content)
assert [todo.title for todo in page.items] == ["Call the pottery"]
assert page.next
page = TodoPage.model_validate_json(client.get(page.next).content)
assert [todo.id for todo in page.items] == [created.id]
assert page.next is None

# Delete
assert client.delete(url).status_code == HTTPStatus.NO_CONTENT
gone = Problem.model_validate_json(client.get(url).content)
assert gone.status == HTTPStatus.NOT_FOUND
assert client.delete("/api/users/me").status_code == HTTPStatus.NO_CONTENT
