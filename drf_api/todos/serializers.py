"""Representations of todos."""

from typing import Any, ClassVar

from django.db.models import prefetch_related_objects
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from drf_api.contract.serializers import (
    ReplacingListSerializer,
    StrictModelSerializer,
    StrictSerializer,
)
from drf_api.contract.strict import (
    SLUG,
    CharField,
    ListField,
    PrimaryKeyRelatedField,
    UUIDField,
    not_blank,
)
from drf_api.products.models import Product
from drf_api.todos.models import ChecklistItem, Tag, Todo, TodoTag

MAX_TAGS = 20
MAX_ITEMS = 100
MAX_BULK = 100


class TagsField(ListField):
    """A set of slugs, sorted; tags are made when a todo first has them."""

    child = CharField(max_length=50, allow_blank=True, validators=[SLUG])

    def to_internal_value(self, data: Any) -> list[str]:
        tags = super().to_internal_value(data)
        duplicates = [index for index, tag in enumerate(tags) if tag in tags[:index]]
        if duplicates:
            errors = {str(index): [ErrorDetail("", "duplicate")] for index in duplicates}
            raise ValidationError(errors)
        return tags

    def to_representation(self, value: Any) -> list[str]:
        return [tag.slug for tag in value.all()]


class ProductField(PrimaryKeyRelatedField):
    """The id of a product, which a bulk has fetched with all of its others."""

    def to_internal_value(self, data: Any) -> Product:
        products: dict[Any, Product] | None = self.context.get("products")
        if products is None:
            product: Product = super().to_internal_value(data)
            return product
        product_id = UUIDField().to_internal_value(data)
        if product_id not in products:
            self.fail("does_not_exist", pk_value=product_id)
        return products[product_id]


class ChecklistItemSerializer(StrictModelSerializer):
    """One step of a todo."""

    class Meta:
        model = ChecklistItem
        fields = ["id", "text", "done"]
        extra_kwargs: ClassVar[Any] = {"text": {"validators": [not_blank]}}
        list_serializer_class = ReplacingListSerializer


class TodoSerializer(StrictModelSerializer):
    """A todo; sending `items` makes new ones, with new ids."""

    tags = TagsField(max_length=MAX_TAGS, default=list)
    items = ChecklistItemSerializer(many=True, max_length=MAX_ITEMS, default=list)  # type: ignore[call-arg] # the list's
    progress = serializers.SerializerMethodField()
    product_id = ProductField(
        source="product", queryset=Product.objects.all(), allow_null=True, default=None
    )

    class Meta:
        model = Todo
        fields = [
            "id",
            "title",
            "notes",
            "completed",
            "completed_at",
            "priority",
            "due_at",
            "tags",
            "items",
            "progress",
            "product_id",
            "created_at",
            "updated_at",
        ]
        extra_kwargs: ClassVar[Any] = {
            "title": {"validators": [not_blank]},
            "notes": {"max_length": 10_000},
        }

    def get_progress(self, todo: Todo) -> dict[str, int]:
        items = todo.items.all()
        return {"done": sum(item.done for item in items), "total": len(items)}

    def create(self, validated_data: dict[str, Any]) -> Todo:
        tags, items = validated_data.pop("tags", ()), validated_data.pop("items", ())
        todo: Todo = super().create(validated_data)
        Tag.objects.ensure(tags)
        TodoTag.objects.bulk_create([TodoTag(todo=todo, tag_id=slug) for slug in tags])
        ChecklistItem.objects.bulk_create(todo.checklist(items))
        prefetch_related_objects([todo], "tags", "items")
        return todo

    def update(self, instance: Todo, validated_data: dict[str, Any]) -> Todo:
        items = validated_data.pop("items", None)
        Tag.objects.ensure(validated_data.get("tags", ()))
        todo: Todo = super().update(instance, validated_data)
        if items is not None:
            todo.items.all().delete()
            ChecklistItem.objects.bulk_create(todo.checklist(items))
        return todo


class TodoBulkSerializer(StrictSerializer):
    """Several todos, all or none."""

    todos = TodoSerializer(many=True, min_length=1, max_length=MAX_BULK)  # type: ignore[call-arg] # the list's

    def to_internal_value(self, data: Any) -> Any:
        """Fetch all products at once that the todos refer to."""
        todos = data.get("todos") if isinstance(data, dict) else None
        entries = todos[:MAX_BULK] if isinstance(todos, list) else []
        sent = [entry.get("product_id") for entry in entries if isinstance(entry, dict)]
        ids = [text for text in sent if isinstance(text, str) and UUIDField.pattern.fullmatch(text)]
        self.context["products"] = Product.objects.in_bulk(ids)  # type: ignore[index]
        return super().to_internal_value(data)

    def create(self, validated_data: dict[str, Any]) -> dict[str, list[Todo]]:
        todos = Todo.objects.create_all(validated_data["owner"], validated_data["todos"])
        return {"todos": todos}
