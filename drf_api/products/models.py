"""The catalogue and the movements of its stock."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce, Round
from django.db.models.sql.constants import LOUTER
from django.utils import timezone
from django_cte import CTE, with_cte

from drf_api.accounts.models import User
from drf_api.contract.database import (
    CodePointCharField,
    CodePointTextField,
    JSONField,
    TimeField,
    new_id,
)
from drf_api.contract.statements import ObjectStatement, Parameter, Statement

CURRENCIES = ["AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "NOK", "NZD", "PLN", "SEK", "USD"]
REASONS = ["received", "sold", "returned", "damaged", "corrected"]
SPLIT = 100_000  # cents
CENT = Decimal("0.01")


class InsufficientStockError(Exception):
    """An adjustment would take the stock below zero."""


class Figures(NamedTuple):
    """One category and currency of the catalogue in figures."""

    category: str
    currency: str
    products: int
    units: int
    lowest_price: Decimal
    cents: int
    highest_price: Decimal
    value_high: int
    value_low: int
    open_todos: int

    @property
    def mean_price(self) -> Decimal:
        """Rounded half up."""
        return (Decimal(self.cents) / 100 / self.products).quantize(CENT, ROUND_HALF_UP)

    @property
    def stock_value(self) -> Decimal:
        """Of all units."""
        return Decimal(self.value_high * SPLIT + self.value_low) / 100


class ProductQuerySet(models.QuerySet["Product"]):
    """The products."""

    def containing(self, text: str | Parameter) -> "ProductQuerySet":
        """Those whose sku or name contain a text, whose ASCII is lower-case."""
        return self.filter(Q(sku__contains_lowered=text) | Q(name__contains_lowered=text))

    def has_sku(self, sku: str, *, but: "Product | None") -> bool:
        """Tell whether another product has a sku."""
        return self.filter(sku=sku).exclude(pk=but.pk if but else new_id()).exists()

    def locked(self, product_id: UUID) -> "Product | None":
        """Lock and fetch one of them."""
        product: Product | None = LOCKED.first(id=product_id)
        return product

    def has(self, product_id: UUID | str) -> bool:
        """Tell whether there is such a product."""
        return bool(KNOWN.rows(id=product_id))

    def existing(self, ids: Iterable[UUID | str]) -> set[UUID]:
        """Tell which of these ids belong to products."""
        return set(self.filter(pk__in=ids).values_list("pk", flat=True))

    def figures(self) -> QuerySet["Product", Any]:
        """Sum the catalogue up per category and currency, in one statement.

        Money is summed in whole cents, because SQLite adds up decimals as floats.
        """
        cents = Cast(Round(F("price") * 100), models.BigIntegerField())
        todos = apps.get_model("todos", "Todo").objects
        # Counted once, where Django's own subqueries would count for each product anew.
        open_todos = CTE(
            todos.filter(completed=False, product__isnull=False)
            .order_by()
            .values("product")
            .annotate(number=Count("pk")),
            name="open_todos",
        )
        products = open_todos.join(self, id=open_todos.col.product, _join_type=LOUTER)
        figures: QuerySet[Product, Any] = (
            with_cte(open_todos, select=products.alias(price_cents=cents))
            .values("category", "currency")
            .annotate(
                products=Count("pk"),
                units=Sum("stock"),
                lowest_price=Min("price"),
                cents=Sum("price_cents"),
                highest_price=Max("price"),
                # In two parts: a price times a stock may need more than 64 bits.
                value_high=Sum(F("price_cents") / SPLIT * F("stock")),
                value_low=Sum(F("price_cents") % SPLIT * F("stock")),
                open_todos=Coalesce(Sum(open_todos.col.number), Value(0)),
            )
            .order_by("category", "currency")
        )
        return figures


class Product(models.Model):
    """Something that the shop sells; its stock is the sum of its adjustments."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sku = CodePointCharField(max_length=32)
    name = CodePointCharField(max_length=200)
    description = CodePointTextField(default="", blank=True)
    category = CodePointCharField(max_length=50)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3, choices=[(name, name) for name in CURRENCIES])
    attributes = JSONField(default=dict, blank=True)
    active = models.BooleanField(default=True)
    stock = models.BigIntegerField(default=0, editable=False)
    created_at = TimeField(default=timezone.now, editable=False)
    updated_at = TimeField(editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        db_table = "products"
        constraints = [
            models.UniqueConstraint(fields=["sku"], name="uq_products_sku"),
            models.CheckConstraint(condition=Q(stock__gte=0), name="ck_products_stock"),
            # `Value` keeps the number a number: SQLite would be given the text of a decimal.
            models.CheckConstraint(condition=Q(price__gte=Value(0)), name="ck_products_price"),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="ix_products_created_at_id"),
            models.Index(fields=["name", "id"], name="ix_products_name_id"),
            models.Index(fields=["price", "id"], name="ix_products_price_id"),
            models.Index(fields=["stock", "id"], name="ix_products_stock_id"),
            models.Index(fields=["category", "currency"], name="ix_products_category_currency"),
        ]

    def __str__(self) -> str:
        return str(self.sku)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the product; what is set together shows one time."""
        self.updated_at = self.created_at if self._state.adding else timezone.now()
        super().save(*args, **kwargs)

    def adjust_stock(self, by: User, delta: int, reason: str, note: str = "") -> "StockAdjustment":
        """Move the stock of a product whose row is locked.

        Raises InsufficientStockError if it would go below zero.
        """
        if self.stock + delta < 0:
            raise InsufficientStockError
        now = timezone.now()
        self.stock, self.updated_at = self.stock + delta, now
        Product.objects.filter(pk=self.pk).update(stock=self.stock, updated_at=now)
        return StockAdjustment.objects.create(
            product=self,
            delta=delta,
            reason=reason,
            note=note,
            balance=self.stock,
            created_by=by,
            created_at=now,
        )


KNOWN = Statement(lambda: Product.objects.filter(pk=Parameter("id")), ["id"])
LOCKED = ObjectStatement(
    lambda: Product.objects.select_for_update().filter(pk=Parameter("id")), Product
)


class StockAdjustment(models.Model):
    """A movement of a product's stock; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="stock_adjustments", db_index=False
    )
    delta = models.IntegerField()
    reason = models.CharField(max_length=20, choices=[(name, name) for name in REASONS])
    note = models.CharField(max_length=500, default="", blank=True)
    balance = models.BigIntegerField()
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="stock_adjustments", db_index=False
    )
    created_at = TimeField()

    class Meta:
        db_table = "stock_adjustments"
        constraints = [
            models.CheckConstraint(condition=~Q(delta=0), name="ck_stock_adjustments_delta"),
            models.CheckConstraint(
                condition=Q(balance__gte=0), name="ck_stock_adjustments_balance"
            ),
        ]
        indexes = [
            models.Index(
                fields=["product", "created_at", "id"],
                name="ix_stock_adjustments_product_id_created_at_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.delta:+}"
