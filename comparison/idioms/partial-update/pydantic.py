from pydantic import BaseModel

from fastapi_shop.app import app
from fastapi_shop.models import ChecklistItem, SessionDep, Todo


class ChecklistItemIn(BaseModel):
    text: str


class TodoPatch(BaseModel):
    title: str | None = None
    items: list[ChecklistItemIn] = []


@app.patch("/todos/{todo_id}", response_model=TodoPatch)
def patch_todo(todo_id: int, data: TodoPatch, session: SessionDep):
    todo = session.get(Todo, todo_id)
    new = data.model_dump(exclude_unset=True)
    if "items" in new:
        new["items"] = [ChecklistItem(**each) for each in new["items"]]
    for name, value in new.items():
        setattr(todo, name, value)
    session.commit()
    return todo
