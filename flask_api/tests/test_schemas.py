"""The quick way to represent an object shows what marshmallow's own shows."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import marshmallow
import pytest

from flask_api.accounts.models import Token, User
from flask_api.accounts.schemas import NewTokenSchema, TokenSchema, UserSchema
from flask_api.contract.database import now
from flask_api.contract.schemas import Schema
from flask_api.products.models import Product, StockAdjustment
from flask_api.products.schemas import ProductSchema, StockAdjustmentSchema
from flask_api.todos.models import Item, Priority
from flask_api.todos.schemas import TodoSchema

ID = UUID(int=7)
MOMENT = now().replace(microsecond=0, year=33)
TIMES = {"created_at": MOMENT, "updated_at": MOMENT}
PRODUCT = Product(
    id=ID,
    sku="A",
    price=Decimal("1.5"),
    attributes={"b": "1", "a": "2"},
    active=True,
    stock=2**40,
    **TIMES,
)
TODO: dict[str, Any] = {
    "id": ID,
    "title": "é",
    "notes": "",
    "completed": False,
    "completed_at": None,
    "priority": Priority.high,
    "tags": ["a", "b"],
    "items": [Item(id=ID, text="x", done=True), Item(id=ID, text="y", done=False)],
    "due_at": MOMENT,
    "product_id": None,
    **TIMES,
}


@pytest.mark.parametrize(
    ("schema", "resource"),
    [
        (UserSchema(), User(id=ID, username="a", email="b", is_staff=True, created_at=MOMENT)),
        (TokenSchema(), Token(ID, 60)),
        (NewTokenSchema(), Token(ID, 60)),
        (ProductSchema(), PRODUCT),
        (StockAdjustmentSchema(), StockAdjustment(id=ID, delta=1, created_by_id=ID)),
        (TodoSchema(), TODO),
        (TodoSchema(), SimpleNamespace(**TODO)),
    ],
)
def test_dump(schema: Schema, resource: object) -> None:
    shown = schema.dump(resource)
    expected = marshmallow.Schema.dump(schema, resource)
    assert shown == expected
    assert list(shown) == list(expected) == list(schema.dump_fields)
    assert schema.dump([resource], many=True) == [expected]


def test_years_have_four_digits() -> None:
    assert TodoSchema().dump(TODO)["due_at"].startswith("0033-")
