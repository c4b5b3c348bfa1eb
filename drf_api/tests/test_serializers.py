"""What DRF promises holds for these serializers and fields, too."""

from typing import Any, ClassVar

import pytest
from rest_framework import serializers

from drf_api.accounts.models import User
from drf_api.contract import strict
from drf_api.contract.errors import body_errors
from drf_api.contract.serializers import StrictModelSerializer, StrictSerializer
from drf_api.products.models import Product
from drf_api.products.serializers import ProductSerializer
from drf_api.todos.models import Tag, Todo, TodoTag
from drf_api.todos.serializers import TodoBulkSerializer


def not_too_much(volumes: list[float]) -> None:
    if sum(volumes) > 9:
        raise serializers.ValidationError("Must be less.")


class MugSerializer(StrictModelSerializer):
    """Derived fields, and fields and hooks of DRF's own."""

    title = serializers.CharField(source="name")
    site = serializers.URLField(required=False)
    volumes = strict.ListField(
        child=serializers.FloatField(), max_length=2, validators=[not_too_much], write_only=True
    )
    shout = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = ["id", "title", "site", "volumes", "shout", "active", "description"]
        extra_kwargs: ClassVar[Any] = {
            "active": {"required": True},
            "description": {"default": "-"},
        }

    def get_shout(self, mug: Product) -> str:
        return str(mug.name).upper()

    def to_representation(self, instance: Product) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {**shown, "count": len(shown)}

    def validate_title(self, value: str) -> str:
        if value == "cup":
            raise serializers.ValidationError("Must be no cup.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["name"] == "pot":
            raise serializers.ValidationError("Must be no pot.")
        return attrs


def test_representation() -> None:
    mug = Product(name="mug", description="red")
    assert MugSerializer(mug).data == {
        "id": str(mug.pk),
        "title": "mug",
        "shout": "MUG",
        "active": True,
        "description": "red",
        "count": 5,
    }


def test_validation() -> None:
    serializer = MugSerializer(data={"id": 5, "title": "mug", "active": False, "volumes": [1]})
    assert serializer.is_valid()
    assert serializer.validated_data == {
        "name": "mug",
        "active": False,
        "volumes": [1.0],
        "description": "-",
    }


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"title": "cup"}, [("/title", "invalid_format", "Must be no cup.")]),
        ({"title": "pot"}, [("", "invalid_format", "Must be no pot.")]),
        ({"active": "yes"}, [("/active", "invalid_type", "Must be a boolean.")]),
        ({"site": "nowhere"}, [("/site", "invalid_format", "Enter a valid URL.")]),
        ({"volumes": [1, 2, 3]}, [("/volumes", "too_many_items", "Must have 2 or fewer entries.")]),
        ({"volumes": ["a"]}, [("/volumes/0", "invalid_format", "A valid number is required.")]),
        ({"volumes": [5, 5]}, [("/volumes", "invalid_format", "Must be less.")]),
        ({"volumes": 5}, [("/volumes", "invalid_type", "Must be an array.")]),
        (
            {"non_field_errors": 5},
            [("/non_field_errors", "unknown_property", "This property is not known here.")],
        ),
        ({"description": None}, [("/description", "null_not_allowed", "Must not be null.")]),
    ],
)
def test_errors(sent: dict[str, Any], errors: list[tuple[str, str, str]]) -> None:
    data = {"title": "mug", "active": True, "volumes": [], **sent}
    serializer = MugSerializer(data=data)
    assert not serializer.is_valid()
    found = body_errors(serializer.errors, serializer)
    assert [(each["pointer"], each["code"], each["detail"]) for each in found] == errors


class TodoTagSerializer(StrictModelSerializer):
    """Two derived relations, whose ids are of different types."""

    class Meta:
        model = TodoTag
        fields = ["todo", "tag"]


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({}, []),
        ({"todo": 5}, [("/todo", "invalid_type")]),
        ({"todo": "5"}, [("/todo", "invalid_format")]),
        ({"todo": "0198c5a0-0000-7000-8000-000000000000"}, [("/todo", "not_found")]),
        ({"tag": "other"}, [("/tag", "not_found")]),
        ({"tag": ""}, [("/tag", "not_found")]),
        ({"tag": None}, [("/tag", "null_not_allowed")]),
    ],
)
def test_derived_relations(alice: User, sent: dict[str, Any], errors: list[Any]) -> None:
    todo = Todo.objects.create(owner=alice, title="x")
    tag = Tag.objects.create(slug="shelf")
    serializer = TodoTagSerializer(data={"todo": str(todo.pk), "tag": "shelf", **sent})
    assert serializer.is_valid() == (not errors)
    found = body_errors(serializer.errors, serializer) if errors else []
    assert [(each["pointer"], each["code"]) for each in found] == errors
    if not errors:
        assert TodoTagSerializer(serializer.save()).data == {"todo": str(todo.pk), "tag": tag.pk}


@pytest.mark.parametrize("serializer_class", [MugSerializer, TodoBulkSerializer])
def test_a_body_that_is_no_object(serializer_class: type[StrictSerializer]) -> None:
    serializer = serializer_class(data=[])
    assert not serializer.is_valid()
    [error] = body_errors(serializer.errors, serializer)
    assert error == {"pointer": "", "code": "invalid_type", "detail": "Must be an object."}


def test_fields_are_derived_from_the_model() -> None:
    fields = ProductSerializer().fields
    assert {name: type(field).__name__ for name, field in fields.items()} == {
        "id": "UUIDField",
        "sku": "CharField",
        "name": "CharField",
        "description": "CharField",
        "category": "CharField",
        "price": "DecimalField",
        "currency": "ChoiceField",
        "attributes": "AttributesField",
        "active": "BooleanField",
        "stock": "IntegerField",
        "created_at": "DateTimeField",
        "updated_at": "DateTimeField",
    }
    derived = [field for name, field in fields.items() if name != "attributes"]
    assert {type(field).__module__ for field in derived} == {strict.__name__}
