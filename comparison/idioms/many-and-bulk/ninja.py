from ninja import Schema
from pydantic import Field


class TodoIn(Schema):
    title: str
    notes: str = ""


class TodoBulkIn(Schema):
    todos: list[TodoIn] = Field(min_length=1, max_length=100)
