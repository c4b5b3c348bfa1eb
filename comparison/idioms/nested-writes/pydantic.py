from pydantic import BaseModel

from fastapi_shop.app import app
from fastapi_shop.models import ChecklistItem, SessionDep, Todo


class ChecklistItemIn(BaseModel):
    text: str
    done: bool = False


class TodoIn(BaseModel):
    title: str
    items: list[ChecklistItemIn] = []


@app.post("/todos", response_model=TodoIn)
def create_todo(data: TodoIn, session: SessionDep):
    items = [ChecklistItem(**each.model_dump()) for each in data.items]
    todo = Todo(title=data.title, items=items)
    session.add(todo)
    session.commit()
    return todo
