from typing import Annotated

from fastapi import Query
from sqlalchemy import select

from fastapi_shop.app import app
from fastapi_shop.models import SessionDep, Tag, Todo


@app.get("/todos")
def read_todos(
    session: SessionDep,
    tag: str = "home",
    offset: int = 0,
    limit: Annotated[int, Query(le=100)] = 20,
):
    tagged = select(Todo).where(Todo.tags.any(Tag.slug == tag))
    return session.scalars(tagged.offset(offset).limit(limit)).all()
