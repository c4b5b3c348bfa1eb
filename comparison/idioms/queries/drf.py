from django.core.paginator import Paginator
from django.db.models import Count

from django_shop.models import Todo

urgent = (
    Todo.objects.filter(completed=False, tags__slug="home")
    .prefetch_related("tags")
    .order_by("due_at")
)
page = Paginator(urgent, per_page=20).get_page(1)
open_by_priority = Todo.objects.values("priority").annotate(
    number=Count("id")
)
