"""How it is told whether lookalike has found a row by itself."""

from collections.abc import Sequence
from typing import Any

import pytest

from comparison.wire.finding import Exchange, exchange_of, is_found, kind, kinds_of, report, shape
from comparison.wire.lab import Answer
from comparison.wire.rows import Alignment, Request, Row

ACCEPTED, REFUSED = (
    Answer(200, "OK", (), "{}"),
    Answer(400, "Bad Request", (), '{"stock": ["No."]}'),
)
OTHER = Answer(400, "Bad Request", (), '{"sku": ["No."]}')
CREATED = Answer(201, "Created", (), "{}")
ANSWERS = {"flask": ACCEPTED, "django": REFUSED}


def row(
    line: str = "PATCH /products/1[/]", body: str = '{"stock": 3.7}', by: str = "request"
) -> Row:
    method, target = line.split(" ")
    request = Request(method, target, body=body)
    alignments = {"flask": Alignment(()), "django": Alignment(())}
    return Row("cut", "Area", "Title", "Why.", "See", request, ("accepted",), by, alignments)


@pytest.mark.parametrize(
    ("line", "body", "answers", "expected"),
    [
        ("PATCH /products/27", '{"stock": 12.4, "name": "N"}', (ACCEPTED, REFUSED), True),
        ("POST /products", '{"stock": 12.4, "name": "N"}', (CREATED, REFUSED), True),
        ("PATCH /products/27", '{"stock": 12.4}', (ACCEPTED, OTHER), False),
        ("DELETE /products/27", '{"stock": 12.4}', (ACCEPTED, REFUSED), False),
        ("PATCH /products/27", '{"stock": 12, "name": "N"}', (ACCEPTED, REFUSED), False),
        ("PATCH /products/27", '{"weight": 12.4}', (ACCEPTED, REFUSED), False),
        ("PATCH /todos/27", '{"stock": 12.4}', (ACCEPTED, REFUSED), False),
        ("PATCH /products/27", '{"stock": 12.4}', (REFUSED, REFUSED), False),
        ("PATCH /products/27?a=1", '{"stock": 12.4}', (ACCEPTED, REFUSED), False),
    ],
)
def test_a_row_is_found_by_an_exchange_of_its_kind(
    line: str, body: str, answers: Sequence[Answer], *, expected: bool
) -> None:
    exchange = Exchange(line, body, dict(zip(ANSWERS, answers, strict=True)))
    assert is_found(row(), ANSWERS, exchange) is expected


def test_shapes_leave_ids_and_values_out() -> None:
    assert shape("GET /products/5?page=7") == shape("GET /products/1[/]?page=2")
    assert shape("GET /products/5?page=") != shape("GET /products/1[/]?page=2")
    assert shape("GET /products/abc") == shape("GET /products/-[/]")
    assert shape("GET /products") != shape("GET /products/1")
    assert shape("GET /products?format=1") == shape("GET /products[/]?format=xml")
    assert shape("GET /products?format=1") != shape("GET /products?x=1")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (True, "bool"),
        (None, "NoneType"),
        ([], "empty"),
        ([1], "list"),
        (2**64, "large"),
        (3, "number"),
        (3.0, "whole"),
        (3.5, "1 decimals"),
        ("", "blank"),
        (" a", "with spaces"),
        ("a\0", "with null"),
        ("\ud800", "with surrogate"),
        ("12", "digits"),
        ("12.00", "digits with zeros"),
        ("tRuE", "boolean"),
        ("2026-05-01T10:00:00+02:00", "time with offset"),
        ("2026-05-01", "time"),
        ("mug", "word"),
    ],
)
def test_kinds(value: Any, name: str) -> None:
    assert kind(value) == name


def test_bodies_have_kinds_of_their_members() -> None:
    assert kinds_of("") == {"": "nothing"}
    assert kinds_of("{") == {"": "malformed"}
    assert kinds_of("[1]") == {"": "list"}
    assert kinds_of('{"stock": 1}') == {"stock": "number"}
    assert kinds_of('{"stock": 1, "a": 1, "b": ""}') == {"stock": "number", "(unknown)": ""}


def test_exchanges_are_read_from_the_report() -> None:
    answer = {"status": 200, "reason": "OK", "fields": [["Vary", "Accept"]], "body": "{}"}
    event = {
        "requests": [{"method": "GET", "target": "/products", "body": None}] * 2,
        "answers": [answer, {"error": "timed out"}],
    }
    exchange = exchange_of(event)
    assert (exchange.line, exchange.body) == ("GET /products", "")
    assert exchange.answers["flask"].header("vary") == "Accept"
    assert exchange.answers["django"].status == 0


def test_the_report_says_where_the_data_says_otherwise() -> None:
    rows = [(row(by="lookalike"), True), (row(by="request"), True), (row(by="request"), False)]
    assert [*report(rows)] == ["2 of 3 found by lookalike", "cut: found, but by its data request"]
