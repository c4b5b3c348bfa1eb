from ninja import FilterSchema, ModelSchema, Query
from ninja.pagination import paginate

from django_shop.api import api
from django_shop.models import Todo


class TodoFilter(FilterSchema):
    completed: bool | None = None
    priority: int | None = None


class TodoOut(ModelSchema):
    class Meta:
        model = Todo
        fields = ["id", "title"]


@api.get("/todos", response=list[TodoOut])
@paginate
def list_todos(request, filters: Query[TodoFilter]):
    return filters.filter(Todo.objects.order_by("due_at"))
