"""Which products a list has, and in which order."""

from decimal import Decimal

from marshmallow import fields
from marshmallow.validate import OneOf
from sqlalchemy import bindparam, or_, select

from flask_api.contract import strict
from flask_api.contract.database import icontains
from flask_api.contract.pagination import Listing, PageQuery, SortKey, sort_by, time_key
from flask_api.contract.rows import columns
from flask_api.contract.strict import slug
from flask_api.products.models import CURRENCIES, Product, StockAdjustment

SORT_KEYS = {
    "created_at": time_key(Product.created_at),
    "name": SortKey((Product.name,), "name"),
    "sku": SortKey((Product.sku,), "sku"),
    "price": SortKey((Product.price,), "price", str, lambda text: (Decimal(text),)),
    "stock": SortKey((Product.stock,), "stock"),
}
FILTERS = {
    "category": Product.category == bindparam("category"),
    "currency": Product.currency == bindparam("currency"),
    "min_price": Product.price >= bindparam("min_price"),
    "max_price": Product.price <= bindparam("max_price"),
    "in_stock": (Product.stock > 0) == bindparam("in_stock"),
    "active": Product.active == bindparam("active"),
    "q": or_(icontains(Product.sku, bindparam("q")), icontains(Product.name, bindparam("q"))),
}
PRODUCTS = Listing(select(*columns(Product)), Product.id, FILTERS)
ADJUSTMENTS = Listing(
    select(*columns(StockAdjustment)).where(StockAdjustment.product_id == bindparam("product_id")),
    StockAdjustment.id,
)


class ProductQuery(PageQuery):
    """The parameters of the catalogue."""

    category = strict.String(validate=slug)
    currency = fields.String(validate=OneOf(CURRENCIES))
    min_price = strict.Price()
    max_price = strict.Price()
    in_stock = strict.flag()
    active = strict.flag()
    q = strict.search_text()
    sort = sort_by(SORT_KEYS)
