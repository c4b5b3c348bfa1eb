from fastapi import HTTPException
from pydantic import BaseModel, EmailStr
from sqlalchemy.exc import IntegrityError

from fastapi_shop.app import app
from fastapi_shop.models import SessionDep, User, get_password_hash


class UserOut(BaseModel):
    username: str
    email: EmailStr


class UserIn(UserOut):
    password: str


@app.post("/users", response_model=UserOut)
def create_user(data: UserIn, session: SessionDep):
    user = User(username=data.username, email=data.email)
    user.hashed_password = get_password_hash(data.password)
    session.add(user)
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(409, "This name or address is taken.")
    return user
