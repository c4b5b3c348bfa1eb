from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer

from fastapi_shop.app import app

oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")


def get_current_user(token: Annotated[str, Depends(oauth2_scheme)]):
    if token != "alice":
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return {"username": token}


@app.get("/users/me")
def me(user: Annotated[dict, Depends(get_current_user)]):
    return user
