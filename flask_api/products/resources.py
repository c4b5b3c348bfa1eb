"""The operations on products and their stock."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, g
from sqlalchemy import select

from flask_api.core.authentication import authenticated
from flask_api.core.database import db, now, transaction
from flask_api.core.etags import require_match
from flask_api.core.headers import PUBLIC
from flask_api.core.idempotency import idempotent
from flask_api.core.pagination import Order, PageQuery, paginate, time_key
from flask_api.core.parsing import (
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    json_body,
    merge_patch_body,
    parameters,
)
from flask_api.core.permissions import staff_only
from flask_api.core.problems import InputError, Problem
from flask_api.core.rendering import Resource, no_content
from flask_api.products.filters import FILTERS, ProductQuery
from flask_api.products.models import InsufficientStockError, Product, StockAdjustment
from flask_api.products.schemas import (
    ProductSchema,
    ProductSummarySchema,
    StockAdjustmentSchema,
    merged,
)

product_schema = ProductSchema()
adjustment_schema = StockAdjustmentSchema()
NEWEST_FIRST = Order(time_key(StockAdjustment.created_at))


def find_product(product_id: UUID, *, for_update: bool = False) -> Product:
    """Fetch a product, locked within a transaction if it's to be changed."""
    product = db.session.get(Product, product_id, with_for_update=for_update or None)
    if product is None:
        raise Problem("not-found")
    return product


def refuse_taken(sku: str, but: UUID | None = None) -> None:
    """Refuse the sku of another product."""
    if Product.has_sku(sku, but):
        raise Problem("already-exists", [InputError("pointer", "/sku", "taken")])


class ProductList(Resource):
    """The catalogue."""

    @parameters(ProductQuery, IfNoneMatch)
    def get(self, query: dict[str, Any]) -> Any:
        chosen = [FILTERS[name](query[name]) for name in FILTERS.keys() & query.keys()]
        page = paginate(select(Product).where(*chosen), query["sort"], Product.id, query)
        return page.respond(product_schema, PUBLIC)

    @authenticated
    @staff_only
    @parameters(headers=IdempotencyKey)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> Any:
        data = product_schema.load(body)
        refuse_taken(data["sku"])
        moment = now()
        product = Product(**data, created_at=moment, updated_at=moment)
        db.session.add(product)
        db.session.flush()
        location = {"Location": f"/api/products/{product.id}"}
        return product_schema.dump(product), HTTPStatus.CREATED, location


class ProductSummary(Resource):
    """The catalogue in figures."""

    @parameters(headers=IfNoneMatch)
    def get(self) -> Any:
        return ProductSummarySchema().dump({"items": Product.summary()}), HTTPStatus.OK, PUBLIC


class ProductDetail(Resource):
    """One product."""

    @parameters(headers=IfNoneMatch)
    def get(self, product_id: UUID) -> Any:
        return product_schema.dump(find_product(product_id)), HTTPStatus.OK, PUBLIC

    @authenticated
    @staff_only
    @parameters(headers=IfMatch)
    @json_body
    @transaction()
    def put(self, body: dict[str, Any], product_id: UUID) -> Any:
        product = find_product(product_id, for_update=True)
        require_match(product_schema, product)
        return change(product, product_schema.load(body))

    @authenticated
    @staff_only
    @parameters(headers=IfMatch)
    @merge_patch_body
    @transaction()
    def patch(self, body: dict[str, Any], product_id: UUID) -> Any:
        product = find_product(product_id, for_update=True)
        require_match(product_schema, product)
        if isinstance(body.get("attributes"), dict):
            body = {**body, "attributes": merged(product.attributes, body["attributes"])}
        return change(product, product_schema.load(body, partial=True))

    @authenticated
    @staff_only
    @parameters(headers=IfMatch)
    @transaction()
    def delete(self, product_id: UUID) -> Response:
        product = find_product(product_id, for_update=True)
        require_match(product_schema, product)
        product.delete()
        return no_content()


def change(product: Product, data: dict[str, Any]) -> Any:
    """Set some of a product's properties."""
    refuse_taken(data.get("sku", product.sku), but=product.id)
    for name, value in data.items():
        setattr(product, name, value)
    product.updated_at = now()
    return product_schema.dump(product)


class StockAdjustmentList(Resource):
    """The movements of a product's stock."""

    @authenticated
    @staff_only
    @parameters(PageQuery, IfNoneMatch)
    def get(self, query: dict[str, Any], product_id: UUID) -> Any:
        find_product(product_id)
        adjustments = select(StockAdjustment).where(StockAdjustment.product_id == product_id)
        page = paginate(adjustments, NEWEST_FIRST, StockAdjustment.id, query)
        return page.respond(adjustment_schema)

    @authenticated
    @staff_only
    @parameters(headers=IdempotencyKey)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any], product_id: UUID) -> Any:
        product = find_product(product_id, for_update=True)
        data = adjustment_schema.load(body)
        try:
            adjustment = product.adjust(**data, user_id=g.caller.user_id)
        except InsufficientStockError:
            short = InputError("pointer", "/delta", "insufficient_stock")
            raise Problem("insufficient-stock", [short]) from None
        db.session.flush()
        return adjustment_schema.dump(adjustment), HTTPStatus.CREATED, {}
