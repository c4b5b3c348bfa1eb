from ninja import Schema

from django_shop.api import api
from django_shop.models import Todo


class TagOut(Schema):
    slug: str


class TodoOut(Schema):
    title: str
    tags: list[TagOut]


@api.get("/todos", response=list[TodoOut])
def list_todos(request):
    return Todo.objects.prefetch_related("tags")
