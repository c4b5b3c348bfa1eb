"""Two servers that are alike differ in nothing, whatever the values that they make."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from lookalike.comparison import summary
from lookalike.tests.servers import Api, now, numbers, slugs, ulids, uuids
from lookalike.tests.stories import between, tell


def apis(make: Callable[[int], Any], **options: Any) -> tuple[Api, Api]:
    return Api(make(0), **options), Api(make(1), **options)


def seconds() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def trimmed() -> str:
    """As Go and Java write times: without zeros at the end."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}".rstrip("0").rstrip(".") + "Z"


def http_date() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)


SERVERS = {
    "uuids": apis(lambda _: uuids),
    "equal numbers": apis(lambda _: numbers(1)),
    "numbers from other starts": apis(lambda index: numbers(1 + 100 * index)),
    "numbers whose ranges meet": apis(lambda index: numbers(1 + index)),
    "slugs": apis(lambda _: slugs),
    "ulids": apis(lambda _: ulids),
    "whole seconds": apis(lambda _: uuids, now=seconds),
    "trimmed fractions": apis(lambda _: uuids, now=trimmed),
    "HTTP dates": apis(lambda index: numbers(5 + index), now=http_date),
    "many digits": apis(lambda _: uuids, now=now),
}


@pytest.mark.parametrize("name", SERVERS)
def test_equal_servers_differ_in_nothing(name: str) -> None:
    client = between(*SERVERS[name])
    assert tell(client) == []
    assert len(client.exchanges) > 50
    statuses = {summary(outcome) for each in client.exchanges for outcome in each.outcomes}
    assert statuses == {
        "200 OK",
        "201 Created",
        "204 No Content",
        "404 Not Found",
        "405 Method Not Allowed",
    }
