from hashlib import sha256
from typing import Annotated

from fastapi import Header, Response

from fastapi_shop.app import app
from fastapi_shop.models import SessionDep, Todo

IfNoneMatch = Annotated[str | None, Header()]


@app.get("/todos/{todo_id}")
def read_todo(
    todo_id: int, session: SessionDep, if_none_match: IfNoneMatch = None
):
    todo = session.get_one(Todo, todo_id)
    etag = f'"{sha256(todo.title.encode()).hexdigest()}"'
    if if_none_match == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return Response(todo.title, headers={"ETag": etag})
