from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel

from fastapi_shop.app import app
from fastapi_shop.models import User, get_current_user

CurrentUser = Annotated[User, Depends(get_current_user)]


class StockAdjustmentIn(BaseModel):
    delta: int
    reason: str


@app.post("/stock-adjustments")
def create_adjustment(data: StockAdjustmentIn, user: CurrentUser):
    return {**data.model_dump(), "created_by": user.id}
