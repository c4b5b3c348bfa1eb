"""Sources of variants, on exchanges made by hand."""

import json
from typing import Any

from lookalike.calls import Call
from lookalike.client import Exchange, Pair
from lookalike.http import Answer, Fields, Request
from lookalike.openapi import Contract
from lookalike.variants import asked
from lookalike.variants.methods import methods


def contract(paths: dict[str, Any], **more: Any) -> Contract:
    return Contract({"openapi": "3.1.0", "paths": paths, **more})


def exchange(
    of: Contract, name: str, answer: Any = None, fields: Fields = (), status: int = 200, **call: Any
) -> Exchange:
    [operation] = [each for each in of.operations if each.name == name]
    fields = (("Content-Type", "application/json"), *fields)
    outcome = Answer(status, fields, json.dumps(answer).encode())
    request = Request(operation.method, operation.path)
    return Exchange(3, Call(operation, **call), (request, request), Pair(outcome, outcome))


def test_methods_that_a_path_does_not_declare() -> None:
    found = contract({"/todos": {"get": {}, "post": {}}})
    asked_for = [call.method for call in methods(found, exchange(found, "GET /todos"))]
    assert asked_for[:2] == ["HEAD", "OPTIONS"]
    assert {"PUT", "PATCH", "DELETE", "TRACE", "get"} <= {*asked_for}
    assert "POST" not in asked_for
    assert [*methods(found, exchange(found, "POST /todos"))] == []


def test_a_source_is_told_what_came_of_its_calls() -> None:
    found = contract({"/todos": {"get": {}}})
    first = exchange(found, "GET /todos")
    calls = []

    def send(call: Call) -> Exchange:
        calls.append(call)
        return first

    assert {each.step for each in asked(methods(found, first), send)} == {3}
    assert calls == [*methods(found, first)]
