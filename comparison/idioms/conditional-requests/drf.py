from hashlib import sha256

from django.utils.decorators import method_decorator
from django.views.decorators.http import condition
from rest_framework import generics

from django_shop.models import Todo


def todo_etag(request, pk):
    row = Todo.objects.values_list().get(pk=pk)
    return f'"{sha256(repr(row).encode()).hexdigest()}"'


# condition() answers If-None-Match with 304 and If-Match with 412.
@method_decorator(condition(etag_func=todo_etag), name="dispatch")
class TodoDetail(generics.RetrieveUpdateAPIView):
    queryset = Todo.objects.all()
