"""SUMMARY_MAX_AGE keeps the summary, which one request at a time computes."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Barrier, Lock
from typing import Any

import pytest
from django.core.cache import caches
from pytest_django import Settings
from redis import RedisError

from drf_api.contract.caching import JSONSerializer, SharedCache, locks
from drf_api.products.models import ProductQuerySet
from drf_api.tests.conftest import Answer, Call
from drf_api.tests.web import Browser

SUMMARY = "/api/products/summary"
CLIENTS = 50
NOBODY = ["redis://127.0.0.1:1/0"]  # nobody listens there

Keep = Callable[..., None]

# A request looks after the connections that other tests have left, though it asks for nothing here.
pytestmark = pytest.mark.django_db


@pytest.fixture
def keep(settings: Settings, request: pytest.FixtureRequest) -> Keep:
    """Set up where the summary is kept."""

    def set_up(backend: str, location: Any = request.node.name) -> None:
        found = {"BACKEND": f"drf_api.contract.caching.{backend}", "LOCATION": location}
        settings.CACHES = {**settings.CACHES, "summary": found}

    return set_up


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Compute other figures each time, slowly, and list what was computed."""
    numbers: list[int] = []
    money = dict.fromkeys(("lowest_price", "mean_price", "highest_price", "stock_value"), 0)

    def summary(_self: ProductQuerySet) -> list[dict[str, Any]]:
        numbers.append(len(numbers))
        time.sleep(0.05)
        figures = {"products": numbers[-1], "units": 0, "open_todos": 0, **money}
        return [{"category": "c", "currency": "EUR", **figures}]

    monkeypatch.setattr(ProductQuerySet, "summary", summary)
    return numbers


def test_without_a_maximum_age_each_request_computes(call: Call, computed: list[int]) -> None:
    found = [call("GET", SUMMARY).json["items"][0]["products"] for _ in range(3)]
    assert found == [0, 1, 2]


def test_what_is_kept_is_answered_again(keep: Keep, call: Call, computed: list[int]) -> None:
    keep("ProcessCache")
    first, second = call("GET", SUMMARY), call("GET", SUMMARY)
    assert first.body == second.body
    assert first.headers["ETag"] == second.headers["ETag"]
    assert len(computed) == 1


def test_the_page_shows_what_is_kept(
    keep: Keep, call: Call, computed: list[int], sams: Browser
) -> None:
    keep("ProcessCache")
    figures = call("GET", SUMMARY).json["items"]
    assert sams.get("/").context["figures"] == figures
    assert len(computed) == 1


def test_one_of_many_at_once_computes(keep: Keep, call: Call, computed: list[int]) -> None:
    keep("ProcessCache")
    ready = Barrier(CLIENTS)

    def wait_and_ask(_: int) -> Answer:
        ready.wait()
        return call("GET", SUMMARY)

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(wait_and_ask, range(CLIENTS)))
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert len(computed) == 1


def test_a_failure_is_not_kept(
    keep: Keep, call: Call, computed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep("ProcessCache")
    with monkeypatch.context() as patch:
        patch.setattr(ProductQuerySet, "summary", lambda _self: 1 / 0)
        assert call("GET", SUMMARY).status == 500
    assert call("GET", SUMMARY).status == 200


def test_nobody_waits_for_ever(
    keep: Keep, call: Call, computed: list[int], settings: Settings
) -> None:
    keep("ProcessCache")
    settings.DATABASE_TIMEOUT = 0.1
    lock = locks.setdefault(":1:product_summary.lock", Lock())
    with lock:
        began = time.monotonic()
        assert call("GET", SUMMARY).status == 200
        assert 0.1 <= time.monotonic() - began < 5
        assert len(computed) == 1
        assert lock.locked()  # it is not its own to release


def test_without_redis_each_request_computes_and_says_so_in_a_line(
    keep: Keep, call: Call, computed: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    keep("SharedCache", NOBODY)
    assert [call("GET", SUMMARY).status for _ in range(2)] == [200, 200]
    assert len(computed) == 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    for record in caplog.records:
        assert record.getMessage().startswith("Computed by this request, without the cache: ")
        assert record.exc_info is None


def test_redis_may_fail_while_it_is_computed(
    keep: Keep, call: Call, computed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep("SharedCache", NOBODY)

    def fail(*_: object, **__: object) -> None:
        raise RedisError

    monkeypatch.setattr(SharedCache, "get", lambda *_, **__: None)
    monkeypatch.setattr(SharedCache, "turn", lambda *_: nullcontext())
    monkeypatch.setattr(SharedCache, "set", fail)
    assert call("GET", SUMMARY).status == 200
    assert len(computed) == 1


def test_what_is_no_json_in_redis_is_missing() -> None:
    serializer = JSONSerializer()
    assert serializer.loads(serializer.dumps({"items": []}).encode()) == {"items": []}
    assert serializer.loads(b"\x80pickle") is None


def test_a_default_may_be_a_value_as_in_each_of_djangos_caches(keep: Keep) -> None:
    keep("ProcessCache")
    assert caches["summary"].get_or_set("figure", 5) == 5
    assert caches["summary"].get("figure") == 5


def test_a_default_may_be_a_value_while_redis_fails(keep: Keep) -> None:
    keep("SharedCache", NOBODY)
    assert caches["summary"].get_or_set("figure", 5) == 5
