"""How checks get what they need: values by schemas, resources by their paths, pages by links."""

import json
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from lookalike.check import check
from lookalike.checks.api import Api
from lookalike.checks.client import Client
from lookalike.checks.schemas import Schemas
from lookalike.openapi import Contract
from lookalike.samples import sample
from lookalike.targets import WsgiTarget
from lookalike.tests.right_server import ACTORS, DOCUMENT, Ask, Note, RightServer, Say

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def contract(paths: dict[str, Any], version: str = "3.0.3", **schemas: Any) -> Contract:
    return Contract({"openapi": version, "paths": paths, "components": {"schemas": schemas}})


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - repeatable


NOTHING: dict[str, Any] = {"/x": {"get": {"responses": {}}}}


@pytest.mark.parametrize(
    ("version", "schema", "value", "keywords"),
    [
        ("3.0.3", {"type": "string", "nullable": True}, None, set()),
        ("3.1.0", {"type": ["string", "null"]}, None, set()),
        ("3.0.3", {"type": "string"}, None, {"type"}),
        ("3.0.3", {"type": "string", "enum": ["a"], "nullable": True}, None, set()),
        ("3.0.3", {"minimum": 3, "exclusiveMinimum": True}, 3, {"exclusiveMinimum"}),
        ("3.0.3", {"minimum": 3, "exclusiveMinimum": False}, 3, set()),
        ("3.1.0", {"exclusiveMinimum": 3}, 3, {"exclusiveMinimum"}),
        ("3.1.0", {"type": "string", "format": "date-time"}, "2024-02-03T04:05:06", {"format"}),
        ("3.0.3", {"$ref": "#/components/schemas/Own"}, {"id": 1}, {"required"}),
        ("3.0.3", {"$ref": "#/components/schemas/Own"}, {"name": "a"}, set()),
    ],
)
def test_schemas_of_both_versions(
    version: str, schema: dict[str, Any], value: Any, keywords: set[str]
) -> None:
    own = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}},
    }
    schemas = Schemas(contract(NOTHING, version, Own=own))
    assert {each.keyword for each in schemas.violations(schema, value, "readOnly")} == keywords


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 30},
        {"type": "string", "maxLength": 3},
        {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
        {"type": "string", "pattern": "^[a-z]+$", "maxLength": 12},
        {"type": "string", "format": "email", "pattern": "^[^@]+@[^@]+$"},
        {"type": "string", "format": "uuid"},
        {"type": "integer", "minimum": 7, "multipleOf": 5},
        {"type": "integer", "maximum": -3},
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
        {"enum": [None, "a"]},
        {"const": 5},
        {"anyOf": [{"type": "null"}, {"type": "integer"}]},
        {"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]},
    ],
    ids=json.dumps,
)
def test_samples_are_valid(schema: dict[str, Any]) -> None:
    file = contract(NOTHING, "3.1.0")
    schemas, value = Schemas(file), sample(file, schema)
    assert schemas.accepts(schema, value), value
    varied = schemas.varied(schema, value, chance(2))
    assert schemas.accepts(schema, varied), varied


@pytest.mark.parametrize("schema", [{"pattern": "("}, {"$ref": "#/nowhere"}, {"type": "strin"}])
def test_what_is_no_schema_is_said_and_allows_anything(schema: dict[str, Any]) -> None:
    schemas = Schemas(contract(NOTHING, "3.1.0"))
    assert schemas.unreadable(schema)
    assert schemas.accepts(schema, 5)


def test_values_that_no_validator_reads_are_let_alone() -> None:
    assert Schemas(contract(NOTHING)).accepts({"type": "string"}, "\ud800")


def test_samples_of_what_contains_itself_end() -> None:
    own = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Own"}}}
    assert sample(contract(NOTHING, Own=own), {"$ref": "#/components/schemas/Own"}) != {}


def test_varied_texts_keep_their_outline() -> None:
    schemas = Schemas(contract(NOTHING))
    varied = schemas.varied({}, {"sku": "AB-12 c"}, chance(1))["sku"]
    assert re.fullmatch("[A-Z]{2}-[0-9]{2} [a-z]", varied)
    assert varied != "AB-12 c"


# What is deleted

WRITING = ("methods", "conditional", "writes", "merge-patch", "authentication")


def test_only_what_was_made_is_deleted() -> None:
    server = RightServer()
    server.notes["old"] = Note("ann", 0, "old", {"title": "from before", "label": "home"})
    deleted: set[str] = set()

    def after(ask: Ask, say: Say) -> Say:
        if ask.method == "DELETE" and say.status == 204:
            deleted.add(ask.path)
        return say

    server.after = after
    check(Contract(DOCUMENT), WsgiTarget(server), actors=ACTORS, packs=WRITING)
    assert "old" in server.notes
    assert len(deleted) > 5


def test_nothing_is_deleted_where_nothing_can_be_made() -> None:
    server = RightServer()
    server.notes["old"] = Note("ann", 0, "old", {"title": "from before", "label": "home"})
    methods: set[str] = set()

    def after(ask: Ask, say: Say) -> Say:
        methods.add(ask.method)
        return replace(say, status=403) if ask.method == "POST" else say

    server.after = after
    checked = check(Contract(DOCUMENT), WsgiTarget(server), actors=ACTORS, packs=WRITING)
    assert "DELETE" not in methods
    assert any(line.startswith("DELETE /notes/{note_id}: ") for line in checked.unreached)


# How what was created is found again


