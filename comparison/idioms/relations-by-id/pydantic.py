from uuid import UUID

from fastapi import HTTPException
from pydantic import BaseModel

from fastapi_shop.app import app
from fastapi_shop.models import Product, SessionDep


class TodoIn(BaseModel):
    title: str
    product_id: UUID | None = None


@app.post("/todos")
def create_todo(data: TodoIn, session: SessionDep):
    product = data.product_id and session.get(Product, data.product_id)
    if data.product_id and not product:
        raise HTTPException(404, "There is no such product.")
    return data
