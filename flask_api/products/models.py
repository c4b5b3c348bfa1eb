"""The catalogue, and the movements of its stock."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Row,
    String,
    bindparam,
    cast,
    delete,
    func,
    not_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from flask_api.contract.database import (
    JSONObject,
    Model,
    Money,
    PrimaryKey,
    by_code_points,
    now,
    references,
)
from flask_api.contract.rows import Anything, execute, insert_rows, update_row
from flask_api.todos.models import Todo

CURRENCIES = ("AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "NOK", "NZD", "PLN", "SEK", "USD")
REASONS = ("received", "sold", "returned", "damaged", "corrected")
MAX_ATTRIBUTES = 20
SPLIT = 100_000  # cents


class InsufficientStockError(Exception):
    """A product's stock never goes below zero."""


class Product(Model):
    """Something that the shop sells; its stock is always the sum of its adjustments."""

    __tablename__ = "products"

    id: Mapped[PrimaryKey]
    sku: Mapped[str] = mapped_column(by_code_points(32), unique=True)
    name: Mapped[str] = mapped_column(by_code_points(200))
    description: Mapped[str] = mapped_column(by_code_points())
    category: Mapped[str] = mapped_column(by_code_points(50))
    price: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    attributes: Mapped[dict[str, str]] = mapped_column(JSONObject)
    active: Mapped[bool]
    stock: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("stock >= 0", "ck_products_stock"),
        CheckConstraint("price >= 0", "ck_products_price"),
        # As Django makes it for each column of JSON: without a name, and for nulls too.
        CheckConstraint("JSON_VALID(attributes) OR attributes IS NULL").ddl_if("sqlite"),
        Index(None, "created_at", "id"),
        Index(None, "name", "id"),
        Index(None, "price", "id"),
        Index(None, "stock", "id"),
        Index(None, "category", "currency"),
    )

    @classmethod
    def make(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Make a product, as a schema loads it."""
        moment = now()
        product = {**data, "id": uuid7(), "stock": 0, "created_at": moment, "updated_at": moment}
        insert_rows(cls, [product])
        return product

    @classmethod
    def change(cls, product: Row[*Anything], data: Mapping[str, Any]) -> dict[str, Any]:
        """Set some properties, as a schema loads them."""
        changed = {**data, "updated_at": now()}
        update_row(cls, product.id, changed)
        return {**product._asdict(), **changed}

    @classmethod
    def adjust(
        cls, product: Row[*Anything], data: Mapping[str, Any], user_id: UUID
    ) -> dict[str, Any]:
        """Move the stock of a product, which must be locked, by an adjustment."""
        balance = product.stock + data["delta"]
        if balance < 0:
            raise InsufficientStockError
        moment = now()
        update_row(cls, product.id, {"stock": balance, "updated_at": moment})
        adjustment = {
            **data,
            "id": uuid7(),
            "product_id": product.id,
            "balance": balance,
            "created_by_id": user_id,
            "created_at": moment,
        }
        insert_rows(StockAdjustment, [adjustment])
        return adjustment

    @classmethod
    def has_sku(cls, sku: str, but: UUID | None = None) -> bool:
        """Tell whether another product has a sku."""
        return execute(BY_SKU, {"sku": sku}).scalar() not in {None, but}

    @classmethod
    def existing(cls, ids: Iterable[UUID]) -> set[UUID]:
        """Tell which of these products there are."""
        wanted = set(ids)
        if not wanted:
            return wanted
        return set(execute(EXISTING, {"ids": [*wanted]}).scalars())

    @classmethod
    def summary(cls) -> list[dict[str, Any]]:
        """Sum up each category and currency, in cents, which both databases add up exactly."""
        return [
            {
                **row,
                "units": int(row["units"]),
                "mean_price": half_up(int(row["price_cents"]), row["products"]),
                "stock_value": from_cents(int(row["value_high"]) * SPLIT + int(row["value_low"])),
                "open_todos": int(row["open_todos"]),
            }
            for row in execute(SUMMARY).mappings()
        ]

    @classmethod
    def delete(cls, product_id: UUID) -> None:
        """Delete a product with its adjustments; todos about it remain."""
        execute(update(Todo).where(Todo.product_id == product_id).values(product_id=None))
        execute(delete(StockAdjustment).where(StockAdjustment.product_id == product_id))
        execute(delete(cls).where(cls.id == product_id))


BY_SKU = select(Product.id).where(Product.sku == bindparam("sku"))
EXISTING = select(Product.id).where(Product.id.in_(bindparam("ids", expanding=True)))
CENTS = cast(func.round(Product.price * 100), BigInteger)
OPEN_TODOS = (
    select(Todo.product_id, func.count().label("number"))
    .where(not_(Todo.completed), Todo.product_id.is_not(None))
    .group_by(Todo.product_id)
    .subquery()
)
SUMMARY = (
    select(
        Product.category,
        Product.currency,
        func.count().label("products"),
        func.sum(Product.stock).label("units"),
        func.min(Product.price).label("lowest_price"),
        func.max(Product.price).label("highest_price"),
        func.sum(CENTS).label("price_cents"),
        # In two parts: a price times a stock may need more than 64 bits.
        func.sum(CENTS // SPLIT * Product.stock).label("value_high"),
        func.sum(CENTS % SPLIT * Product.stock).label("value_low"),
        func.coalesce(func.sum(OPEN_TODOS.c.number), 0).label("open_todos"),
    )
    .outerjoin(OPEN_TODOS, OPEN_TODOS.c.product_id == Product.id)
    .group_by(Product.category, Product.currency)
    .order_by(Product.category, Product.currency)
)


def half_up(cents: int, count: int) -> Decimal:
    """Divide an amount, rounding half up."""
    return from_cents((2 * cents + count) // (2 * count))


def from_cents(cents: int) -> Decimal:
    """Turn whole cents into an amount of any size."""
    return Decimal(f"{cents // 100}.{cents % 100:02}")


class StockAdjustment(Model):
    """A movement of a product's stock; never changed, and deleted with the product only."""

    __tablename__ = "stock_adjustments"

    id: Mapped[PrimaryKey]
    product_id: Mapped[UUID] = mapped_column(references("products.id"))
    delta: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500))
    balance: Mapped[int] = mapped_column(BigInteger)
    created_by_id: Mapped[UUID | None] = mapped_column(references("users.id"))
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("NOT (delta = 0)", "ck_stock_adjustments_delta"),
        CheckConstraint("balance >= 0", "ck_stock_adjustments_balance"),
        Index(None, "product_id", "created_at", "id"),
    )

    @classmethod
    def forget_maker(cls, user_id: UUID) -> None:
        """Keep a user's adjustments, but not who made them."""
        made = cls.created_by_id == user_id
        execute(update(cls).where(made).values(created_by_id=None))
