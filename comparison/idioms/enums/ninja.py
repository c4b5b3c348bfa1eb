from ninja import Schema

from django_shop.models import Priority


class TodoIn(Schema):
    title: str
    priority: Priority = Priority.NORMAL


class TodoOut(TodoIn):
    id: int
