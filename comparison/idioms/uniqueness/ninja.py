from django.contrib.auth.models import User
from django.db import IntegrityError
from ninja import ModelSchema
from ninja.errors import HttpError

from django_shop.api import api


class UserIn(ModelSchema):
    class Meta:
        model = User
        fields = ["username", "email", "password"]


class UserOut(ModelSchema):
    class Meta:
        model = User
        fields = ["username", "email"]


@api.post("/users", response=UserOut)
def create_user(request, payload: UserIn):
    try:
        return User.objects.create_user(**payload.dict())
    except IntegrityError:
        raise HttpError(409, "This name is taken.")
