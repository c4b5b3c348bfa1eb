from django.db import transaction
from django.shortcuts import get_object_or_404
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
@transaction.atomic
def create_todo(request, payload: TodoIn):
    data = payload.dict()
    items = data.pop("items")
    todo = Todo.objects.create(**data)
    for item in items:
        ChecklistItem.objects.create(todo=todo, **item)
    return todo


@api.put("/todos/{todo_id}", response=TodoIn)
@transaction.atomic
def update_todo(request, todo_id: int, payload: TodoIn):
    todo = get_object_or_404(Todo, id=todo_id)
    todo.title = payload.title
    todo.save()
    todo.items.all().delete()
    for item in payload.dict()["items"]:
        ChecklistItem.objects.create(todo=todo, **item)
    return todo