def things(status: int, body: Any, fields: dict[str, str]) -> Application:
    """Create things with an answer of choice; only the thing 7 is there."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        code, value = 404, None
        if environ["REQUEST_METHOD"] == "POST":
            code, value = status, body
        elif environ["PATH_INFO"] == "/things/7":
            code, value = 200, {"id": 7}
        shown = {"Content-Type": "application/json", **(fields if code == status else {})}
        start_response(f"{code} Fine", [*shown.items()])
        return [json.dumps(value).encode()]

    return application


THINGS = {
    "/things": {
        "post": {
            "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {},
        }
    },
    "/things/{thing_id}": {
        "get": {"parameters": [{"in": "path", "name": "thing_id"}], "responses": {}}
    },
}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"id": 7}, {}),
        ({"thingId": "7"}, {}),
        ({"data": {"id": 7, "owner": {"id": 3}}}, {}),
        ({"name": "5", "thing": {"uuid": "7"}}, {}),
        (None, {"Location": "/things/7"}),
        ({"id": 9}, {"Location": "http://in-process/things/7"}),
    ],
)
def test_what_was_created_is_found(body: Any, fields: dict[str, str]) -> None:
    own = contract(THINGS)
    api = Api(own, Client(WsgiTarget(things(201, body, fields))))
    [read] = [each for each in own.operations if each.method == "GET"]
    seen = api.accepted(read)
    assert seen is not None
    assert seen.request.target == "/things/7"


# Ways to the next page


def paged(kind: str, *, is_right: bool) -> Application:
    """Serve five entries in pages by a cursor, a page's number, or an offset."""
    found = [{"id": number} for number in range(5)]

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = dict(parse_qsl(environ["QUERY_STRING"]))
        size = int(query.get("limit", 20))
        if size < 2:
            start_response("400 Bad Request", [])
            return []
        given = int(query.get(kind, 1 if kind == "page" else 0))
        start = (given - 1) * size if kind == "page" else given
        start -= int(start > 0 and not is_right)
        end = start + size
        value: Any = found[start:end]
        if kind == "cursor":
            value = {"items": value, "next_cursor": str(end) if end < len(found) else None}
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(value).encode()]

    return application


@pytest.mark.parametrize("kind", ["cursor", "page", "offset"])
def test_pages_by_parameters(kind: str) -> None:
    parameters = [
        {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 2}},
        {"in": "query", "name": kind, "schema": {"type": "integer"}},
    ]
    own = contract({"/entries": {"get": {"parameters": parameters, "responses": {}}}})
    right = check(own, WsgiTarget(paged(kind, is_right=True)), packs=["paging"])
    assert (right.score.passed, right.score.applicable) == (4, 4)
    wrong = check(own, WsgiTarget(paged(kind, is_right=False)), packs=["paging"])
    failed = {result.check.name for result in wrong.results if result.failures}
    assert "rfc5005-3-no-entry-comes-twice" in failed


# Files and answers of any form

ODD: dict[str, Any] = {
    "/a": {
        "get": {"responses": {200: {"description": "a number for a status"}}},
        "post": {"requestBody": {"content": {"application/json": None}}, "responses": {}},
        "put": {
            "requestBody": {"content": {"application/json": {"schema": True}}},
            "responses": {"2XX": {"content": {"application/json": {"schema": False}}}},
        },
        "patch": {
            "requestBody": {
                "content": {
                    "application/merge-patch+json": {
                        "schema": {
                            "properties": {
                                "a": True,
                                "b": {"type": ["array", "null"], "items": True},
                                "c": {"type": "object", "additionalProperties": True},
                            }
                        }
                    }
                }
            }
        },
        "delete": {},
    },
    "/a/{id}": {
        "parameters": [{"in": "path", "name": "id"}],
        "get": {
            "parameters": [
                {"in": "query", "name": "limit"},
                {"in": "query", "name": "page", "content": {"application/json": {}}},
                {"in": "query", "name": "kind", "schema": {"enum": ["x", 1, None]}},
            ],
            "responses": {"200": {"content": {"*/*": {}}, "headers": {"ETag": {}, "X": True}}},
        },
        "put": {
            "parameters": [{"in": "header", "name": "If-Match", "required": True}],
            "requestBody": {
                "content": {"application/json": {"schema": {"type": "array", "minItems": 1}}}
            },
            "responses": {"412": {}, "428": {}},
        },
        "patch": {"requestBody": {"$ref": "#/components/requestBodies/none"}},
        "delete": {"responses": {"204": {}}},
    },
    "/b": {
        "get": {
            "parameters": [{"in": "query", "name": "limit"}, {"in": "query", "name": "cursor"}],
            "responses": {
                "200": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Own"}}
                    }
                }
            },
        },
        "post": {"requestBody": {"content": {"multipart/form-data": {}}}, "responses": {}},
    },
    "/c/{x}/{y}": None,
}
FIELDS = {
    "ETag": "W/x",
    "Location": "http://[::1",
    "Link": "<<>;,",
    "Last-Modified": "yesterday",
    "WWW-Authenticate": "",
    "Access-Control-Allow-Origin": "*",
}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"null"),
        (200, b'"a"'),
        (200, b"[[1]]"),
        (200, b'[{"id": {}}, {"id": 1}, {"id": 1}]'),
        (200, b'{"items": [{"id": 1}], "next": "/b?cursor=1", "links": [1], "type": 5}'),
        (200, b'{"id": "\\ud800"}'),
        (200, b"\xff"),
        (200, b"[" * 100_000),
        (401, b"{}"),
    ],
)
def test_whatever_a_file_and_a_server_say_all_checks_end(status: int, body: bytes) -> None:
    def application(_: object, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(f"{status} X", [("Content-Type", "application/json"), *FIELDS.items()])
        return [body]

    own = contract(ODD, "3.1.0", Own={"allOf": [{"$ref": "#/components/schemas/Own"}]})
    checked = check(own, WsgiTarget(application), actors=ACTORS)
    assert checked.ended == "finished"
    assert all(result.why for result in checked.results if result.state == "not applicable")
