"""Which products a list has, and in which order."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import fields
from marshmallow.validate import OneOf
from sqlalchemy import Select, or_

from flask_api.contract import strict
from flask_api.contract.database import icontains
from flask_api.contract.pagination import PageQuery, SortKey, sort_by, time_key
from flask_api.contract.parameters import flag
from flask_api.contract.strict import Length, slug
from flask_api.products.models import CURRENCIES, Product

SORT_KEYS = {
    "created_at": time_key(Product.created_at),
    "name": SortKey((Product.name,), "name"),
    "sku": SortKey((Product.sku,), "sku"),
    "price": SortKey((Product.price,), "price", str, lambda text: (Decimal(text),)),
    "stock": SortKey((Product.stock,), "stock"),
}


class ProductQuery(PageQuery):
    """The parameters of the catalogue."""

    category = strict.String(validate=slug)
    currency = fields.String(validate=OneOf(CURRENCIES))
    min_price = strict.Price()
    max_price = strict.Price()
    in_stock = flag()
    active = flag()
    q = strict.String(validate=Length(1, 100))
    sort = sort_by(SORT_KEYS)


def filter_products(products: Select[Product], query: Mapping[str, Any]) -> Select[Product]:
    """Keep the products that all parameters admit."""
    if "category" in query:
        products = products.where(Product.category == query["category"])
    if "currency" in query:
        products = products.where(Product.currency == query["currency"])
    if "min_price" in query:
        products = products.where(Product.price >= query["min_price"])
    if "max_price" in query:
        products = products.where(Product.price <= query["max_price"])
    if "in_stock" in query:
        products = products.where(Product.stock > 0 if query["in_stock"] else Product.stock == 0)
    if "active" in query:
        products = products.where(Product.active == query["active"])
    if "q" in query:
        text = query["q"]
        products = products.where(or_(icontains(Product.sku, text), icontains(Product.name, text)))
    return products
