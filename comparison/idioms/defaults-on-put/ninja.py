from django.shortcuts import get_object_or_404
from ninja import ModelSchema

from django_shop.api import api
from django_shop.models import Todo


class TodoIn(ModelSchema):
    class Meta:
        model = Todo
        fields = ["title", "notes"]


@api.put("/todos/{todo_id}", response=TodoIn)
def put_todo(request, todo_id: int, payload: TodoIn):
    todo = get_object_or_404(Todo, id=todo_id)
    for name, value in payload.dict().items():
        setattr(todo, name, value)
    todo.save()
    return todo
