from django.core.cache import cache
from ninja import Header, Schema

from django_shop.api import api
from django_shop.models import Todo


class TodoIn(Schema):
    title: str


@api.post("/todos", response=TodoIn)
def create_todo(
    request, payload: TodoIn, idempotency_key: Header[str] = ""
):
    if idempotency_key and (todo := cache.get(idempotency_key)):
        return todo
    todo = Todo.objects.create(**payload.dict())
    if idempotency_key:
        cache.set(idempotency_key, todo, timeout=86400)
    return todo
