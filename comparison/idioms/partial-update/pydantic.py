from pydantic import BaseModel

from fastapi_shop.app import app
from fastapi_shop.models import ChecklistItem, SessionDep, Todo


class ChecklistItemIn(BaseModel):
    text: str


class TodoPatch(BaseModel):
    title: str | None = None
    items: list[ChecklistItemIn] = []


@app.patch("/todos/{todo_id}")
def patch_todo(todo_id: int, data: TodoPatch, session: SessionDep):
    todo = session.get(Todo, todo_id)
    changes = data.model_dump(exclude_unset=True)
    if "items" in changes:
        items = [ChecklistItem(**each) for each in changes["items"]]
        changes["items"] = items
    for name, value in changes.items():
        setattr(todo, name, value)
    session.commit()
