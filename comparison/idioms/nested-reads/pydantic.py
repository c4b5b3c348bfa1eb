from pydantic import BaseModel


class Progress(BaseModel):
    done: int
    total: int


class Todo(BaseModel):
    title: str
    progress: Progress | None
