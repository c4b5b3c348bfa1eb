"""The operations on products and their stock."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from flask_api.accounts.authentication import authenticated
from flask_api.contract.caching import cache, computed_once
from flask_api.contract.database import db, now, transaction
from flask_api.contract.errors import Code, InputError, ProblemError
from flask_api.contract.etags import require_match
from flask_api.contract.headers import CACHE_PUBLIC
from flask_api.contract.idempotency import idempotent
from flask_api.contract.pagination import Order, PageQuery, paginate, time_key
from flask_api.contract.parameters import IdempotencyKeyHeader, IfMatch, parameters
from flask_api.contract.parsing import json_body, merge_patch_body
from flask_api.contract.permissions import staff_only
from flask_api.contract.rendering import Resource, api
from flask_api.products.filters import ProductQuery, filter_products
from flask_api.products.models import InsufficientStockError, Product, StockAdjustment
from flask_api.products.schemas import (
    ProductSchema,
    ProductSummarySchema,
    StockAdjustmentSchema,
    merged,
)

product_schema = ProductSchema()
summary_schema = ProductSummarySchema()
adjustment_schema = StockAdjustmentSchema()
NEWEST_FIRST = Order(time_key(StockAdjustment.created_at))


def refuse_conflict(sku: str, exclude: UUID | None = None) -> None:
    """Refuse the SKU of another product."""
    if db.session.scalar(select(Product.id).where(Product.sku == sku)) not in {None, exclude}:
        raise ProblemError("already-exists", [InputError("pointer", "/sku", Code("taken"))])


class ProductList(Resource):
    """The catalogue."""

    @parameters(ProductQuery)
    def get(self, query: dict[str, Any]) -> ResponseReturnValue:
        products = filter_products(select(Product), query)
        page = paginate(products, Product.id, query["sort"], query)
        return page.to_response(product_schema, CACHE_PUBLIC)

    @authenticated
    @staff_only
    @parameters(headers=IdempotencyKeyHeader)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> ResponseReturnValue:
        data = product_schema.load(body)
        refuse_conflict(data["sku"])
        product = Product(created_at=now(), **data)
        product.updated_at = product.created_at
        db.session.add(product)
        db.session.flush()
        location = {"Location": api.url_for(ProductDetail, product_id=product.id)}
        return product_schema.dump(product), HTTPStatus.CREATED, location


@computed_once
@cache.cached(key_prefix="product_summary")
def summary() -> Any:
    """Return the figures, as SUMMARY_MAX_AGE lets them be kept."""
    return summary_schema.dump({"items": Product.summary()})


class ProductSummary(Resource):
    """The catalogue in figures."""

    @parameters()
    def get(self) -> ResponseReturnValue:
        return summary(), HTTPStatus.OK, CACHE_PUBLIC


class ProductDetail(Resource):
    """A single product."""

    @parameters()
    def get(self, product_id: UUID) -> ResponseReturnValue:
        product = db.get_or_404(Product, product_id)
        return product_schema.dump(product), HTTPStatus.OK, CACHE_PUBLIC

    @authenticated
    @staff_only
    @parameters(headers=IfMatch)
    @json_body
    @transaction()
    def put(self, body: dict[str, Any], product_id: UUID) -> ResponseReturnValue:
        product = db.get_or_404(Product, product_id, with_for_update=True)
        require_match(product_schema, product)
        data = product_schema.load(body)
        refuse_conflict(data["sku"], exclude=product.id)
        product.update(data)
        return product_schema.dump(product)

    @authenticated
    @staff_only
    @parameters(headers=IfMatch)
    @merge_patch_body
    @transaction()
    def patch(self, body: dict[str, Any], product_id: UUID) -> ResponseReturnValue:
        product = db.get_or_404(Product, product_id, with_for_update=True)
        require_match(product_schema, product)
        data = product_schema.load(merged(product, body), partial=True)
        refuse_conflict(data.get("sku", product.sku), exclude=product.id)
        product.update(data)
        return product_schema.dump(product)

    @authenticated
    @staff_only
    @parameters(headers=IfMatch)
    @transaction()
    def delete(self, product_id: UUID) -> ResponseReturnValue:
        product = db.get_or_404(Product, product_id, with_for_update=True)
        require_match(product_schema, product)
        db.session.delete(product)
        return "", HTTPStatus.NO_CONTENT


class StockAdjustmentList(Resource):
    """The movements of a product's stock."""

    method_decorators = [staff_only, authenticated]  # the last one comes first

    @parameters(PageQuery)
    def get(self, query: dict[str, Any], product_id: UUID) -> ResponseReturnValue:
        product = db.get_or_404(Product, product_id)
        adjustments = select(StockAdjustment).where(StockAdjustment.product_id == product.id)
        page = paginate(adjustments, StockAdjustment.id, NEWEST_FIRST, query)
        return page.to_response(adjustment_schema)

    @parameters(headers=IdempotencyKeyHeader)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any], product_id: UUID) -> ResponseReturnValue:
        product = db.get_or_404(Product, product_id, with_for_update=True)
        data = adjustment_schema.load(body)
        try:
            adjustment = product.adjust(**data, user=g.user)
        except InsufficientStockError:
            short = InputError("pointer", "/delta", Code("insufficient_stock"))
            raise ProblemError("insufficient-stock", [short]) from None
        db.session.flush()
        return adjustment_schema.dump(adjustment), HTTPStatus.CREATED
