"""What the tests share: a secret key, and a client that goes through the whole server side."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import RequestFactory

from drf_api.accounts.models import Token, User
from drf_api.contract.throttling import own
from drf_api.contract.wire import WSGIApplication, wire
from drf_api.products.models import Product
from drf_api.tests.web import Browser

settings.SECRET_KEY = "only-for-tests-0123456789-abcdefghij"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


Call = Callable[..., Answer]


@pytest.fixture(autouse=True)
def forget_limits() -> None:
    """Forget failed logins."""
    own.storage.reset()


@pytest.fixture(scope="session")
def handler() -> WSGIApplication:
    """Serve without closing connections, which hold the tests' transactions."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    return wire(get_wsgi_application())


@pytest.fixture
def call(handler: WSGIApplication) -> Call:
    """Send a request through every middleware; bytes are sent as they are, all else as JSON."""

    def send(method: str, path: str, data: Any = None, token: str = "", **headers: str) -> Answer:
        body = data if isinstance(data, bytes) else b"" if data is None else orjson.dumps(data)
        content_type = headers.pop("Content-Type", "application/json")
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = RequestFactory(headers=headers).generic(
            method, path, body, content_type, HTTP_HOST="localhost"
        )
        started: list[Any] = []
        start_response: Any = lambda *args: started.extend(args)  # noqa: E731 – shorter than a function
        chunks: Any = handler(request.environ, start_response)
        answer = Answer(int(started[0][:3]), dict(started[1]), b"".join(chunks))
        if hasattr(chunks, "close"):  # an empty list hasn't
            chunks.close()
        return answer

    return send


@cache
def hashed(password: str) -> str:
    """Hash a password, once: that is slow by design."""
    return make_password(password)


@pytest.fixture
def alice(db: None) -> User:
    password = hashed("alice-password")
    return User.objects.create(username="alice", email="alice@example.com", password=password)


@pytest.fixture
def sam(db: None) -> User:
    password = hashed("sam-password")
    return User.objects.create(
        username="sam", email="sam@example.com", password=password, is_staff=True
    )


@pytest.fixture
def alice_token(alice: User) -> str:
    return used_token(alice)


@pytest.fixture
def sam_token(sam: User) -> str:
    return used_token(sam)


def used_token(user: User) -> str:
    """Issue a token whose `last_used_at` needs no renewal, as with most requests."""
    token = Token.objects.issue(user)
    token.touch()
    return token.secret


@pytest.fixture
def browser(db: None) -> Browser:
    return Browser()


@pytest.fixture
def alices(browser: Browser, alice: User) -> Browser:
    assert browser.log_in("alice").status_code == 303
    return browser


@pytest.fixture
def sams(browser: Browser, sam: User) -> Browser:
    assert browser.log_in("sam").status_code == 303
    return browser


@pytest.fixture
def product(db: None) -> Product:
    return Product.objects.create(
        sku="MUG-1", name="Mug", category="kitchen", price="14.50", currency="EUR"
    )
