"""What counts as reached, and what is said of what was never a success."""

from typing import Any

import pytest

from lookalike.calls import Call
from lookalike.client import Exchange, Outcomes
from lookalike.coverage import MOST, Coverage, inside, summary
from lookalike.findings import Run
from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.openapi import Contract

CONTRACT = Contract.parse("""
openapi: 3.1.0
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      parameters:
        - {in: query, name: limit, schema: {type: integer}}
        - {in: query, name: filter, style: deepObject, schema: {type: object}}
        - {in: header, name: If-None-Match, schema: {type: string}}
        - {in: cookie, name: theme, schema: {type: string}}
      responses:
        "200":
          content:
            application/json:
              schema:
                type: array
                items: {$ref: "#/components/schemas/Note"}
        4XX: {description: refused}
    post:
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/Note"}}
      responses:
        "201":
          content:
            application/json: {schema: {$ref: "#/components/schemas/Note"}}
        default: {description: anything}
components:
  schemas:
    Id: {type: string}
    Note:
      type: object
      properties:
        id: {$ref: "#/components/schemas/Id", readOnly: true}
        text: {type: string}
        secret: {type: string, writeOnly: true}
        replies:
          type: array
          items: {$ref: "#/components/schemas/Note"}
""")
GET, POST = CONTRACT.operations
JSON = (("Content-Type", "application/json"),)


def exchange(call: Call, request: Request, *outcomes: Outcome) -> Exchange:
    old, new = outcomes if len(outcomes) == 2 else outcomes * 2
    return Exchange(0, call, (request, request), Outcomes(old, new))


def reached(*exchanges: Exchange, contract: Contract = CONTRACT) -> Any:
    coverage, run = Coverage(contract), Run()
    for each in exchanges:
        coverage.exchange(each)
    coverage.ended(run)
    return summary(contract, run.reached).operations


def test_parameters_count_once_both_servers_accepted_them() -> None:
    request = Request(
        "GET",
        "/notes?limit=3&filter%5Btext%5D=a&unknown=1",
        (("if-none-match", '"1"'), ("Cookie", "a=b; theme=dark")),
    )
    refused, _ = reached(exchange(Call(GET), request, Answer(400, (), b"")))
    assert refused.parameters.reached == ()
    half, _ = reached(exchange(Call(GET), request, Answer(200, (), b""), Answer(400, (), b"")))
    assert half.parameters.reached == ()
    accepted, _ = reached(exchange(Call(GET), request, Answer(200, (), b"")))
    assert accepted.parameters.reached == (
        "query limit",
        "query filter",
        "header If-None-Match",
        "cookie theme",
    )
    assert accepted.parameters.missed == ()


def test_properties_count_where_both_answers_have_them() -> None:
    old = Answer(200, JSON, b'[{"id": 1, "text": "a", "replies": [{"id": 2}], "more": 1}]')
    new = Answer(200, JSON, b'[{"id": 1, "replies": [{"id": 2}], "more": 1}]')
    get, _ = reached(exchange(Call(GET), Request("GET", "/notes"), old, new))
    assert get.properties.reached == ("200 /*/id", "200 /*/replies")
    assert get.properties.missed == ("200 /*/text",)


def test_a_schema_that_holds_itself_is_unfolded_once() -> None:
    _, post = reached()
    assert post.parameters.missed == ("body /text", "body /secret", "body /replies")
    assert post.properties.missed == ("201 /id", "201 /text", "201 /replies")


def test_a_schema_that_unfolds_without_end_is_counted_in_part() -> None:
    levels = {
        f"L{number}": {
            "properties": {
                name: {"$ref": f"#/components/schemas/L{number + 1}"} for name in "abcdefgh"
            }
        }
        for number in range(30)
    }
    response = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/L0"}}}}
    contract = Contract(
        {
            "openapi": "3.0.3",
            "paths": {"/": {"get": {"responses": {"200": response}}}},
            "components": {"schemas": levels},
        }
    )
    (get,) = reached(contract=contract)
    assert len(get.properties.missed) == MOST


def test_statuses_are_declared_by_themselves_as_a_class_or_by_default() -> None:
    def seen(operation: Any, *statuses: int) -> Any:
        asked = Request(operation.method, "/notes")
        found = reached(
            *(exchange(Call(operation), asked, Answer(status, (), b"")) for status in statuses)
        )
        return next(each for each in found if each.operation == operation)

    get = seen(GET, 200, 404, 500)
    assert get.statuses.reached == ("200", "4XX")
    assert get.undeclared == ("500",)
    post = seen(POST, 500)
    assert post.statuses.reached == ("default",)
    assert post.statuses.missed == ("201",)
    assert post.undeclared == ()


@pytest.mark.parametrize(
    ("outcomes", "succeeded", "seen"),
    [
        ([], False, "never asked"),
        ([Answer(401, (), b"")] * 2, False, "401 × 2"),
        ([Answer(200, (), b"")] * 2, True, "200 × 2"),
        ([(Answer(200, (), b""), Answer(500, (), b""))], False, "old 200 × 1; new 500 × 1"),
        ([NoAnswer("timed out")], False, "no answer × 1"),
    ],
)
def test_what_never_succeeded_is_told_with_what_came(
    outcomes: list[Any],
    succeeded: bool,  # noqa: FBT001 - a row of the table
    seen: str,
) -> None:
    asked = Request("GET", "/notes")
    get, _ = reached(
        *(exchange(Call(GET), asked, *(o if isinstance(o, tuple) else (o,))) for o in outcomes)
    )
    assert (get.succeeded, get.seen) == (succeeded, seen)


def test_those_never_asked_for_come_last() -> None:
    coverage, run = Coverage(CONTRACT), Run()
    coverage.exchange(exchange(Call(POST), Request("POST", "/notes"), Answer(401, (), b"")))
    coverage.ended(run)
    found = summary(CONTRACT, run.reached)
    assert [each.operation for each in found.unsuccessful] == [POST, GET]
    assert found.totals == {
        "operations": (0, 2),
        "statuses": (1, 4),
        "parameters": (0, 7),
        "properties": (0, 6),
    }


def test_another_method_counts_for_the_operation_it_is_or_for_none() -> None:
    get, post = reached(
        exchange(Call(GET, method="POST"), Request("POST", "/notes"), Answer(201, (), b"")),
        exchange(Call(GET, method="TRACE"), Request("TRACE", "/notes"), Answer(405, (), b"")),
    )
    assert (get.calls, post.calls) == (0, 1)


def test_bodies_are_read_where_they_can_be() -> None:
    assert inside("application/problem+json; charset=utf-8", b'{"a": [{"b/c": 1}]}') == {
        "/a",
        "/a/*/b~1c",
    }
    assert inside("application/x-www-form-urlencoded", b"a=1&b=") == {"/a", "/b"}
    for media_type, body in [
        ("application/json", b"{"),
        ("application/json", b"[" * 100_000),
        ("text/plain", b"a=1"),
        (None, b'{"a": 1}'),
        ("application/json", None),
    ]:
        assert inside(media_type, body) == set()
