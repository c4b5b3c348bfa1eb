"""The operations on products and their stock."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import Row, bindparam, select

from flask_api.accounts.authentication import authenticated
from flask_api.contract.database import transaction
from flask_api.contract.errors import Code, InputError, Problem
from flask_api.contract.etags import require_match
from flask_api.contract.headers import CACHE_PUBLIC
from flask_api.contract.idempotency import idempotent
from flask_api.contract.pagination import Order, PageQuery, time_key
from flask_api.contract.parameters import IdempotencyKey, IfMatch, IfNoneMatch, parameters
from flask_api.contract.parsing import json_body, merge_patch_body
from flask_api.contract.permissions import staff_only
from flask_api.contract.rendering import Resource
from flask_api.contract.rows import Anything, columns, execute
from flask_api.products.filters import ADJUSTMENTS, PRODUCTS, ProductQuery
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
PRODUCT = select(*columns(Product)).where(Product.id == bindparam("product_id"))
LOCKED_PRODUCT = PRODUCT.with_for_update()


def find_product(product_id: UUID, *, for_update: bool = False) -> Row[*Anything]:
    """Fetch a product, locked within a transaction if it's to be changed."""
    statement = LOCKED_PRODUCT if for_update else PRODUCT
    product = execute(statement, {"product_id": product_id}).one_or_none()
    if product is None:
        raise Problem("not-found")
    return product


def refuse_taken(sku: str, but: UUID | None = None) -> None:
    """Refuse the sku of another product."""
    if Product.has_sku(sku, but):
        raise Problem("already-exists", [InputError("pointer", "/sku", Code("taken"))])


class ProductList(Resource):
    """The catalogue."""

    @parameters(ProductQuery, IfNoneMatch)
    def get(self, query: dict[str, Any]) -> Any:
        return PRODUCTS.page(query["sort"], query).respond(product_schema, CACHE_PUBLIC)

    @authenticated
    @staff_only
    @parameters(headers=IdempotencyKey)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> Any:
        data = product_schema.load(body)
        refuse_taken(data["sku"])
        product = Product.make(data)
        location = {"Location": f"/api/products/{product['id']}"}
        return product_schema.dump(product), HTTPStatus.CREATED, location


class ProductSummary(Resource):
    """The catalogue in figures."""

    @parameters(headers=IfNoneMatch)
    def get(self) -> Any:
        return (
            ProductSummarySchema().dump({"items": Product.summary()}),
            HTTPStatus.OK,
            CACHE_PUBLIC,
        )


class ProductDetail(Resource):
    """One product."""

    @parameters(headers=IfNoneMatch)
    def get(self, product_id: UUID) -> Any:
        return product_schema.dump(find_product(product_id)), HTTPStatus.OK, CACHE_PUBLIC

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
    def delete(self, product_id: UUID) -> Any:
        product = find_product(product_id, for_update=True)
        require_match(product_schema, product)
        Product.delete(product_id)
        return "", HTTPStatus.NO_CONTENT


def change(product: Row[*Anything], data: dict[str, Any]) -> Any:
    """Set some of a product's properties."""
    refuse_taken(data.get("sku", product.sku), but=product.id)
    return product_schema.dump(Product.change(product, data))


class StockAdjustmentList(Resource):
    """The movements of a product's stock."""

    @authenticated
    @staff_only
    @parameters(PageQuery, IfNoneMatch)
    def get(self, query: dict[str, Any], product_id: UUID) -> Any:
        page = ADJUSTMENTS.page(NEWEST_FIRST, query, product_id=product_id)
        if not page.rows:
            find_product(product_id)  # or else there is none
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
            adjustment = Product.adjust(product, data, g.caller.user_id)
        except InsufficientStockError:
            short = InputError("pointer", "/delta", Code("insufficient_stock"))
            raise Problem("insufficient-stock", [short]) from None
        return adjustment_schema.dump(adjustment), HTTPStatus.CREATED, {}
