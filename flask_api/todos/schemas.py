"""How todos look."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from flask_api.contract import strict as fields
from flask_api.contract.errors import Code
from flask_api.contract.schemas import Schema
from flask_api.products.models import Product
from flask_api.todos.models import Priority


class ChecklistItemSchema(Schema):
    """A step of a todo."""

    id = fields.Id(dump_only=True)
    text = fields.Title(required=True)
    done = fields.Boolean(load_default=False)


class ProgressSchema(Schema):
    """How much of a checklist is done."""

    done = fields.Integer()
    total = fields.Integer()


class Progress(fields.Object):
    """How much of a checklist is done, shown of its items."""

    def show(self, value: Any) -> Any:
        return super().show({"done": sum(item.done for item in value), "total": len(value)})


class TodoSchema(Schema):
    """Something to do."""

    id = fields.Id(dump_only=True)
    title = fields.Title(required=True)
    notes = fields.LongText(load_default="")
    completed = fields.Boolean(load_default=False)
    completed_at = fields.DateTime(dump_only=True)
    priority = fields.EnumName(Priority, load_default=Priority.normal)
    due_at = fields.DateTime(load_default=None)
    tags = fields.DistinctList(fields.Slug(), max_items=20, load_default=list)
    items = fields.Objects(ChecklistItemSchema, max_items=100, load_default=list)
    progress = Progress(ProgressSchema, attribute="items", dump_only=True)
    product_id = fields.Id(load_default=None)
    created_at = fields.DateTime(dump_only=True)
    updated_at = fields.DateTime(dump_only=True)

    @validates_schema(pass_collection=True, skip_on_field_errors=False)
    def check_products(self, data: Any, many: bool, **_: Any) -> None:  # noqa: FBT001 – marshmallow passes it
        """Refuse references to products that don't exist, of all todos with one look."""
        wanted = {
            index: todo.get("product_id") for index, todo in enumerate(data if many else [data])
        }
        existing = Product.existing(filter(None, wanted.values()))
        missing = {
            index: {"product_id": [Code("not_found")]}
            for index, product_id in wanted.items()
            if product_id and product_id not in existing
        }
        if missing:
            raise ValidationError(missing if many else missing[0])


class TodoBulkSchema(Schema):
    """Several todos at once."""

    todos = fields.Objects(TodoSchema, min_items=1, max_items=100, required=True)
