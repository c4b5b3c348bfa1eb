"""The short way to a representation leads to the same as DRF's own."""

from typing import Any

import pytest
from rest_framework.serializers import ModelSerializer, Serializer

from drf_api.accounts.models import User
from drf_api.accounts.serializers import UserSerializer
from drf_api.products.models import Product
from drf_api.products.serializers import ProductSerializer
from drf_api.todos.models import Todo
from drf_api.todos.serializers import TodoSerializer


@pytest.fixture
def rows(alice: User) -> list[tuple[type[ModelSerializer[Any]], Any]]:
    product = Product.objects.create(sku="MUG", price=1, attributes={"b": "1", "a": "2"})
    entry = {
        "title": "x",
        "tag_list": ["a", "b"],
        "item_list": [{"text": "one", "done": True}],
        "product_id": product.pk,
    }
    Todo.objects.create_all(alice, [entry])
    product.refresh_from_db()
    todo = Todo.objects.with_lists().get()
    return [(UserSerializer, alice), (ProductSerializer, product), (TodoSerializer, todo)]


def test_representations(rows: list[tuple[type[ModelSerializer[Any]], Any]]) -> None:
    for kind, row in rows:
        serializer = kind(row)
        assert serializer.data == Serializer.to_representation(serializer, row)
        assert list(serializer.data) == [
            name for name in kind.Meta.fields if not serializer.fields[name].write_only
        ]
