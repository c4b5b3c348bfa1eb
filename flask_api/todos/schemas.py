"""Todo schemas."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, post_load, validates, validates_schema
from sqlalchemy import select

from flask_api.contract import strict
from flask_api.contract.database import db
from flask_api.contract.errors import Code
from flask_api.contract.schemas import Schema
from flask_api.contract.strict import Length, not_blank, slug
from flask_api.products.models import Product
from flask_api.todos.models import ChecklistItem, Priority, Todo


def distinct(tags: list[str]) -> list[str]:
    """Refuse a tag that is repeated; `@validates` would be given the valid ones of a bad list."""
    duplicates = [index for index, tag in enumerate(tags) if tag in tags[:index]]
    if duplicates:
        raise ValidationError({index: [Code("duplicate")] for index in duplicates})
    return tags


class ChecklistItemSchema(Schema):
    """A step of a todo."""

    id = strict.UUID(dump_only=True)
    text = strict.String(required=True, validate=[Length(1, 200), not_blank])
    done = strict.Boolean(load_default=False)

    @post_load
    def make_item(self, data: dict[str, Any], **_: Any) -> ChecklistItem:
        """Make an item of what was sent."""
        return ChecklistItem(**data)


class TodoSchema(Schema):
    """Something to do."""

    id = strict.UUID(dump_only=True)
    title = strict.String(required=True, validate=[Length(1, 200), not_blank])
    notes = strict.String(validate=Length(max=10_000), load_default="")
    completed = strict.Boolean(load_default=False)
    completed_at = strict.DateTime(dump_only=True)
    priority = fields.Enum(Priority, load_default=Priority.normal)
    due_at = strict.DateTime(load_default=None)
    tags = strict.List(
        strict.String(validate=slug),
        validate=Length(max=20),
        post_load=distinct,
        load_default=list,
    )
    items = strict.List(
        fields.Nested(ChecklistItemSchema), validate=Length(max=100), load_default=list
    )
    progress = fields.Method("count_items")
    product_id = strict.UUID(load_default=None)
    created_at = strict.DateTime(dump_only=True)
    updated_at = strict.DateTime(dump_only=True)

    def count_items(self, todo: Todo) -> dict[str, int]:
        """Tell how much of the checklist is done."""
        return {"done": sum(item.done for item in todo.items), "total": len(todo.items)}

    @validates("product_id")
    def check_product(self, product_id: UUID | None, data_key: str) -> None:
        """Refuse a product that doesn't exist."""
        if product_id and missing_products([product_id]):
            raise ValidationError(Code("not_found"))


class TodoInBulkSchema(TodoSchema):
    """One of several todos, whose products are looked up together."""

    check_product = None  # no hook of this schema, so that there is one statement for all


class TodoBulkSchema(Schema):
    """Several todos at once."""

    todos = strict.List(fields.Nested(TodoInBulkSchema), required=True, validate=Length(1, 100))

    @validates_schema(skip_on_field_errors=False)
    def check_products(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse products that don't exist, whatever else is wrong."""
        ids = [todo.get("product_id") for todo in data.get("todos", ())]
        missing = missing_products(product_id for product_id in ids if product_id)
        if missing:
            raise ValidationError(
                {
                    "todos": {
                        index: {"product_id": [Code("not_found")]}
                        for index, product_id in enumerate(ids)
                        if product_id in missing
                    }
                }
            )


def missing_products(ids: Iterable[UUID]) -> set[UUID]:
    """Return the ids that no product has."""
    sought = {*ids}
    if not sought:
        return sought
    return sought - {*db.session.scalars(select(Product.id).where(Product.id.in_(sought)))}
