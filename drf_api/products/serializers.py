"""Representations of products, of the catalogue in figures and of stock adjustments."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from drf_api.contract.errors import ProblemError, input_error
from drf_api.contract.serializers import StrictModelSerializer
from drf_api.contract.strict import CharField, not_blank, require_type
from drf_api.products.models import InsufficientStockError, Product, StockAdjustment

MAX_ATTRIBUTES = 20
MAX_ATTRIBUTE_NAME = 50
MAX_ATTRIBUTE = 200
MAX_DELTA = 1_000_000


def not_zero(value: int) -> None:
    """Validate that a number is another than 0."""
    if value == 0:
        raise ValidationError(code="zero")


class AttributesField(serializers.DictField):
    """A map of names to texts; PATCH merges it with the stored one (RFC 7396)."""

    child = CharField(max_length=MAX_ATTRIBUTE, allow_blank=True)
    max_length = MAX_ATTRIBUTES

    def to_internal_value(self, data: Any) -> dict[str, str]:
        require_type(data, dict)
        merged = data
        if getattr(self.root, "partial", False):
            instance = getattr(self.parent, "instance", None)
            stored: Any = {} if instance is None else self.get_attribute(instance)
            merged = {name: text for name, text in {**stored, **data}.items() if text is not None}
        if len(merged) > self.max_length:
            raise ValidationError(code="max_length")
        errors: dict[str, Any] = {
            name: [ErrorDetail("", "invalid_name")]
            for name in data
            if not 1 <= len(name) <= MAX_ATTRIBUTE_NAME or "\0" in name
        }
        try:
            attributes: dict[str, str] = super().to_internal_value(merged)
        except ValidationError as error:
            errors = {**error.detail, **errors}  # type: ignore[dict-item] # it is by name
        if errors:
            raise ValidationError(errors)
        return attributes

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return dict(sorted(value.items()))


class ProductSerializer(StrictModelSerializer):
    """A product; its stock is changed by adjustments only."""

    attributes = AttributesField(default=dict)

    class Meta:
        model = Product
        fields = [
            "id",
            "sku",
            "name",
            "description",
            "category",
            "price",
            "currency",
            "attributes",
            "active",
            "stock",
            "created_at",
            "updated_at",
        ]
        extra_kwargs: ClassVar[Any] = {
            # Patterns judge an empty text, too.
            "sku": {"allow_blank": True},
            "name": {"validators": [not_blank]},
            "description": {"max_length": 10_000},
            "category": {"allow_blank": True},
        }


def money() -> serializers.DecimalField:
    """Declare an amount without an upper bound."""
    return serializers.DecimalField(max_digits=None, decimal_places=2)


class ProductSummarySerializer(serializers.Serializer[Any]):
    """One category and currency in figures."""

    category = serializers.CharField()
    currency = serializers.CharField()
    products = serializers.IntegerField()
    units = serializers.IntegerField()
    lowest_price = money()
    mean_price = money()
    highest_price = money()
    stock_value = money()
    open_todos = serializers.IntegerField()


class StockAdjustmentSerializer(StrictModelSerializer):
    """A movement of a product's stock."""

    class Meta:
        model = StockAdjustment
        fields = ["id", "delta", "reason", "note", "balance", "created_by", "created_at"]
        read_only_fields = ["balance", "created_by", "created_at"]
        extra_kwargs: ClassVar[Any] = {
            "delta": {
                "min_value": -MAX_DELTA,
                "max_value": MAX_DELTA,
                "validators": [not_zero],
            },
        }

    def create(self, validated_data: dict[str, Any]) -> StockAdjustment:
        product: Product = validated_data.pop("product")
        try:
            return product.adjust_stock(**validated_data)
        except InsufficientStockError as error:
            raise ProblemError(
                "insufficient-stock", [input_error("pointer", "/delta", "insufficient_stock")]
            ) from error
