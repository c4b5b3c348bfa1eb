from django.core.cache import cache
from rest_framework import generics
from rest_framework.response import Response

from django_shop.models import Todo


class TodoList(generics.ListCreateAPIView):
    queryset = Todo.objects.all()

    def create(self, request, *args, **kwargs):
        key = request.headers.get("Idempotency-Key")
        if key and (data := cache.get(key)):
            return Response(data, status=201)
        response = super().create(request, *args, **kwargs)
        if key:
            cache.set(key, response.data, timeout=86400)
        return response
