from datetime import datetime

from ninja import Schema
from pydantic import Field


class TodoIn(Schema):
    title: str = Field(min_length=1, max_length=200)
    notes: str = ""
    completed: bool = False
    due_at: datetime | None = None
