"""Each way in which a server can differ is found, however its values are made."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

import pytest

from lookalike.alignment import Difference
from lookalike.comparison import ABSENT
from lookalike.tests.servers import (
    Api,
    Asked,
    Reply,
    Wrong,
    numbers,
    short,
    slugs,
    sorted_by_id,
    uuids,
)
from lookalike.tests.stories import between, tell

IDS: dict[str, Callable[[int], Any]] = {
    "uuids": lambda _: uuids,
    "numbers": lambda index: numbers(1 + index),
    "slugs": lambda _: slugs,
}


def found(wrong: Wrong, ids: str = "uuids", **options: Any) -> list[Difference]:
    make = IDS[ids]
    return tell(between(Api(make(0)), Api(make(1), wrong=wrong, **options)))


def on(what: str) -> Callable[[Callable[[Asked, Reply], None]], Wrong]:
    """Spoil the answers of one operation alone."""

    def limit(wrong: Callable[[Asked, Reply], None]) -> Wrong:
        @wraps(wrong)
        def limited(asked: Asked, reply: Reply) -> None:
            if asked.what == what and reply.status < 300:
                wrong(asked, reply)

        return limited

    return limit


CREATE, LIST, READ, CHANGE = "POST /todos", "GET /todos", "GET /todos/*", "PATCH /todos/*"


@on(READ)
def another_status(_: Asked, reply: Reply) -> None:
    reply.status = 203


@on(READ)
def another_header_value(_: Asked, reply: Reply) -> None:
    reply.set("Content-Type", "application/json; charset=utf-8")


@on(CREATE)
def a_header_missing(_: Asked, reply: Reply) -> None:
    reply.drop("Location")


@on(READ)
def a_header_more(_: Asked, reply: Reply) -> None:
    reply.set("X-Powered-By", "new")


@on(READ)
def a_header_repeated(_: Asked, reply: Reply) -> None:
    reply.fields += [pair for pair in reply.fields if pair[0] == "ETag"]


@on(READ)
def a_member_missing(_: Asked, reply: Reply) -> None:
    del reply.body["owner" if "owner" in reply.body else "title"]


@on(READ)
def a_member_more(_: Asked, reply: Reply) -> None:
    reply.body["extra"] = None


@on(READ)
def null_for_missing(_: Asked, reply: Reply) -> None:
    reply.body.setdefault("parent", None)


@on(READ)
def missing_for_null(_: Asked, reply: Reply) -> None:
    del reply.body["remark"]


@on(READ)
def a_number_as_text(_: Asked, reply: Reply) -> None:
    reply.body["version"] = str(reply.body["version"])


@on(READ)
def a_number_with_a_fraction(_: Asked, reply: Reply) -> None:
    reply.body["version"] = float(reply.body["version"])


@on(READ)
def another_value(_: Asked, reply: Reply) -> None:
    reply.body["title"] = reply.body["title"].upper()


@on(LIST)
def another_order(_: Asked, reply: Reply) -> None:
    reply.body["items"].reverse()


@on(LIST)
def one_less(_: Asked, reply: Reply) -> None:
    reply.body["items"] = reply.body["items"][1:]


@on(READ)
def one_object_for_an_array(_: Asked, reply: Reply) -> None:
    reply.body = [reply.body]


@on(READ)
def another_encoding(_: Asked, reply: Reply) -> None:
    reply.body = str(reply.body).replace("'", '"').encode("utf-16")


@on(READ)
def another_media_type(_: Asked, reply: Reply) -> None:
    reply.body = b"<p>Buy milk</p>"
    reply.set("Content-Type", "text/html")


@on(READ)
def an_empty_body(_: Asked, reply: Reply) -> None:
    reply.body = b""
    reply.set("Content-Type", "application/json")


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize(
    ("wrong", "part", "pointer", "what"),
    [
        (another_status, "status", "", "value"),
        (another_header_value, "content-type", "", "value"),
        (a_header_missing, "location", "", "missing"),
        (a_header_more, "x-powered-by", "", "missing"),
        (a_header_repeated, "etag", "", "length"),
        (a_member_missing, "body", "/title", "missing"),
        (a_member_more, "body", "/extra", "missing"),
        (null_for_missing, "body", "/parent", "missing"),
        (missing_for_null, "body", "/remark", "missing"),
        (a_number_as_text, "body", "/version", "type"),
        (a_number_with_a_fraction, "body", "/version", "type"),
        (another_value, "body", "/title", "value"),
        (another_order, "body", "/items", "order"),
        (one_less, "body", "/items", "length"),
        (one_object_for_an_array, "body", "", "type"),
        (another_encoding, "body", "", "value"),
        (another_media_type, "content-type", "", "value"),
        (another_media_type, "body", "", "value"),
        (an_empty_body, "body", "", "value"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_differs_is_found_where_it_differs(
    wrong: Wrong, part: str, pointer: str, what: str, ids: str
) -> None:
    differences = found(wrong, ids)
    assert (part, pointer, what) in {
        (each.place.part, each.place.pointer, each.what) for each in differences
    }
    assert {each.place.operation.replace("{id}", "*") for each in differences} <= {
        CREATE, LIST, READ, READ.replace("todos", "notes")
    }  # fmt: skip


def test_null_is_not_nothing() -> None:
    first = next(each for each in found(null_for_missing) if each.what == "missing")
    assert (first.old, first.new) == (ABSENT, None)


# What follows builds servers that remember.


def swapped_ids() -> Wrong:
    """Show the first two things with each other's ids."""

    @on(LIST)
    def wrong(_: Asked, reply: Reply) -> None:
        items = reply.body["items"] = [dict(item) for item in reply.body["items"]]
        if len(items) > 1:
            items[0]["id"], items[1]["id"] = items[1]["id"], items[0]["id"]

    return wrong


