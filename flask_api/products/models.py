"""The catalogue, and the movements of its stock."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    Index,
    String,
    cast,
    delete,
    event,
    func,
    not_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flask_api.accounts.models import User
from flask_api.contract.database import (
    JSONObject,
    Model,
    Money,
    PrimaryKey,
    collated_c,
    db,
    deferred_fk,
    now,
)

CURRENCIES = ("AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "NOK", "NZD", "PLN", "SEK", "USD")
REASONS = ("received", "sold", "returned", "damaged", "corrected")
CENTS_CHUNK = 100_000


class InsufficientStockError(Exception):
    """A product's stock never goes below zero."""


class Product(Model):
    """Something that the shop sells; its stock is always the sum of its adjustments."""

    __tablename__ = "products"

    id: Mapped[PrimaryKey]
    sku: Mapped[str] = mapped_column(collated_c(32), unique=True)
    name: Mapped[str] = mapped_column(collated_c(200))
    description: Mapped[str] = mapped_column(collated_c())
    category: Mapped[str] = mapped_column(collated_c(50))
    price: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    attributes: Mapped[dict[str, str]] = mapped_column(JSONObject)
    active: Mapped[bool]
    stock: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    adjustments: Mapped[list["StockAdjustment"]] = relationship(
        back_populates="product", cascade="all, delete-orphan", passive_deletes=True
    )
    # By its name, as its module imports this one.
    todos: Mapped[list[Any]] = relationship("Todo", back_populates="product", passive_deletes="all")

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

    def update(self, data: Mapping[str, Any]) -> None:
        """Set properties, as the schema loads them."""
        for name, value in data.items():
            setattr(self, name, value)
        self.updated_at = now()

    def adjust(self, delta: int, reason: str, note: str, user: User) -> "StockAdjustment":
        """Move the stock by so many units; the product must be locked.

        Raises InsufficientStockError if it would go below zero.
        """
        if self.stock + delta < 0:
            raise InsufficientStockError
        self.stock += delta
        self.updated_at = now()
        adjustment = StockAdjustment(
            product=self,
            delta=delta,
            reason=reason,
            note=note,
            balance=self.stock,
            created_by=user,
            created_at=self.updated_at,
        )
        db.session.add(adjustment)
        return adjustment

    @classmethod
    def summary(cls) -> list[dict[str, Any]]:
        """Sum up each category and currency, in cents, which both databases add up exactly."""
        cents = cast(func.round(cls.price * 100), BigInteger)
        todo = cls.todos.mapper.class_
        open_todos = (
            select(todo.product_id, func.count().label("number"))
            .where(not_(todo.completed), todo.product_id.is_not(None))
            .group_by(todo.product_id)
            .subquery()
        )
        rows = db.session.execute(
            select(
                cls.category,
                cls.currency,
                func.count().label("products"),
                func.sum(cls.stock).label("units"),
                func.min(cls.price).label("lowest_price"),
                func.max(cls.price).label("highest_price"),
                func.sum(cents).label("price_cents"),
                # In two parts: a price times a stock may need more than 64 bits.
                func.sum(cents // CENTS_CHUNK * cls.stock).label("value_high"),
                func.sum(cents % CENTS_CHUNK * cls.stock).label("value_low"),
                func.coalesce(func.sum(open_todos.c.number), 0).label("open_todos"),
            )
            .outerjoin(open_todos, open_todos.c.product_id == cls.id)
            .group_by(cls.category, cls.currency)
            .order_by(cls.category, cls.currency)
        )
        return [
            {
                **row,
                "mean_price": half_up(int(row["price_cents"]), row["products"]),
                "stock_value": from_cents(
                    int(row["value_high"]) * CENTS_CHUNK + int(row["value_low"])
                ),
            }
            for row in rows.mappings()
        ]


def half_up(cents: int, count: int) -> Decimal:
    """Divide cents by a count, rounding half up to whole cents."""
    return from_cents((2 * cents + count) // (2 * count))


def from_cents(cents: int) -> Decimal:
    """Turn whole cents into an amount of any size."""
    return Decimal(f"{cents // 100}.{cents % 100:02}")


class StockAdjustment(Model):
    """A movement of a product's stock; never changed, and deleted with the product only."""

    __tablename__ = "stock_adjustments"

    id: Mapped[PrimaryKey]
    product_id: Mapped[UUID] = mapped_column(deferred_fk("products.id"))
    delta: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500))
    balance: Mapped[int] = mapped_column(BigInteger)
    created_by_id: Mapped[UUID | None] = mapped_column(deferred_fk("users.id"))
    created_at: Mapped[datetime]

    product: Mapped[Product] = relationship(back_populates="adjustments")
    created_by: Mapped[User | None] = relationship(back_populates="stock_adjustments")

    __table_args__ = (
        CheckConstraint("NOT (delta = 0)", "ck_stock_adjustments_delta"),
        CheckConstraint("balance >= 0", "ck_stock_adjustments_balance"),
        Index(None, "product_id", "created_at", "id"),
    )


@event.listens_for(Product, "before_delete")
def delete_adjustments(_mapper: Any, connection: Connection, product: Product) -> None:
    """Delete a product's adjustments by one statement, instead of loading them."""
    connection.execute(delete(StockAdjustment).where(StockAdjustment.product_id == product.id))
