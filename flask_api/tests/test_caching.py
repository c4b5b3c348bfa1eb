"""SUMMARY_MAX_AGE keeps the summary, which one request at a time computes."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from redis import RedisError

from flask_api import create_app
from flask_api.config import Config
from flask_api.contract.caching import JSONSerializer, Turns, cache, turn
from flask_api.products.models import Product
from flask_api.tests.conftest import environment
from flask_api.tests.web import Browser, make_person, text_of

SUMMARY = "/api/products/summary"
CLIENTS = 50
NOBODY = "redis://127.0.0.1:1/0"  # nobody listens there

Keeping = Callable[..., Flask]


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    """Make applications that keep the summary."""

    def make(**settings: str) -> Flask:
        values = {"SUMMARY_MAX_AGE": "60", **environment(tmp_path), **settings}
        return create_app(Config.from_environment(values))

    return make


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Compute other figures each time, slowly, and list what was computed."""
    numbers: list[int] = []

    def summary(_cls: type[Product]) -> list[dict[str, Any]]:
        numbers.append(len(numbers))
        time.sleep(0.05)
        return [{"category": "c", "currency": "EUR", "products": numbers[-1]}]

    monkeypatch.setattr(Product, "summary", classmethod(summary))
    return numbers


def ask(app: Flask) -> Any:
    return app.test_client().get(SUMMARY)


def test_without_a_maximum_age_each_request_computes(keeping: Keeping, computed: list[int]) -> None:
    app = keeping(SUMMARY_MAX_AGE="0", REDIS_URL=NOBODY)
    assert [ask(app).json["items"][0]["products"] for _ in range(3)] == [0, 1, 2]


def test_what_is_kept_is_answered_again(keeping: Keeping, computed: list[int]) -> None:
    app = keeping()
    first, second = ask(app), ask(app)
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert len(computed) == 1


def test_the_page_shows_what_is_kept(keeping: Keeping, computed: list[int]) -> None:
    app = keeping()
    with app.app_context():
        upgrade()
    make_person(app, "sam", is_staff=True)
    browser = Browser(app)
    browser.log_in("sam")
    assert ask(app).json["items"][0]["products"] == 0
    assert "Open todos c 0 EUR" in text_of(browser.get("/").text)
    assert len(computed) == 1


def test_one_of_many_at_once_computes(keeping: Keeping, computed: list[int]) -> None:
    app, ready = keeping(), Barrier(CLIENTS)

    def wait_and_ask(_: int) -> Any:
        ready.wait()
        return ask(app)

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(wait_and_ask, range(CLIENTS)))
    assert {(answer.status_code, answer.data) for answer in answers} == {(200, answers[0].data)}
    assert len(computed) == 1


def test_a_failure_is_not_kept(
    keeping: Keeping, computed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = keeping()
    with monkeypatch.context() as patch:
        patch.setattr(Product, "summary", lambda: 1 / 0)
        assert ask(app).status_code == 500
    assert ask(app).status_code == 200


def test_nobody_waits_for_ever(keeping: Keeping, computed: list[int]) -> None:
    app, held = keeping(), Lock()
    held.acquire()
    app.extensions["turns"] = Turns(partial(turn, held, 0.1))
    began = time.monotonic()
    assert ask(app).status_code == 200
    assert 0.1 <= time.monotonic() - began < 5
    assert len(computed) == 1
    assert held.locked()  # it is not its own to release


def test_without_redis_each_request_computes_and_says_so_in_a_line(
    keeping: Keeping, computed: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    app = keeping(REDIS_URL=NOBODY)
    assert [ask(app).status_code for _ in range(2)] == [200, 200]
    assert len(computed) == 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    for record in caplog.records:
        assert record.getMessage().startswith("Computed by this request, without the cache: ")
        assert record.exc_info is None


def test_redis_may_fail_while_it_is_computed(
    keeping: Keeping, computed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = keeping(REDIS_URL=NOBODY)

    def fail(*_: object, **__: object) -> None:
        raise RedisError

    backend = app.extensions["cache"][cache]
    monkeypatch.setattr(backend, "get", lambda _key: None)
    monkeypatch.setattr(backend, "set", fail)
    app.extensions["turns"] = Turns(lambda _name: nullcontext(), (RedisError,))
    assert ask(app).status_code == 200
    assert len(computed) == 1


def test_what_is_missing_in_redis_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    serializer = JSONSerializer()
    assert serializer.loads(serializer.dumps({"items": []})) == {"items": []}
    assert serializer.loads(None) is None
    assert caplog.records == []
    assert serializer.loads(b"\x80pickle") is None
