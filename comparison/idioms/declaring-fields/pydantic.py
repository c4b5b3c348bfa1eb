from datetime import datetime
from enum import Enum

from pydantic import BaseModel, Field


class Priority(str, Enum):
    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


class TodoIn(BaseModel):
    title: str = Field(max_length=200)
    notes: str = ""
    completed: bool = False
    priority: Priority = Priority.normal
    due_at: datetime | None = None


class TodoOut(TodoIn):
    id: int
