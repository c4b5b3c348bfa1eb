"""The code's enumerations are those of openapi.yaml."""

from drf_api.contract.openapi import DOCUMENT
from drf_api.products.models import CURRENCIES, REASONS
from drf_api.todos.models import Priority


def test_choices() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Currency"]["enum"] == CURRENCIES
    assert schemas["Reason"]["enum"] == REASONS
    assert schemas["Priority"]["enum"] == Priority.labels
