"""The application factory, as Flask's tutorial writes it."""

import os

from flask import Flask
from flask_restful import Api

from comparison.plain.flask_plain.models import db
from comparison.plain.flask_plain.resources import (
    CategoryList,
    ProductDetail,
    ProductList,
    TodoDetail,
    TodoList,
    UserList,
)


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("FLASK_DATABASE", "sqlite:///:memory:")
    db.init_app(app)

    api = Api(app)
    api.add_resource(UserList, "/users")
    api.add_resource(CategoryList, "/categories")
    api.add_resource(ProductList, "/products")
    api.add_resource(ProductDetail, "/products/<int:product_id>")
    api.add_resource(TodoList, "/todos")
    api.add_resource(TodoDetail, "/todos/<int:todo_id>")
    return app