def an_id_of_another() -> Wrong:
    """Show the id of what was read before."""
    seen: list[Any] = []

    @on(READ)
    def wrong(_: Asked, reply: Reply) -> None:
        seen.append(reply.body["id"])
        if len({*seen}) > 2:
            reply.body["id"] = seen[0]

    return wrong


def a_count_one_too_high() -> Wrong:
    """Count as if numbers were ids, which are one higher on the new server."""

    @on(LIST)
    def wrong(_: Asked, reply: Reply) -> None:
        reply.body["count"] += 1

    return wrong


def versions_that_skip() -> Wrong:
    @on(CHANGE)
    def wrong(_: Asked, reply: Reply) -> None:
        reply.body["version"] += 1

    return wrong


def wrong_location() -> Wrong:
    """Give the right id in the body, and another one in Location."""
    seen: list[str] = []

    @on(CREATE)
    def wrong(_: Asked, reply: Reply) -> None:
        seen.append(str(reply.body["id"]))
        reply.set("Location", f"/todos/{seen[0]}")

    return wrong


def locations_one_too_high() -> Wrong:
    """Go one further each time: no two answers contradict each other in that."""

    @on(CREATE)
    def wrong(_: Asked, reply: Reply) -> None:
        if isinstance(reply.body["id"], int):
            reply.set("Location", f"/todos/{reply.body['id'] + 1}")
        else:
            reply.set("Location", f"/todos/{uuids('', {})}")

    return wrong


def equal_tokens() -> Wrong:
    seen: list[str] = []

    @on(CREATE)
    def wrong(_: Asked, reply: Reply) -> None:
        seen.append(reply.body["token"])
        if len(seen) > 2:
            reply.body["token"] = seen[0]

    return wrong


def equal_etags() -> Wrong:
    """Keep the entity tag of what has changed."""
    tags: dict[str, str] = {}

    def wrong(asked: Asked, reply: Reply) -> None:
        if asked.what in {READ, CHANGE} and reply.status == 200:
            tag = dict(reply.fields)["ETag"]
            reply.set("ETag", tags.setdefault(asked.path, tag))

    return wrong


def changed_echo() -> Wrong:
    @on(CREATE)
    def wrong(_: Asked, reply: Reply) -> None:
        if "due" in reply.body:
            reply.body["due"] = "2030-01-02T03:04:06Z"

    return wrong


def equal_times() -> Wrong:
    """Leave the time of the last change as it was."""

    @on(CHANGE)
    def wrong(_: Asked, reply: Reply) -> None:
        reply.body["updated_at"] = reply.body["created_at"]

    return wrong


