from fastapi import HTTPException
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
    session.commit()  # the todo and its items in one transaction
    return todo


@app.put("/todos/{todo_id}", response_model=TodoIn)
def update_todo(todo_id: int, data: TodoIn, session: SessionDep):
    todo = session.get(Todo, todo_id)
    if not todo:
        raise HTTPException(404, "There is no such todo.")
    items = [ChecklistItem(**each.model_dump()) for each in data.items]
    todo.title, todo.items = data.title, items
    session.commit()
    return todo
