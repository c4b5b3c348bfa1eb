"""A visitor's browser, as far as the tests of the pages need one."""

import re
from decimal import Decimal
from functools import cache
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from flask_api.accounts.models import User, hash_password
from flask_api.contract.database import ConflictError, db, now, transaction
from flask_api.products.models import Product

PASSWORD = "correct-horse-battery"
TOKEN = re.compile(r'<input[^>]* name="csrf_token"[^>]* value="([^"]+)">')


class Browser:
    """Keeps cookies, and sends forms with the token of the page that they are on."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, buffered=True, **options)  # which closes files

    def token(self, page: str = "/login") -> str:
        """Take the token from a form on a page."""
        found = TOKEN.search(self.get(page).text)
        assert found, f"{page} has no form with a token"
        return found[1]

    def post(self, path: str, page: str | None = None, **fields: str) -> TestResponse:
        """Send the form for a path, which stands on a page: the path itself unless told."""
        return self.client.post(path, data={"csrf_token": self.token(page or path), **fields})

    def log_in(self, username: str = "alice", password: str = PASSWORD) -> TestResponse:
        answer = self.post("/login", username=username, password=password)
        assert answer.status_code == 303, answer.text
        return answer

    @property
    def cookie(self) -> str:
        cookie = self.client.get_cookie("flask_session")
        assert cookie
        return cookie.value

    def with_cookie(self, value: str) -> "Browser":
        """Put in a cookie that was copied somewhere."""
        self.client.set_cookie("flask_session", value)
        return self


@cache
def hashed() -> str:
    """Hash the password, once: that is slow by design."""
    return hash_password(PASSWORD)


def make_person(app: Flask, username: str, *, is_staff: bool = False) -> None:
    """Make a user who can log in."""
    with app.app_context(), transaction():
        db.session.add(
            User(
                username=username,
                email=f"{username}@example.com",
                password=hashed(),
                is_staff=is_staff,
            )
        )


def make_product(app: Flask, sku: str = "MUG-RED", **values: Any) -> None:
    """Make a product that is for sale unless told otherwise."""
    moment = now()
    made: dict[str, Any] = {
        "sku": sku,
        "name": f"Product {sku}",
        "description": "Some text.",
        "category": "kitchen",
        "price": "14.50",
        "currency": "EUR",
        "attributes": {"colour": "red"},
        "active": True,
        "stock": 6,
        **values,
    }
    with app.app_context(), transaction():
        db.session.add(
            Product(
                **{**made, "price": Decimal(made["price"])}, created_at=moment, updated_at=moment
            )
        )


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, *statements: str, retried: bool
) -> None:
    """Let another request be faster than the next transaction, which may meet a conflict then."""
    begin, left = db.session.connection, [*statements]

    def late(**options: Any) -> Any:
        is_first = bool(left)
        with engine.begin() as connection:
            while left:
                connection.execute(text(left.pop(0)))
        begun = begin(**options)
        if is_first and retried:
            raise ConflictError
        return begun

    monkeypatch.setattr(db.session, "connection", late)


def text_of(html: str) -> str:
    """Return what can be read on a page, with single spaces."""
    body = re.sub(r"<(script|head)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def messages(html: str) -> list[str]:
    """Return the flash messages of a page."""
    found = re.search(r'<div role="status"><ul class="messages">(.*?)</ul>', html, re.DOTALL)
    return re.findall(r"<li[^>]*>(.*?)</li>", unescape(found[1])) if found else []


def errors(html: str, name: str) -> list[str]:
    """Return the errors beside a field, to which the field must refer."""
    found = re.search(rf'<ul class="errors" id="{name}-errors">(.*?)</ul>', html, re.DOTALL)
    if not found:
        return []
    field = re.search(rf'<(?:input|select|textarea)[^>]* id="{name}"[^>]*>', html)
    assert field
    assert 'aria-invalid="true"' in field[0]
    assert f"{name}-errors" in field[0]
    return re.findall(r"<li>(.*?)</li>", unescape(found[1]))
