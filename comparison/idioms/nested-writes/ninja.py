from ninja import Schema

from django_shop.api import api
from django_shop.models import ChecklistItem, Todo


class ChecklistItemIn(Schema):
    text: str
    done: bool = False


class TodoIn(Schema):
    title: str
    items: list[ChecklistItemIn] = []


@api.post("/todos", response=TodoIn)
def create_todo(request, payload: TodoIn):
    data = payload.dict()
    items = data.pop("items")
    todo = Todo.objects.create(**data)
    for item in items:
        ChecklistItem.objects.create(todo=todo, **item)
    return todo
