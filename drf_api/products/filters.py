"""What the catalogue can be filtered by."""

from typing import Any

from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from drf_api.contract.pagination import PageQuery
from drf_api.contract.strict import (
    BooleanParameter,
    ChoiceField,
    PriceField,
    SearchField,
    SlugField,
)
from drf_api.products.models import CURRENCIES, ProductQuerySet

SORTS = [
    "created_at",
    "-created_at",
    "name",
    "-name",
    "sku",
    "-sku",
    "price",
    "-price",
    "stock",
    "-stock",
]


class ProductQuery(PageQuery):
    """The parameters of the catalogue."""

    category = SlugField(required=False)
    currency = ChoiceField(CURRENCIES, required=False)
    min_price = PriceField(required=False)
    max_price = PriceField(required=False)
    in_stock = BooleanParameter(required=False)
    active = BooleanParameter(required=False)
    q = SearchField(required=False)
    sort = ChoiceField(SORTS, default="-created_at")


class ProductFilter(BaseFilterBackend):
    """Keeps the products that fit all parameters."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        products: ProductQuerySet = queryset
        for name, value in view.parameters.items():
            match name:
                case "category" | "currency" | "active":
                    products = products.filter(**{name: value})
                case "min_price":
                    products = products.filter(price__gte=value)
                case "max_price":
                    products = products.filter(price__lte=value)
                case "in_stock":
                    products = products.filter(stock__gt=0) if value else products.filter(stock=0)
                case "q":
                    products = products.containing(value)
        return products