def times_out_of_order() -> Wrong:
    moments: list[str] = []

    @on(CREATE)
    def wrong(_: Asked, reply: Reply) -> None:
        moments.append(reply.body["created_at"])
        reply.body["created_at"] = moments[-2] if len(moments) > 1 else moments[0]

    return wrong


def times_far_apart() -> Wrong:
    @on(CREATE)
    def wrong(_: Asked, reply: Reply) -> None:
        late = datetime.now(UTC) - timedelta(hours=1)
        reply.body["created_at"] = late.isoformat().replace("+00:00", "Z")

    return wrong


def times_of_another_form() -> Wrong:
    @on(CREATE)
    def wrong(_: Asked, reply: Reply) -> None:
        reply.body["created_at"] = reply.body["created_at"].replace("Z", "+00:00")

    return wrong


def shorter_fractions() -> Wrong:
    @on(CREATE)
    def wrong(_: Asked, reply: Reply) -> None:
        reply.body["created_at"] = f"{reply.body['created_at'][:23]}Z"

    return wrong


def another_on_the_second_visit() -> Wrong:
    visits: list[str] = []

    @on(READ)
    def wrong(asked: Asked, reply: Reply) -> None:
        visits.append(asked.path)
        if visits.count(asked.path) == 2:
            reply.body["title"] = "Seen"

    return wrong


def late_variation() -> Wrong:
    """Begin to vary what was constant, on the new server alone."""

    @on(READ)
    def wrong(asked: Asked, reply: Reply) -> None:
        if asked.number > 20:
            reply.body["title"] = f"{reply.body['title']} {asked.number}"

    return wrong


def tokens_of_another_form() -> Wrong:
    @on(CREATE)
    def wrong(_: Asked, reply: Reply) -> None:
        reply.body["token"] = str(uuids("", {}))

    return wrong


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize(
    ("make", "part", "pointer"),
    [
        (swapped_ids, "body", "/items"),
        (an_id_of_another, "body", "/id"),
        (a_count_one_too_high, "body", "/count"),
        (versions_that_skip, "body", "/version"),
        (wrong_location, "location", ""),
        (locations_one_too_high, "location", ""),
        (equal_tokens, "body", "/token"),
        (equal_etags, "etag", ""),
        (changed_echo, "body", "/due"),
        (equal_times, "body", "/updated_at"),
        (times_out_of_order, "body", "/created_at"),
        (times_far_apart, "body", "/created_at"),
        (times_of_another_form, "body", "/created_at"),
        (shorter_fractions, "body", "/created_at"),
        (another_on_the_second_visit, "body", "/title"),
        (late_variation, "body", "/title"),
        (tokens_of_another_form, "body", "/token"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_alignment_hides_nothing(
    make: Callable[[], Wrong], part: str, pointer: str, ids: str
) -> None:
    assert (part, pointer) in {
        (each.place.part, each.place.pointer.partition("#")[0].partition("/*")[0])
        for each in found(make(), ids)
    }


@pytest.mark.parametrize("ids", IDS)
def test_where_ids_stand_in_sentences_other_words_are_none(ids: str) -> None:
    def naming(another: str) -> Wrong:
        def name(asked: Asked, reply: Reply) -> None:
            if asked.what == READ and reply.status == 200:
                word = another if reply.body["title"] == "Changed" else reply.body["id"]
                reply.body["remark"] = f"this is {word}"

        return name

    make = IDS[ids]
    old, new = Api(make(0), wrong=naming("good")), Api(make(1), wrong=naming("bad"))
    differences = tell(between(old, new))
    assert {(each.place.pointer, each.what) for each in differences} == {("/remark", "value")}
    assert {each.new for each in differences} == {"this is bad"}


@pytest.mark.parametrize("ids", [short, uuids])
def test_what_is_sorted_by_random_ids_is_still_compared(ids: Callable[..., str]) -> None:
    sort = sorted_by_id()

    def wrong(asked: Asked, reply: Reply) -> None:
        sort(asked, reply)
        if asked.what == LIST:
            reply.body["items"] = [
                {**item, "title": "A run"} if item["title"] == "A walk" else item
                for item in reply.body["items"]
            ]

    differences = tell(between(Api(ids, wrong=sort), Api(ids, wrong=wrong)))
    assert {(each.place.name, each.what) for each in differences} == {("title", "value")}
