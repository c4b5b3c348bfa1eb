"""Every route, in the order of openapi.yaml."""

from uuid import UUID

from flask import Flask
from werkzeug.routing import BaseConverter

from flask_api.accounts.resources import (
    CurrentToken,
    CurrentUser,
    Password,
    TokenDetail,
    TokenList,
    UserList,
)
from flask_api.contract.rendering import api
from flask_api.contract.resources import Contract, ContractAsJSON, Health, Problem, Readiness
from flask_api.contract.strict import CANONICAL_UUID
from flask_api.products.resources import (
    ProductDetail,
    ProductList,
    ProductSummary,
    StockAdjustmentList,
)
from flask_api.todos.resources import TodoBulk, TodoDetail, TodoList


class IdConverter(BaseConverter):
    """A UUID in canonical lower-case form; werkzeug's own takes upper case as well."""

    regex = CANONICAL_UUID

    def to_python(self, value: str) -> UUID:
        return UUID(value)


api.add_resource(Health, "/health")
api.add_resource(Readiness, "/health/ready")
api.add_resource(Contract, "/openapi.yaml")
api.add_resource(ContractAsJSON, "/openapi.json")
api.add_resource(Problem, "/problems/<name>")
api.add_resource(UserList, "/users")
api.add_resource(TokenList, "/tokens")
api.add_resource(TodoList, "/todos")
api.add_resource(TodoBulk, "/todos/bulk")
api.add_resource(TodoDetail, "/todos/<id:todo_id>")
api.add_resource(ProductList, "/products")
api.add_resource(ProductSummary, "/products/summary")
api.add_resource(StockAdjustmentList, "/products/<id:product_id>/stock-adjustments")
api.add_resource(ProductDetail, "/products/<id:product_id>")
api.add_resource(TokenDetail, "/tokens/<id:token_id>")
api.add_resource(Password, "/users/me/password")
api.add_resource(CurrentUser, "/users/me")
api.add_resource(CurrentToken, "/tokens/current")


def init_app(app: Flask) -> None:
    """Route to the resources; there are no redirects."""
    app.url_map.converters["id"] = IdConverter
    app.url_map.merge_slashes = False
    api.init_app(app)
