from pydantic import BaseModel

from fastapi_shop.app import app
from fastapi_shop.models import SessionDep, Todo


class TodoIn(BaseModel):
    title: str
    notes: str = ""


@app.put("/todos/{todo_id}", response_model=TodoIn)
def put_todo(todo_id: int, data: TodoIn, session: SessionDep):
    todo = session.get(Todo, todo_id)
    for name, value in data.model_dump().items():
        setattr(todo, name, value)
    session.commit()
    return todo
