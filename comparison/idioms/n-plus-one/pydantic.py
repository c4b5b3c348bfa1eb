from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from fastapi_shop.app import app
from fastapi_shop.models import SessionDep, Todo


class TagOut(BaseModel):
    slug: str


class TodoOut(BaseModel):
    title: str
    tags: list[TagOut]


@app.get("/todos", response_model=list[TodoOut])
def list_todos(session: SessionDep):
    query = select(Todo).options(selectinload(Todo.tags))
    return session.scalars(query).all()
