from ninja import Schema

from django_shop.api import api
from django_shop.models import Todo


class TodoOut(Schema):
    title: str
    notes: str
    completed: bool


@api.get("/todos", response=list[TodoOut])
def list_todos(request):
    return Todo.objects.only("title", "notes", "completed")
