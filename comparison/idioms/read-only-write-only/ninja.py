from django.contrib.auth.models import User
from ninja import ModelSchema
from pydantic import Field


class UserIn(ModelSchema):
    password: str = Field(min_length=8)

    class Meta:
        model = User
        fields = ["username", "email"]


class UserOut(ModelSchema):
    class Meta:
        model = User
        fields = ["id", "username", "email"]
