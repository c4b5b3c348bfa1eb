"""The catalogue and the movements of its stock."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, F, Max, Min, Q, Sum, Value
from django.db.models.functions import Cast, Round
from django.utils import timezone

from drf_api.accounts.models import User
from drf_api.contract.database import CodePointCharField, CodePointTextField, TimeField, new_id
from drf_api.contract.openapi import FORMATS
from drf_api.contract.strict import SLUG

CURRENCIES = ["AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "NOK", "NZD", "PLN", "SEK", "USD"]
REASONS = ["received", "sold", "returned", "damaged", "corrected"]
CENTS_CHUNK = 100_000
CENT = Decimal("0.01")

SKU = RegexValidator(r"\A[A-Z0-9][A-Z0-9-]{2,31}\Z", FORMATS["sku"])


class InsufficientStockError(Exception):
    """An adjustment would take the stock below zero."""


class ProductQuerySet(models.QuerySet["Product"]):
    """Products, searched and summed up."""

    def search(self, text: str) -> "ProductQuerySet":
        """Select those whose sku or name contain a text."""
        return self.filter(Q(sku__icontains=text) | Q(name__icontains=text))

    def summary(self) -> list[dict[str, Any]]:
        """Sum the catalogue up per category and currency.

        Money is summed in whole cents, because SQLite adds up decimals as floats.
        """
        groups = (
            self.alias(price_cents=Cast(Round(F("price") * 100), models.BigIntegerField()))
            .values("category", "currency")
            .order_by("category", "currency")
            .annotate(
                products=Count("pk"),
                units=Sum("stock"),
                lowest_price=Min("price"),
                cents=Sum("price_cents"),
                highest_price=Max("price"),
                # In two parts: a price times a stock may need more than 64 bits.
                value_high=Sum(F("price_cents") / CENTS_CHUNK * F("stock")),
                value_low=Sum(F("price_cents") % CENTS_CHUNK * F("stock")),
            )
        )
        # Apart, as a join with the todos would count each product's stock once for each of them.
        counted = (
            self.filter(todos__completed=False)
            .values_list("category", "currency")
            .annotate(Count("todos"))
        )
        open_todos = {(category, currency): number for category, currency, number in counted}
        return [
            {
                **group,
                "mean_price": mean_price(group["cents"], group["products"]),
                "stock_value": stock_value(group["value_high"], group["value_low"]),
                "open_todos": open_todos.get((group["category"], group["currency"]), 0),
            }
            for group in groups
        ]


def stock_value(high: int, low: int) -> Decimal:
    """Return the value of all units, of its chunks of cents and the rest."""
    return Decimal(high * CENTS_CHUNK + low) / 100


def mean_price(cents: int, products: int) -> Decimal:
    """Return the mean of prices, rounded half up."""
    return (Decimal(cents) / 100 / products).quantize(CENT, ROUND_HALF_UP)


class Product(models.Model):
    """Something that the shop sells; its stock is the sum of its adjustments."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sku = CodePointCharField(max_length=32, validators=[SKU])
    name = CodePointCharField(max_length=200)
    description = CodePointTextField(default="", blank=True)
    category = CodePointCharField(max_length=50, validators=[SLUG])
    price = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3, choices=[(name, name) for name in CURRENCIES])
    attributes = models.JSONField(default=dict, blank=True)
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

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Store the product; what is set together shows one time."""
        self.updated_at = self.created_at if self._state.adding else timezone.now()
        if update_fields is not None:
            update_fields = {"updated_at", *update_fields}
        super().save(update_fields=update_fields, **kwargs)

    def clean(self) -> None:
        """Take an empty field of the admin site's form for no attributes."""
        self.attributes = self.attributes or {}

    def adjust_stock(self, by: User, delta: int, reason: str, note: str = "") -> "StockAdjustment":
        """Move the stock of a product whose row is locked.

        Raises InsufficientStockError if it would go below zero.
        """
        if self.stock + delta < 0:
            raise InsufficientStockError
        self.stock += delta
        self.save(update_fields=["stock"])
        return StockAdjustment.objects.create(
            product=self,
            delta=delta,
            reason=reason,
            note=note,
            balance=self.stock,
            created_by=by,
            created_at=self.updated_at,
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
