"""How the catalogue can be filtered and sorted."""

from typing import Any

from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from drf_api.contract.pagination import PageQuery
from drf_api.contract.parameters import TRUE_OR_FALSE
from drf_api.contract.strict import SLUG, CharField, ChoiceField, DecimalField
from drf_api.products.models import CURRENCIES, ProductQuerySet

COLUMNS = ["created_at", "name", "sku", "price", "stock"]
SORTS = [f"{sign}{column}" for column in COLUMNS for sign in ("", "-")]


class ProductQuery(PageQuery):
    """The query of the catalogue."""

    category = CharField(max_length=50, allow_blank=True, validators=[SLUG], required=False)
    currency = ChoiceField(CURRENCIES, required=False)
    min_price = DecimalField(max_digits=10, decimal_places=2, required=False)
    max_price = DecimalField(max_digits=10, decimal_places=2, required=False)
    in_stock = ChoiceField(TRUE_OR_FALSE, required=False)
    active = ChoiceField(TRUE_OR_FALSE, required=False)
    q = CharField(max_length=100, required=False)
    sort = ChoiceField(SORTS, required=False)


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
                    products = products.search(value)
        return products
