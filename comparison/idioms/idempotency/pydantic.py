from typing import Annotated

from fastapi import Header
from pydantic import BaseModel

from fastapi_shop.app import app

Key = Annotated[str | None, Header(alias="Idempotency-Key")]
replies = {}  # a table, where there are several processes


class TodoIn(BaseModel):
    title: str


@app.post("/todos", status_code=201)
def create_todo(data: TodoIn, key: Key = None):
    if key is None:
        return data
    return replies.setdefault(key, data)
