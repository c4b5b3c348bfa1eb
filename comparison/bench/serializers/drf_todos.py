"""Todos with Django REST framework: as its documentation declares them, and as the twin does."""

import os
from typing import Any

import django

os.environ.update({"APP_ENV": "development", "DJANGO_SETTINGS_MODULE": "drf_api.settings"})
django.setup()

from rest_framework import serializers  # noqa: E402 - needs the settings

from comparison.bench.serializers.todos import measure  # noqa: E402 – needs the settings
from drf_api.todos.serializers import TodoSerializer  # noqa: E402 – needs the settings

HIGH = 3


class PlainItem(serializers.Serializer[Any]):
    """A step of a todo, with the library's own fields."""

    id = serializers.UUIDField(read_only=True)
    text = serializers.CharField(max_length=200)
    done = serializers.BooleanField(default=False)


class PlainProgress(serializers.Serializer[Any]):
    """How much is done."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()


class PlainTodo(serializers.Serializer[Any]):
    """A todo, with the library's own fields."""

    id = serializers.UUIDField(read_only=True)
    title = serializers.CharField(max_length=200)
    notes = serializers.CharField(default="", allow_blank=True)
    completed = serializers.BooleanField(default=False)
    completed_at = serializers.DateTimeField(read_only=True)
    priority = serializers.ChoiceField(["low", "normal", "high", "urgent"], default="normal")
    due_at = serializers.DateTimeField(default=None, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(), default=list)
    items = PlainItem(many=True, default=list)
    progress = PlainProgress(read_only=True)
    product_id = serializers.UUIDField(default=None, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


def loaded(serializer: type[serializers.Serializer[Any]], bodies: list[Any]) -> Any:
    """Validate bodies."""
    bound = serializer(data=bodies, many=True)
    bound.is_valid(raise_exception=True)
    return bound.validated_data


if __name__ == "__main__":
    measure(
        {
            ("dump", "plain"): lambda todos: PlainTodo(todos, many=True).data,
            ("dump", "twin"): lambda todos: TodoSerializer(todos, many=True).data,
            ("load", "plain"): lambda bodies: loaded(PlainTodo, bodies),
            ("load", "twin"): lambda bodies: loaded(TodoSerializer, bodies),
        },
        HIGH,
    )
