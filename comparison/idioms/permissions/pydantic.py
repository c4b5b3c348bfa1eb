from typing import Annotated
from uuid import UUID

from fastapi import Depends, HTTPException

from fastapi_shop.app import app
from fastapi_shop.models import User, get_current_user


def get_staff(user: Annotated[User, Depends(get_current_user)]):
    if not user.is_staff:
        raise HTTPException(403)
    return user


@app.delete("/products/{product_id}", dependencies=[Depends(get_staff)])
def delete_product(product_id: UUID):
    return None
