from datetime import datetime

from pydantic import BaseModel, Field


class Todo(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    notes: str = ""
    completed: bool = False
    due_at: datetime | None = None
