"""The code's enumerations are those of openapi.yaml."""

from flask import Flask

from flask_api.contract.openapi import contract
from flask_api.products.models import CURRENCIES, REASONS
from flask_api.todos.models import Priority


def test_choices(app: Flask) -> None:
    with app.app_context():
        schemas = contract().document["components"]["schemas"]
    assert schemas["Currency"]["enum"] == [*CURRENCIES]
    assert schemas["Reason"]["enum"] == [*REASONS]
    assert schemas["Priority"]["enum"] == [*Priority.__members__]
