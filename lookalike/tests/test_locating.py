"""An API is found below its path, and asked by its own spelling where its paths end otherwise."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lookalike import locating
from lookalike.calls import Call
from lookalike.check import check
from lookalike.client import DifferentialClient
from lookalike.diff import Options, diff
from lookalike.endings import Ending, toggled
from lookalike.findings import Run
from lookalike.http import Answer, Request
from lookalike.openapi import Contract
from lookalike.targets import WsgiTarget
from lookalike.tests.notebook import CONTRACT, Notes, Slashed, actor
from lookalike.tests.test_preflight import TODOS, Api, contract


def test_required_queries_take_the_files_values() -> None:
    def query(**schema: Any) -> dict[str, Any]:
        parameter = {"in": "query", "name": "q", "required": True, "schema": schema}
        return {**TODOS, "parameters": [parameter]}

    file = contract(
        a=query(default=True), b=query(enum=["x y"]), c=query(type="string"), d=query(example=[1])
    )
    found = {operation.path: request.target for operation, request in locating.readable(file)}
    assert found == {"/a": "/a?q=true", "/b": "/b?q=x+y"}


@pytest.mark.parametrize(
    ("statuses", "path", "is_guessed"),
    [
        ({"/api/todos": "200 OK"}, "/api", False),
        ({"/todos": "401 Unauthorized"}, "", False),
        ({"/api/todos": "500 Oh", "/todos": "200 OK"}, "/api", False),
        ({"/todos/": "200 OK"}, "", False),
        ({"/v1/todos": "200 OK"}, "/v1", True),
        ({"/api/v1/todos/": "401 Unauthorized"}, "/api/v1", True),
        ({}, "/api", False),
    ],
)
def test_the_base_path_is_the_files_unless_something_is_elsewhere_alone(
    statuses: dict[str, str],
    path: str,
    is_guessed: bool,  # noqa: FBT001 - a row of the table
) -> None:
    found = locating.below(WsgiTarget(Api(statuses)), "/api", contract(todos=TODOS))
    assert (found[0].base_url, found[1]) == (f"http://localhost{path}", is_guessed)
    answer = found[0].send(Request("GET", "/todos"))
    assert isinstance(answer, Answer)
    assert f"{answer.status}" in json.dumps(statuses) or answer.status == 404


@pytest.mark.parametrize(
    ("target", "other"),
    [("/a", "/a/"), ("/a/", "/a"), ("/a?b=c/", "/a/?b=c/"), ("/", "/"), ("/a//", "/a")],
)
def test_an_ending_is_toggled(target: str, other: str) -> None:
    assert toggled(target) == other


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        ("/todos", "/todos/"),
        ("/todos/5?x=1", "/todos/5/?x=1"),
        ("/todos/", "/todos/"),
        ("/login", "/login"),
        ("/users/5/keys", "/users/5/keys"),
        ("/users/5", "/users/5/"),
        ("*", "*"),
    ],
)
def test_paths_are_spelled_as_a_server_has_them(target: str, sent: str) -> None:
    ending = Ending.of(has_slash=True, as_written=["/login", "/users/{id}/keys"])
    assert ending(Request("GET", target)).target == sent


def test_a_server_may_want_no_slash() -> None:
    ending = Ending.of(has_slash=False)
    sent = [ending(Request("GET", path)).target for path in ("/", "/a/", "/a/5/?b=c", "/a")]
    assert sent == ["/", "/a", "/a/5?b=c", "/a"]


@pytest.mark.parametrize(
    ("application", "path", "expected", "said"),
    [
        (Api({"/todos": "200 OK"}), "/todos", None, ""),
        (Api({}), "/todos", None, ""),
        (Api({"/todos": "401 Unauthorized"}), "/todos", None, ""),
        (
            Slashed(Api({"/todos": "200 OK"})),
            "/todos",
            True,
            "/todos with a redirection to /todos/ (301)",
        ),
        (
            Slashed(Api({"/todos": "401 Unauthorized"}), redirects=False),
            "/todos",
            True,
            "/todos with 404, and has /todos/",
        ),
        (Api({"/todos": "200 OK"}), "/todos/", False, "/todos/ with 404, and has /todos"),
        (Slashed(Api({}), redirects=False), "/todos", None, ""),
    ],
)
def test_another_ending_is_seen(
    application: Any,
    path: str,
    expected: bool | None,  # noqa: FBT001 - a row of the table
    said: str,
) -> None:
    file = Contract({"openapi": "3.1.0", "paths": {path: {"get": TODOS}}})
    ending, answer = locating.ending(WsgiTarget(application), file)
    assert (ending.has_slash if ending else None, answer) == (expected, said)


def test_a_path_that_is_routed_by_hand_keeps_its_ending() -> None:
    paths: Mapping[str, Any] = {
        "/todos": {"get": TODOS},
        "/todos/{id}": {"delete": TODOS},
        "/login": {"post": TODOS},
    }
    application = Slashed(
        Api({"/todos": "200 OK", "/login": "405 No GET"}), redirects=False, besides=["/login"]
    )
    ending, _ = locating.ending(
        WsgiTarget(application), Contract({"openapi": "3.1.0", "paths": paths})
    )
    assert ending is not None
    sent = [ending(Request("GET", path)).target for path in ("/todos", "/todos/5", "/login")]
    assert sent == ["/todos/", "/todos/5/", "/login"]


def compared(new: Any) -> Run:
    targets = WsgiTarget(Notes()), WsgiTarget(new)
    for target in targets:
        target.ending, _ = locating.ending(target, CONTRACT)
    options = Options(seconds=None, requests=600, seed=1)
    return diff(CONTRACT, *targets, options=options, actors=[actor("ann")])


@pytest.mark.parametrize("redirects", [True, False])
def test_slashes_are_one_finding_that_hides_no_other(*, redirects: bool) -> None:
    run = compared(Slashed(Notes("loses", first_id=4000), redirects=redirects))
    slash, *others = sorted(run.findings, key=lambda each: not each.story[-1].is_literal)
    assert slash.cause.name == f"200 → {301 if redirects else 404}"
    assert {*slash.operations} == {"GET /notes", "GET /notes/{note_id}", "GET /sessions"}
    assert {request.target for request in slash.exchanges[-1].requests} == {"/notes"}
    assert {each.cause.part for each in others} == {"body"}
    assert others[0].exchanges[-1].requests[1].target.partition("?")[0].endswith("/")


def test_what_is_asked_of_a_link_or_by_hand_is_spelled_too() -> None:
    old, new = WsgiTarget(Notes()), WsgiTarget(Slashed(Notes()))
    new.ending = Ending.of(has_slash=True)
    client = DifferentialClient(old, new)
    operation = next(each for each in CONTRACT.operations if each.name == "GET /notes")
    spelled, literal = (
        client.send(Call(operation, is_literal=is_literal)) for is_literal in (False, True)
    )
    assert [request.target for request in spelled.requests] == ["/notes", "/notes/"]
    assert [request.target for request in literal.requests] == ["/notes", "/notes"]
    assert not spelled.differences
    assert literal.differences


def test_a_check_finds_the_same_where_paths_end_otherwise() -> None:
    def faults(application: Any) -> set[str]:
        target = WsgiTarget(application)
        target.ending, _ = locating.ending(target, CONTRACT)
        checked = check(CONTRACT, target, actors=[actor("ann")], packs=["methods"], seed=1)
        return {each.fault.what for result in checked.results for each in result.failures}

    assert faults(Slashed(Notes())) == faults(Notes()) != set()
