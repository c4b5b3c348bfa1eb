"""How products, their figures and their stock adjustments are read and written."""

from typing import Any

from drf_api.contract.errors import ProblemError, conflict, input_error
from drf_api.contract.serializers import RowSerializer, StrictModelSerializer, StrictSerializer
from drf_api.contract.strict import (
    AttributesField,
    BooleanField,
    ChoiceField,
    IdField,
    IntegerField,
    NonZeroIntegerField,
    PriceField,
    SkuField,
    SlugField,
    StringField,
    TimeField,
    TitleField,
)
from drf_api.products.models import (
    CURRENCIES,
    REASONS,
    InsufficientStockError,
    Product,
    StockAdjustment,
)


class ProductSerializer(StrictModelSerializer):
    """A product; its stock is changed by adjustments only."""

    id = IdField(read_only=True)
    sku = SkuField()
    name = TitleField()
    description = StringField(max_length=10000, default="")
    category = SlugField()
    price = PriceField()
    currency = ChoiceField(CURRENCIES)
    attributes = AttributesField(default=dict)
    active = BooleanField(default=True)
    stock = IntegerField(read_only=True)
    created_at = TimeField(read_only=True)
    updated_at = TimeField(read_only=True)

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

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a sku that another product has: 409, and only once all else is right."""
        if "sku" in attrs and Product.objects.has_sku(attrs["sku"], but=self.instance):
            raise conflict("sku")
        return attrs


class ProductSummaryItemSerializer(RowSerializer):
    """One category and currency in figures."""

    category = SlugField()
    currency = ChoiceField(CURRENCIES)
    products = IntegerField()
    units = IntegerField()
    lowest_price = PriceField()
    mean_price = PriceField()
    highest_price = PriceField()
    stock_value = PriceField()
    open_todos = IntegerField()


class ProductSummarySerializer(StrictSerializer):
    """The catalogue in figures."""

    items = ProductSummaryItemSerializer(many=True)


class StockAdjustmentSerializer(StrictModelSerializer):
    """A movement of a product's stock."""

    id = IdField(read_only=True)
    delta = NonZeroIntegerField(minimum=-1_000_000, maximum=1_000_000)
    reason = ChoiceField(REASONS)
    note = StringField(max_length=500, default="")
    balance = IntegerField(read_only=True)
    created_by = IdField(source="created_by_id", read_only=True)
    created_at = TimeField(read_only=True)

    class Meta:
        model = StockAdjustment
        fields = ["id", "delta", "reason", "note", "balance", "created_by", "created_at"]

    def create(self, validated_data: dict[str, Any]) -> StockAdjustment:
        product: Product = validated_data.pop("product")
        try:
            return product.adjust_stock(**validated_data)
        except InsufficientStockError as error:
            raise ProblemError(
                "insufficient-stock", [input_error("pointer", "/delta", "insufficient_stock")]
            ) from error
