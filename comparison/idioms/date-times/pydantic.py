from datetime import datetime

from pydantic import BaseModel


class TodoIn(BaseModel):
    title: str
    # AwareDatetime, NaiveDatetime and FutureDatetime are the others.
    due_at: datetime | None = None


class TodoOut(TodoIn):
    id: int
