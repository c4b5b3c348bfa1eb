from typing import Annotated
from uuid import UUID

from fastapi import Header
from pydantic import BaseModel, Field

from fastapi_shop.app import app


class StockAdjustment(BaseModel):
    delta: int
    created_by: UUID = Field(validation_alias="created_by_id")


class HeaderIn(BaseModel):
    if_match: str = Field(alias="If-Match")


@app.get("/todos")
def list_todos(if_match: Annotated[str | None, Header()] = None):
    return if_match
