from datetime import datetime

from ninja import Schema


class TodoIn(Schema):
    title: str
    notes: str = ""
    completed: bool = False
    due_at: datetime | None = None
