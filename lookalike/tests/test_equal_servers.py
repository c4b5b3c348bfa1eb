"""Two servers that are alike differ in nothing, whatever the values that they make."""

import base64
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import pytest

from lookalike.comparison import summary
from lookalike.tests.servers import (
    Api,
    Asked,
    Reply,
    Wrong,
    numbers,
    right,
    short,
    slugs,
    sorted_by_id,
    ulids,
    uuids,
)
from lookalike.tests.stories import between, tell


def apis(make: Callable[[int], Any], **options: Any) -> tuple[Api, Api]:
    return Api(make(0), **options), Api(make(1), **options)


def seconds() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def trimmed() -> str:
    """Write a time as Go and Java do: without zeros at the end."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}".rstrip("0").rstrip(".") + "Z"


def http_date() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)


def epochs(_: Asked, reply: Reply) -> None:
    """Write times as numbers: in seconds, in milliseconds, and with a fraction."""
    if isinstance(reply.body, dict):
        reply.body["at"] = int(time.time())
        reply.body["at_ms"] = int(time.time() * 1000)
        reply.body["at_precisely"] = time.time()


def ends_to_come(_: Asked, reply: Reply) -> None:
    """Say when something ends, in a body and in a cookie."""
    end = datetime.now(UTC) + timedelta(hours=1)
    if isinstance(reply.body, dict):
        reply.body["expires_at"] = end.isoformat()
    expires = format_datetime(end, usegmt=True)
    reply.set("Set-Cookie", f"session={secrets.token_urlsafe(16)}; Expires={expires}; Path=/")


def links_of_all_kinds(asked: Asked, reply: Reply) -> None:
    """Give signed URLs, cursors that only their server reads, and links in header fields."""
    if isinstance(reply.body, dict) and (key := reply.body.get("id")):
        reply.body["url"] = f"https://files.example.test{asked.path}/{key}?signature={uuid4().hex}"
        reply.body["links"] = [{"rel": "self", "href": f"/todos/{key}"}]
        reply.set("Link", f'</todos/{key}>; rel="self", </todos?since_id={key}>; rel="next"')
    if isinstance(reply.body, dict) and (items := reply.body.get("items")):
        cursor = base64.urlsafe_b64encode(f"after {items[-1]['id']}".encode()).decode()
        reply.body["next"] = f"/todos?cursor={cursor}"


def counted_requests() -> Wrong:
    """Count requests, on from where the last run on a server has ended."""
    first = secrets.randbelow(1000) * 1000

    def count(asked: Asked, reply: Reply) -> None:
        reply.set("X-Request-Number", str(first + asked.number))

    return count


def measured(first: int) -> Wrong:
    """Measure something; what counts is that it goes down at times."""

    def measure(asked: Asked, reply: Reply) -> None:
        left = first - asked.number
        reply.set("X-Runtime", f"{left / 1000:.6f}")
        if isinstance(reply.body, dict):
            reply.body["took"] = left

    return measure


def habit(change: Wrong) -> tuple[Api, Api]:
    return apis(lambda index: numbers(1 + 40 * index), wrong=change)


def with_old_data(index: int, make_id: Any = None, wrong: Wrong = right) -> Api:
    """Start a server that has data, with ids that count, from another number on each server."""
    api = Api(numbers(1 + 10 * index), wrong=wrong)
    for title in ("Old", "Older"):
        created = api.reply(Asked("POST", "/todos", "", {"title": title}, 0)).body
        for name in ("created_at", "updated_at"):
            created[name] = "2020-01-02T03:04:05.678901Z"
        api.things["todos"][str(created["id"])] |= created
    if make_id:
        for thing in api.things["todos"].values():
            thing["id"] = str(thing["id"])
        api.make_id = make_id
    return api


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
    "epochs": habit(epochs),
    "ends to come": habit(ends_to_come),
    "links": habit(links_of_all_kinds),
    "measurements": (
        Api(numbers(1), wrong=measured(10_000)),
        Api(numbers(9), wrong=measured(20_000)),
    ),
    "request numbers": (
        Api(numbers(1), wrong=counted_requests()),
        Api(numbers(9), wrong=counted_requests()),
    ),
    "sorted by random ids": apis(lambda _: uuids, wrong=sorted_by_id()),
    "sorted by random ids, after old data": (
        with_old_data(0, short, sorted_by_id()),
        with_old_data(0, short, sorted_by_id()),
    ),
    "sorted backwards by short ids": apis(lambda _: short, wrong=sorted_by_id(backwards=True)),
    "a page of those sorted by random ids": apis(lambda _: short, wrong=sorted_by_id(3)),
    "old data": (with_old_data(0), with_old_data(1)),
}


@pytest.mark.parametrize("name", SERVERS)
def test_equal_servers_differ_in_nothing(name: str) -> None:
    client = between(*SERVERS[name])
    assert tell(client) == []
    statuses = {summary(outcome) for each in client.exchanges for outcome in each.outcomes}
    assert statuses == {
        "200 OK",
        "201 Created",
        "204 No Content",
        "404 Not Found",
        "405 Method Not Allowed",
    }
