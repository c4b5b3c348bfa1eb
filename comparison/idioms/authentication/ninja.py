from django.contrib.auth.models import User
from ninja.security import HttpBearer

from django_shop.api import api


class AuthBearer(HttpBearer):
    def authenticate(self, request, token):
        if token == "supersecret":
            return User.objects.get(username="alice")


@api.get("/users/me", auth=AuthBearer())
def me(request):
    return {"username": request.auth.username}
