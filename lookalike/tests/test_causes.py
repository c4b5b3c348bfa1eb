"""Differences with one cause are one finding; two different differences in one place stay two."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lookalike.alignment import Alignment
from lookalike.calls import Call
from lookalike.causes import cause_of, causes_of
from lookalike.client import Exchange, Outcomes
from lookalike.comparison import compare
from lookalike.findings import Cause
from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.openapi import Operation

LISTED, READ, CREATED = "GET /todos", "GET /todos/{todo_id}", "POST /todos"


def answer(status: int, body: Any = None, **fields: str) -> Answer:
    pairs = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    if body is None or isinstance(body, str):
        return Answer(status, (("Content-Type", "text/html"), *pairs), (body or "").encode())
    return Answer(status, (("Content-Type", "application/json"), *pairs), json.dumps(body).encode())


def exchange(
    operation: str, old: Outcome, new: Outcome, body: Any = None, target: str = ""
) -> Exchange:
    method, _, path = operation.partition(" ")
    request = Request.json(method, target or path, body) if body else Request(method, path)
    outcomes = Outcomes(old, new)
    return Exchange(
        0,
        Call(Operation(method, path, {}, ())),
        (request, request),
        outcomes,
        tuple(compare(operation, outcomes, Alignment())),
    )


def cause(operation: str, old: Outcome, new: Outcome, body: Any = None) -> Cause:
    """Return the only cause of how two answers differ."""
    [found] = causes_of(exchange(operation, old, new, body))
    return found


def invalid(**messages: str) -> Answer:
    """Build a refusal in the form of RFC 9457."""
    errors = [{"pointer": f"/{name}", "detail": text} for name, text in messages.items()]
    return answer(422, {"type": "/problems/invalid", "title": "Invalid", "errors": errors})


TOO_LONG = invalid(title="Longer than 200 characters.")
WRONG = invalid(priority="Not a number from 1 to 5.")
BOTH_WRONG = invalid(title="Longer than 200 characters.", priority="Not a number from 1 to 5.")
DONE = answer(201, {"id": 1})
CRASH = answer(500, "Oh dear")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            (LISTED, answer(200, X_Frame="DENY"), answer(200)),
            ("GET /users", answer(404, X_Frame="SAMEORIGIN"), answer(404)),
            id="a header field is missing everywhere",
        ),
        pytest.param(
            (LISTED, answer(200, X_Powered_By="Express"), answer(200, X_Powered_By="Rocket 0.5")),
            (READ, answer(404, X_Powered_By="Express"), answer(404, X_Powered_By="Rocket 0.5")),
            id="a header field has the same two values",
        ),
        pytest.param(
            (LISTED, answer(405, Allow="GET, POST"), answer(405, Allow="GET, OPTIONS, POST")),
            (READ, answer(405, Allow="GET, PUT"), answer(405, Allow="OPTIONS, GET, PUT")),
            id="a list in a header field has the same further item",
        ),
        pytest.param(
            (LISTED, answer(200, Quota="59"), answer(200, Quota="58")),
            (LISTED, answer(200, Quota="12"), answer(200, Quota="10")),
            id="a header field counts something",
        ),
        pytest.param(
            (LISTED, answer(422, {}), answer(400, {})),
            ("PUT /users/{name}", answer(422, {}), answer(400, {})),
            id="refusals have another status",
        ),
        pytest.param(
            (LISTED, answer(200, {}), answer(406, {"detail": "No."})),
            ("GET /users", answer(200, {}), answer(406, {"detail": "No."})),
            id="a media type is refused on several operations",
        ),
        pytest.param(
            (LISTED, answer(404, {}), answer(307, Location="/todos")),
            ("PUT /users/{name}", answer(404, {}), answer(307, Location="/users/a")),
            id="one server redirects from several paths",
        ),
        pytest.param(
            (CREATED, TOO_LONG, DONE),
            (CREATED, BOTH_WRONG, DONE),
            id="a rule is missing, and another is broken as well",
        ),
        pytest.param(
            (CREATED, invalid(title="'ab' is no title."), invalid(title="No title: 'ab'."), "ab"),
            ("PUT /users", invalid(name="'x' is no title."), invalid(name="No title: 'x'."), "x"),
            id="a validation message differs in one way",
        ),
        pytest.param(
            (
                LISTED,
                answer(200, [{"at": "2024-01-02T03:04:05Z"}]),
                answer(200, [{"at": "2024-01-02T03:04:05+00:00"}]),
            ),
            (
                READ,
                answer(200, {"due": "2025-01-02T03:04:05Z"}),
                answer(200, {"due": "2025-01-02T03:04:05+00:00"}),
            ),
            id="times have another form",
        ),
        pytest.param(
            (
                LISTED,
                answer(200, {"items": [{"price": 1.5}]}),
                answer(200, {"items": [{"price": "1.5"}]}),
            ),
            (READ, answer(200, {"price": 2.5}), answer(200, {"price": "2.5"})),
            id="a member is a text",
        ),
        pytest.param(
            (LISTED, answer(200, [{"title": " a"}]), answer(200, [{"title": "a"}])),
            (
                CREATED,
                answer(201, {"title": "b c "}),
                answer(201, {"title": "b c"}),
                {"title": "b c "},
            ),
            id="a text is stripped",
        ),
        pytest.param(
            (LISTED, answer(404, "<h1>Not found</h1>"), answer(404, {"title": "Not Found"})),
            (READ, answer(404, "<h1>Not found</h1>"), answer(404, {"title": "No such todo"})),
            id="bodies have another media type, and so differ",
        ),
    ],
)
def test_one_cause(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert cause(*one) == cause(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            (LISTED, answer(200, Vary="Accept"), answer(200)),
            (LISTED, answer(200), answer(200, Vary="Accept")),
            id="missing on the other side",
        ),
        pytest.param(
            (LISTED, answer(200, Cache_Control="no-store"), answer(200, Cache_Control="private")),
            (LISTED, answer(200, Cache_Control="max-age=60"), answer(200, Cache_Control="private")),
            id="a header field's other value",
        ),
        pytest.param(
            (LISTED, answer(405, Allow="GET, POST"), answer(405, Allow="GET")),
            (LISTED, answer(405, Allow="GET, HEAD"), answer(405, Allow="GET")),
            id="another item of a list",
        ),
        pytest.param(
            (CREATED, TOO_LONG, DONE), (CREATED, WRONG, DONE), id="another rule is missing"
        ),
        pytest.param((CREATED, TOO_LONG, DONE), (CREATED, TOO_LONG, CRASH), id="another status"),
        pytest.param((CREATED, DONE, CRASH), ("POST /users", DONE, CRASH), id="a crash elsewhere"),
        pytest.param(
            (CREATED, answer(400, {"type": "/malformed"}), answer(422, {"type": "/invalid"})),
            (CREATED, answer(400, {"type": "/too-deep"}), answer(422, {"type": "/invalid"})),
            id="another type of problem",
        ),
        pytest.param(
            (CREATED, invalid(title="Too long."), invalid(title="Too  long.")),
            (CREATED, invalid(title="At least 1."), invalid(title="At most 1.")),
            id="another validation message",
        ),
        pytest.param(
            (READ, answer(200, {"title": " a"}), answer(200, {"title": "a"})),
            (READ, answer(200, {"title": "a"}), answer(200, {"title": "A"})),
            id="a text differs in another way",
        ),
        pytest.param(
            (READ, answer(200, {"title": "a"}), answer(200, {"title": None})),
            (READ, answer(200, {"title": "a"}), answer(200, {})),
            id="null is not missing",
        ),
        pytest.param(
            (LISTED, answer(200, [{"id": 1}]), answer(200, [])),
            ("GET /users", answer(200, [{"id": 1}]), answer(200, [])),
            id="another list is shorter",
        ),
        pytest.param(
            (LISTED, DONE, NoAnswer("closed")),
            (LISTED, DONE, NoAnswer("timed out")),
            id="no answer",
        ),
    ],
)
def test_two_causes(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert cause(*one) != cause(*other)


def test_the_causes_of_one_exchange_stay_apart() -> None:
    old = answer(200, {"title": "a", "done": False}, Vary="Accept")
    found = causes_of(exchange(READ, old, answer(200, {"title": "A", "done": None})))
    assert [(each.part, each.name, each.detail) for each in found] == [
        ("vary", "", "new"),
        ("body", "done", "boolean → null"),
        ("body", "title", "case"),
    ]


def test_a_cause_is_short_whatever_the_servers_answer() -> None:
    long = exchange(LISTED, answer(200, X_Long="a" * 10_000), answer(200, X_Long="b c" * 10_000))
    [difference] = long.differences
    assert len(cause_of(long, difference).detail) < 200


def test_a_cause_can_be_written_to_a_file() -> None:
    found = cause(READ, answer(200, {"\ud800": 1}), answer(200, {}))
    assert found == Cause("missing", "body", "\\ud800", "new")


@pytest.mark.parametrize("operation", [LISTED, READ, CREATED])
def test_one_way_of_writing_paths_is_one_cause(operation: str) -> None:
    success = answer(201 if operation == CREATED else 200, {"id": 1})
    differing = exchange(operation, success, answer(404))
    call = replace(differing.call, target=f"/{differing.call.operation.path}", why="two slashes")
    [found] = causes_of(replace(differing, call=call))
    assert found == Cause("value", "status", "not 404 → 404", "two slashes")
