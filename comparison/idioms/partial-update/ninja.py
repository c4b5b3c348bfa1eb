from django.shortcuts import get_object_or_404
from ninja import PatchDict, Schema
from ninja.orm import create_schema

from django_shop.api import api
from django_shop.models import ChecklistItem, Todo

ChecklistItemIn = create_schema(ChecklistItem, fields=["text"])


class TodoIn(Schema):
    title: str
    items: list[ChecklistItemIn]


@api.patch("/todos/{todo_id}", response=TodoIn)
def patch_todo(request, todo_id: int, payload: PatchDict[TodoIn]):
    todo = get_object_or_404(Todo, id=todo_id)
    if "items" in payload:
        todo.items.all().delete()
        for item in payload.pop("items") or []:
            ChecklistItem.objects.create(todo=todo, **item)
    for name, value in payload.items():
        setattr(todo, name, value)
    todo.save()
    return todo
