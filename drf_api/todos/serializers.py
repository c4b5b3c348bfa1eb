"""How todos are read and written."""

from typing import Any, cast

from drf_api.contract.serializers import StrictModelSerializer, StrictSerializer
from drf_api.contract.strict import (
    ArrayField,
    BooleanField,
    IdField,
    ProgressField,
    RankField,
    StringField,
    TagsField,
    TimeField,
    TitleField,
)
from drf_api.products.models import Product
from drf_api.todos.models import NORMAL, PRIORITIES, ChecklistItem, Todo


class ProductField(IdField):
    """The id of a product that exists."""

    def check(self, value: str) -> Any:
        product_id = super().check(value)
        among = self.context.get("known_products")  # all that a bulk refers to
        if not (Product.objects.has(product_id) if among is None else product_id in among):
            self.fail("not_found")
        return product_id


class ChecklistItemSerializer(StrictModelSerializer):
    """One step of a todo."""

    id = IdField(read_only=True)
    text = TitleField()
    done = BooleanField(default=False)

    class Meta:
        model = ChecklistItem
        fields = ["id", "text", "done"]


class TodoSerializer(StrictModelSerializer):
    """A todo; sending `items` makes new ones, with new ids."""

    id = IdField(read_only=True)
    title = TitleField()
    notes = StringField(max_length=10000, default="")
    completed = BooleanField(default=False)
    completed_at = TimeField(read_only=True)
    priority = RankField(PRIORITIES, default=NORMAL)
    due_at = TimeField(allow_null=True, default=None)
    tags = TagsField(source="tag_list", max_items=20, default=list)
    items = ArrayField(
        source="item_list", child=ChecklistItemSerializer(), max_items=100, default=list
    )
    progress = ProgressField(source="item_list", read_only=True)
    product_id = ProductField(allow_null=True, default=None)
    created_at = TimeField(read_only=True)
    updated_at = TimeField(read_only=True)

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

    def create(self, validated_data: dict[str, Any]) -> Todo:
        [todo] = Todo.objects.create_all(validated_data.pop("owner"), [validated_data])
        return todo

    def update(self, instance: Todo, validated_data: dict[str, Any]) -> Todo:
        return instance.change(validated_data)


class TodoBulkSerializer(StrictSerializer):
    """Up to 100 todos, all or none."""

    todos = ArrayField(child=TodoSerializer(), min_items=1, max_items=100)

    def to_internal_value(self, data: Any) -> Any:
        """Look up all products at once that the todos refer to."""
        todos = data.get("todos")
        entries = todos if isinstance(todos, list) else []
        sent = [entry.get("product_id") for entry in entries if isinstance(entry, dict)]
        ids = [text for text in sent if isinstance(text, str) and IdField.pattern.fullmatch(text)]
        context = cast("dict[str, Any]", self.context)
        context["known_products"] = Product.objects.existing(ids) if ids else set()
        return super().to_internal_value(data)

    def create(self, validated_data: dict[str, Any]) -> dict[str, list[Todo]]:
        todos = Todo.objects.create_all(validated_data["owner"], validated_data["todos"])
        return {"todos": todos}
