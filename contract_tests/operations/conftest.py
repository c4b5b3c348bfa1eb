"""Fixtures of the operations' tests, besides the users."""

from typing import Any

import pytest

from contract_tests.cast import Actor, register
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_name, a_product, a_todo


@pytest.fixture(scope="session")
def guest(client: DifferentialClient) -> Actor:
    """Return a user whom tests share that leave nothing behind."""
    return register(client, "guest")


@pytest.fixture(scope="session")
def writer(client: DifferentialClient) -> Actor:
    """Return a user whose todos no test counts."""
    return register(client, "writer")


@pytest.fixture
def todo(alice: Actor) -> Any:
    """Return a new todo of Alice's with all defaults."""
    return alice.post("/api/todos", a_todo()).json


@pytest.fixture
def product(sam: Actor) -> Any:
    """Return a new product with all defaults."""
    return sam.post("/api/products", a_product()).json


@pytest.fixture
def category() -> str:
    """Return a category that is a test's own."""
    return a_name("category-")


@pytest.fixture(scope="session")
def guests_todo(guest: Actor) -> Any:
    """Return a todo for requests that are refused."""
    return guest.post("/api/todos", a_todo()).json


@pytest.fixture(scope="session")
def shown_product(sam: Actor) -> Any:
    """Return a product for requests that are refused."""
    return sam.post("/api/products", a_product()).json
