"""Which products a list has, and in which order."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, or_

from flask_api.core import fields
from flask_api.core.database import containing
from flask_api.core.pagination import PageQuery, Sort, SortKey, time_key
from flask_api.products.models import CURRENCIES, Product

SORT_KEYS = {
    "created_at": time_key(Product.created_at),
    "name": SortKey((Product.name,), "name"),
    "sku": SortKey((Product.sku,), "sku"),
    "price": SortKey((Product.price,), "price", str, lambda text: (Decimal(text),)),
    "stock": SortKey((Product.stock,), "stock"),
}
FILTERS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "category": lambda category: Product.category == category,
    "currency": lambda currency: Product.currency == currency,
    "min_price": lambda price: Product.price >= price,
    "max_price": lambda price: Product.price <= price,
    "in_stock": lambda in_stock: Product.stock > 0 if in_stock else Product.stock == 0,
    "active": lambda active: Product.active == active,
    "q": lambda text: or_(
        containing(Product.sku, text),
        containing(Product.name, text),
        containing(Product.description, text),
    ),
}


class ProductQuery(PageQuery):
    """The parameters of the catalogue."""

    category = fields.Slug()
    currency = fields.Choice(CURRENCIES)
    min_price = fields.Price()
    max_price = fields.Price()
    in_stock = fields.QueryBoolean()
    active = fields.QueryBoolean()
    q = fields.SearchText()
    sort = Sort(SORT_KEYS)
