from pydantic import BaseModel, EmailStr, Field


class UserBase(BaseModel):
    username: str
    email: EmailStr


class UserIn(UserBase):
    password: str = Field(min_length=8)


class UserOut(UserBase):
    id: int
