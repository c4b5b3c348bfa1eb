from datetime import datetime

from pydantic import BaseModel


class Todo(BaseModel):
    # "ignore" is the default; "forbid" and "allow" are the others:
    # model_config = ConfigDict(extra="forbid")
    title: str
    notes: str = ""
    completed: bool = False
    due_at: datetime | None = None
