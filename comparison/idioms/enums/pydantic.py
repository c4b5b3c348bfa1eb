from enum import Enum

from pydantic import BaseModel


class Priority(str, Enum):
    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


class Todo(BaseModel):
    title: str
    priority: Priority = Priority.normal
