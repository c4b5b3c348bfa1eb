from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Schema

from django_shop.api import api
from django_shop.models import Product, Todo


class TodoIn(Schema):
    title: str
    product_id: UUID | None = None


@api.post("/todos", response=TodoIn)
def create_todo(request, payload: TodoIn):
    if payload.product_id:
        get_object_or_404(Product, id=payload.product_id)
    return Todo.objects.create(**payload.dict())
