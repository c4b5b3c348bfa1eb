from hashlib import sha256

from django.views.decorators.http import condition
from ninja.decorators import decorate_view

from django_shop.api import api
from django_shop.models import Todo


def todo_etag(request, todo_id):
    row = Todo.objects.values_list().get(pk=todo_id)
    return f'"{sha256(repr(row).encode()).hexdigest()}"'


# condition() answers If-None-Match with 304 and If-Match with 412.
@api.get("/todos/{todo_id}")
@decorate_view(condition(etag_func=todo_etag))
def read_todo(request, todo_id: int):
    return {"title": Todo.objects.get(pk=todo_id).title}
