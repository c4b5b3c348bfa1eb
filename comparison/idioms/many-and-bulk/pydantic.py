from pydantic import BaseModel, Field


class TodoIn(BaseModel):
    title: str
    notes: str = ""


class TodoBulk(BaseModel):
    todos: list[TodoIn] = Field(min_length=1, max_length=100)
