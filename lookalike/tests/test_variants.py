"""Sources of variants, on exchanges made by hand."""

import json
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from lookalike.calls import Call, Fresh, Made, Raw, Resolver, Text
from lookalike.client import Exchange, Outcomes
from lookalike.http import Answer, Fields, Request
from lookalike.openapi import Contract
from lookalike.schemas import read
from lookalike.variants import ALL, asked, by_others
from lookalike.variants.bodies import UNKNOWN
from lookalike.variants.misses import long_email, misses, plain, text_misses

ID = {"name": "id", "in": "path", "schema": {"type": "string", "format": "uuid"}}
UUID = "0b9f6a3e-53cb-4b52-9d4b-2f3b8f3c9d11"
NOTE = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "id": {"type": "string", "format": "uuid", "readOnly": True},
        "title": {"type": "string", "minLength": 1, "maxLength": 20},
        "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        "done": {"type": "boolean"},
        "kind": {"enum": ["a", "b"]},
        "due": {"type": ["string", "null"], "format": "date-time"},
        "tags": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
        "extra": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
JSON = {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}
QUERY = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
    {"name": "sort", "in": "query", "schema": {"enum": ["title", "-title", "id"]}},
    {"name": "min_stars", "in": "query", "schema": {"type": "integer"}},
    {"name": "q", "in": "query", "schema": {"type": "string"}},
    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
]
KEY = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
IF_MATCH = {"name": "If-Match", "in": "header", "schema": {"type": "string"}}
VERSION = {"name": "X-Version", "in": "header", "schema": {"type": "integer", "minimum": 1}}
CONTRACT = Contract(
    {
        "openapi": "3.1.0",
        "security": [{"bearer": []}],
        "components": {"schemas": {"Note": NOTE}},
        "paths": {
            "/notes": {
                "get": {
                    "parameters": QUERY,
                    "responses": {"200": {"content": {"application/json": {}, "text/csv": {}}}},
                },
                "post": {"parameters": [KEY, VERSION], "requestBody": {"content": JSON}},
            },
            "/notes/{id}": {
                "parameters": [ID],
                "get": {},
                "put": {"parameters": [IF_MATCH], "requestBody": {"content": JSON}},
                "patch": {
                    "requestBody": {
                        "content": {"application/merge-patch+json": JSON["application/json"]}
                    }
                },
                "delete": {"parameters": [IF_MATCH]},
            },
        },
    }
)
BODY = {"title": Fresh("Milk"), "stars": 3, "due": "2024-02-03T12:00:00Z", "tags": ["x", "y"]}
READ = {"id": UUID, "title": "Milk", "stars": 3, "done": False, "kind": "a", "tags": ["x"]}
MADE = Made(0, "body", "/id", None, UUID)  # type: ignore[arg-type]  # nobody looks for its place
PATH = {"id": MADE}
ETAG = ("ETag", '"t-1"')


def exchange(
    name: str,
    answer: Any = None,
    fields: Fields = (),
    *,
    status: int = 200,
    contract: Contract = CONTRACT,
    step: int = 3,
    **call: Any,
) -> Exchange:
    [operation] = [each for each in contract.operations if each.name == name]
    fields = (("Content-Type", "application/json"), *fields)
    outcome = Answer(status, fields, json.dumps(answer).encode())
    request = Request(operation.method, operation.path)
    call.setdefault("actor", "alice")
    if call.get("body") is not None:
        call.setdefault("media_type", "application/json")
    return Exchange(step, Call(operation, **call), (request, request), Outcomes(outcome, outcome))


POST = exchange("POST /notes", READ, status=201, body=BODY)
PUT = exchange("PUT /notes/{id}", READ, path=PATH, body=BODY)
PATCH = exchange(
    "PATCH /notes/{id}",
    READ,
    path=PATH,
    body={"title": "Tea", "extra": {"a": "b"}},
    media_type="application/merge-patch+json",
)
GET = exchange("GET /notes/{id}", READ, (ETAG,), path=PATH)
LIST = exchange("GET /notes", {"items": [READ], "next": "/notes?limit=1&cursor=abc"})
DELETE = exchange("DELETE /notes/{id}", status=204, path=PATH)
EVERY = [POST, PUT, PATCH, GET, LIST, DELETE]


def made(source: str, of: Exchange, answer: Callable[[Call], Exchange] | None = None) -> list[Call]:
    """Return all calls of a source; each is answered as the one that it was made from."""
    calls = []

    def send(call: Call) -> Exchange:
        calls.append(call)
        return answer(call) if answer else of

    return [each.call for each in islice(asked(ALL[source](CONTRACT, of), send), 2000)] and calls


def request(call: Call) -> Request:
    answer = Answer(200, (), json.dumps({"id": UUID}).encode())
    tagged = Answer(200, (("Content-Type", "application/json"), ETAG), b"{}")
    return call.request(Resolver({0: answer, 3: tagged}))


def bodies(calls: list[Call]) -> list[Any]:
    return [plain(call.body) for call in calls]


@pytest.mark.parametrize("source", ALL)
def test_each_source_makes_requests_of_some_exchange(source: str) -> None:
    calls = [call for each in EVERY for call in made(source, each)]
    assert calls
    assert all(call.why for call in calls if call.operation.method != "PATCH")
    assert all(request(call).target for call in calls)
    assert max(len(made(source, each)) for each in EVERY) < 300


@pytest.mark.parametrize("source", ALL)
def test_a_source_can_be_iterated_without_answers(source: str) -> None:
    for each in EVERY:
        assert len([*ALL[source](CONTRACT, each)]) < 300


def test_what_is_read_only_or_long_is_written_at_once() -> None:
    read_only, lists, texts, unknown = bodies(made("all at once", PUT))
    assert isinstance(read_only["id"], str)
    assert lists["tags"] == ["x", "x", "x"]
    assert texts["title"] == "a" * 20
    assert read_only["tags"] == texts["tags"] == ["x", "y"]
    assert [*unknown] == [*texts, *UNKNOWN]
    assert made("all at once", GET) == []


@pytest.mark.parametrize("source", sorted({*ALL} - {"replays"}))
def test_texts_that_must_be_new_are_new_in_each_variant(source: str) -> None:
    titles = [
        call.body["title"].text
        for call in made(source, POST)
        if isinstance(call.body, dict) and isinstance(call.body.get("title"), Fresh)
    ]
    assert len({*titles}) >= len(titles) - 1


def test_what_is_told_a_source_reaches_it() -> None:
    seen = made("page walks", LIST)
    followed = [call for call in seen if call.address]
    assert followed
    assert all(call.address.value == "/notes?limit=1&cursor=abc" for call in followed)  # type: ignore[union-attr]
    assert len(seen) > len([*ALL["page walks"](CONTRACT, LIST)])


# Bodies


def test_near_misses_are_of_all_members_before_there_are_more_of_one() -> None:
    first = [call.why.partition(":")[0] for call in made("near misses", POST)[:8]]
    assert {*first} >= {"/title", "/stars", "/due", "/tags", "/done", "/kind", "/extra"}
    assert "/id" not in first


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("title", [None, "", 5, "\U0001f34b" * 20]),
        ("stars", [None, "3", 3.5, 6, 5, 0, 1, True]),
        ("done", ["true", 1, 0, None]),
        ("kind", ["A", "b", "", "nonsense"]),
        ("due", [None, "2024-02-03", "20240203T120000Z", "2024-02-30T12:00:00Z"]),
        ("tags", [None, "x", [], ["x", "y", "x"], ["x", "y", None]]),
    ],
)
def test_near_misses_of_a_member(name: str, expected: list[Any]) -> None:
    found = [body[name] for body in bodies(made("near misses", POST)) if name in body]
    assert [value for value in expected if value not in found] == []


def test_near_misses_of_a_text_that_must_be_new_are_new() -> None:
    found = [call.body["title"] for call in made("near misses", POST)]
    new = [value for value in found if isinstance(value, Text)]
    assert any(value.parts[0] == " " and value.parts[-1] == " " for value in new)
    resolve = Resolver({}, salt="-salt")
    assert {len(resolve(value)) for value in new if value.form.startswith("slice")} == {
        20,
        21,
        1,
        0,
    }
    assert not any(value == " Milk " for value in found)


def test_near_misses_of_a_servers_own_value_are_made_of_it() -> None:
    schema = read(CONTRACT, {"type": "string", "format": "uuid"})
    resolve = Resolver({0: Answer(200, (), b'{"id": "0B-other"}')})
    found = [resolve(miss.value) for miss in misses(schema, MADE) if isinstance(miss.value, Text)]
    assert {"0B-OTHER", "{0B-other}", "0Bother", "0B-othe", "0B-other\n"} <= {*found}
    number = read(CONTRACT, {"type": "integer"})
    seven = [repr(miss.value) for miss in misses(number, MADE._replace(value=7))]
    assert "'7'" not in seven


def test_near_misses_that_no_encoder_writes() -> None:
    sent = [request(call).body or b"" for call in made("near misses", POST)]
    for text in (b'"stars": 3e0', b'"stars": 3.0', b'"stars": NaN', b'"stars": -0'):
        assert any(text in body for body in sent), text


def test_members_are_wrong_at_once_and_what_is_within_them_as_well() -> None:
    calls = made("members at once", POST)
    found = bodies(calls)
    assert {name: found[0][name] for name in BODY} == dict.fromkeys(BODY)
    assert {"done", "kind", "extra"} <= {*found[0]}
    assert found[1]["tags"][0] != "x"
    assert found[1]["tags"][1] != "y"
    assert all(sum(body[name] != BODY.get(name) for name in body) > 1 for body in found[::2][:20])
    alone = [body["stars"] for body in bodies(made("near misses", POST)) if "stars" in body]
    together = [body["stars"] for body in found]
    assert {"3", 3.5, 6, 5, 0, True} <= {*map(hashable, together)} <= {3, *map(hashable, alone)}


def hashable(value: Any) -> Any:
    return repr(value) if isinstance(value, dict | list) else value


def test_what_some_parsers_refuse_is_not_among_other_wrong_members() -> None:
    sent = [request(call).body or b"" for call in made("members at once", POST)]
    assert [json.loads(body, parse_constant=pytest.fail) for body in sent]
    assert not any(b"\\ud800" in body for body in sent)
    assert max(map(len, sent)) < 50_000


def test_members() -> None:
    calls = made("members", POST)
    found = bodies(calls)
    assert {"stars": 3, "due": BODY["due"], "tags": ["x", "y"]} in found
    assert any("a/b~c" in body for body in found)
    assert any(body.get("id") not in {None, UUID} for body in found)
    raw = [request(call).body for call in calls]
    assert any(body and body.count(b'"title"') == 2 for body in raw)
    assert {} in found


def test_bodies_that_are_hardly_json() -> None:
    sent = [request(call).body for call in made("broken bodies", POST)]
    whole = next(body for body in sent if body and body.startswith(b"\xef\xbb\xbf"))
    assert json.loads(whole.decode("utf-8-sig"))["stars"] == 3
    assert any(body and body.endswith(b",}") for body in sent)
    assert {b"", b"null", b"[]", None} <= {*sent}
    assert any(body and body.startswith(b"\xff\xfe{\x00") for body in sent)


def test_content_types() -> None:
    names = {request(call).header("Content-Type") for call in made("content types", POST)}
    assert {None, "text/plain", "APPLICATION/JSON", "application/json; charset=utf-8"} <= names


# Values of parameters


def test_query_parameters() -> None:
    targets = {request(call).target for call in made("queries", LIST)}
    for query in ("limit=", "limit=101", "limit=100", "limit=0", "limit=02", "limit=%D9%A3"):
        assert f"/notes?{query}" in targets
    assert "/notes?sort=TITLE" in targets
    assert "/notes?x=1" in targets
    assert any(target.count("limit=") == 2 for target in targets)


def test_parameters_are_odd_at_once() -> None:
    queries = [dict(call.query) for call in made("parameters at once", LIST)]
    assert [*queries[0]] == ["limit", "sort", "min_stars", "q", "cursor"]
    assert "abc" in {query.get("limit") for query in queries}
    assert min(map(len, queries)) > 1
    assert made("parameters at once", GET) == []


def test_filters_take_their_values_from_the_list() -> None:
    calls = made("filters", LIST)
    values = [dict(call.query) for call in calls]
    stars = [each["min_stars"] for each in values if isinstance(each.get("min_stars"), Made)]
    assert {one.pointer for one in stars} == {"/items/0/stars"}
    assert any(len(each) == 2 for each in values)
    assert {"limit", "cursor"}.isdisjoint(
        name for each in values for name in each if name != "cursor"
    )


def test_header_parameters() -> None:
    values = {request(call).header("X-Version") for call in made("header fields", POST)}
    assert {"0", "1", "2.0", "abc", ""} <= values


# Pages


def test_walks_in_each_order() -> None:
    orders = [dict(call.query).get("sort") for call in made("page walks", LIST, long_list)]
    assert {"title", "-title"} <= {*orders}
    assert not any("id" in str(order) for order in orders)  # ids may be random
    sized = [call.query for call in made("page walks", LIST, long_list) if len(call.query) == 2]
    assert [("limit", 3), ("sort", "title")] in [sorted(query) for query in sized]
    # A few entries that each server sorts by ids of its own show no order page by page.
    reasons = {call.why for call in made("page walks", LIST)}
    assert "the whole list by title" in reasons
    assert not any(why.startswith("pages") and "title" in why for why in reasons)


def long_list(_: Call) -> Exchange:
    fields = (("Link", '</notes?cursor=abc>; rel="next"'),)
    return exchange("GET /notes", {"items": [READ] * 12}, fields, step=3)


def test_walks_are_of_the_whole_list_and_reach_its_end() -> None:
    filtered = exchange("GET /notes", {"items": []}, query=[("min_stars", 5), ("sort", "title")])
    calls = made("page walks", filtered, long_list)
    assert calls[0].query == []
    assert {"min_stars": 5}.items() not in [dict(call.query).items() for call in calls]
    walk = ("pages of 3 by title", "pages of 3 by title: the next one")
    by_title = [dict(call.query) for call in calls if call.why in walk]
    assert by_title == [{"sort": "title", "limit": 3}, *([{}] * 7)]
    odd = [call for call in calls if call.why == "a changed cursor"]
    assert len(odd) == 2 * 4


def test_a_cursor_is_changed() -> None:
    targets = [request(call).target for call in made("page walks", answer_with_link(), linked)]
    assert "/notes?cursor=bbc" not in targets
    assert "/notes?cursor=aac" in targets
    assert "/notes?cursor=abc" in targets


def answer_with_link() -> Exchange:
    return LIST


def linked(call: Call) -> Exchange:
    fields = (("Link", '</notes?cursor=abc>; rel="next"'),)
    return exchange("GET /notes", {"items": []}, fields, step=3)


# Conditions


def test_reads_on_conditions() -> None:
    calls = made("conditional requests", GET)
    sent = [request(call).header("If-None-Match") for call in calls if call.fields]
    for value in ('"t-1"', 'W/"t-1"', "*", '"lookalike"', '"lookalike" \t,\t"t-1"'):
        assert value in sent
    assert any(call.operation.method == "DELETE" for call in calls)
    tried = [request(call).header("If-Match") for call in calls if call.operation.method == "PUT"]
    assert '"t-1"' not in tried
    assert '"lookalike"' in tried


def test_writes_on_conditions_read_first() -> None:
    calls = made("conditional requests", PUT, lambda _: GET)
    assert calls[0].operation.name == "GET /notes/{id}"
    assert request(calls[-1]).header("If-Match") == '"t-1"'
    assert [call.operation.method for call in calls].count("GET") > 3


# The rest


def test_replays_with_a_key() -> None:
    calls = made("replays", POST)
    keys = [dict(call.fields).get("Idempotency-Key") for call in calls]
    assert keys[0] == keys[1]
    assert calls[0].body == calls[1].body
    assert request(calls[2]).body != request(calls[0]).body
    assert json.loads(request(calls[2]).body or b"") == json.loads(request(calls[0]).body or b"")
    assert None in keys
    lengths = [len(request(call).header("Idempotency-Key") or "") for call in calls]
    assert {255, 256} <= {*lengths}


def test_replays_without_a_key() -> None:
    assert [(call.body, call.path) for call in made("replays", PUT)] == [(BODY, PATH)] * 2


def test_writes_change_one_property_at_a_time() -> None:
    changed = {
        name
        for body in bodies(made("writes", PUT))
        for name in {*body} | {*BODY}
        if body.get(name) != plain(BODY).get(name)
    }
    assert changed == {"title", "stars", "due", "tags", "done", "kind", "extra"} - {"title"} | {
        "title"
    }


def test_merge_patches_are_of_one_member_each() -> None:
    found = bodies(made("merge patch", PATCH))
    assert {} in found
    for name in ("title", "stars", "done", "kind", "due", "tags", "extra"):
        assert {name: None} in found, name
        assert any([*body] == [name] and body[name] is not None for body in found), name
    assert {"extra": {"a": None}} in found


@pytest.mark.parametrize("is_only_in_put", [False, True])
def test_a_map_is_filled_and_gets_a_member_more(*, is_only_in_put: bool) -> None:
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    contract = with_note(extra={**texts, "maxProperties": 3})
    if is_only_in_put:
        raw = json.loads(json.dumps(contract.raw))
        patched = {"type": "object", "properties": {"extra": texts}}
        content = {"application/merge-patch+json": {"schema": patched}}
        raw["paths"]["/notes/{id}"]["patch"]["requestBody"]["content"] = content
        contract = Contract(raw)
    patch = exchange(
        "PATCH /notes/{id}",
        READ,
        path=PATH,
        body={"extra": {"a": "b"}},
        media_type="application/merge-patch+json",
        contract=contract,
    )
    calls = islice(ALL["merge patch"](contract, patch), 4)
    found = [call.body["extra"] for call in calls]
    assert [*found[0]] == ["a", "lookalike0", "lookalike1", "lookalike2"]
    assert [value is None for value in found[0].values()] == [True, False, False, False]
    assert [*found[1]] == ["lookalike"]
    assert found[2]["lookalike0"] is None
    assert {*found[3].values()} == {None}


def with_note(**properties: Any) -> Contract:
    """Return the file with other properties of a note."""
    raw = json.loads(json.dumps(CONTRACT.raw))
    raw["components"]["schemas"]["Note"]["properties"] |= properties
    return Contract(raw)


def test_origins_that_the_file_names_are_sent_and_what_is_near_them() -> None:
    raw = json.loads(json.dumps(CONTRACT.raw))
    header = {"example": "https://shop.example", "schema": {"type": "string"}}
    raw["components"]["headers"] = {"Access-Control-Allow-Origin": header}
    contract = Contract(raw)
    assert contract.origins == ["https://shop.example"]
    assert CONTRACT.origins == []
    sent = set()
    for each in EVERY:
        again = exchange(each.call.operation.name, READ, contract=contract, path=each.call.path)
        calls = ALL["header fields"](contract, again)
        sent |= {dict(call.fields).get("Origin") for call in calls}
    assert {"https://shop.example", "https://shop.example.evil.example"} <= sent


def test_what_was_read_is_written_back() -> None:
    calls = made("writing back", GET)
    assert {call.operation.method for call in calls} == {"PUT", "PATCH"}
    own = {name: value for name, value in READ.items() if name != "id"}
    assert [plain(call.body) for call in calls][:2] == [own, READ]
    assert calls[0].body["title"] == Made(3, "body", "/title", calls[0].body["title"].place, "Milk")


def test_paths() -> None:
    targets = {request(call).target for call in made("paths", GET)}
    for id_ in (UUID.upper(), UUID.replace("-", ""), "00000000-0000-4000-8000-000000000000", ""):
        assert f"/notes/{id_}" in targets
    assert f"/notes/{UUID}/" in targets
    number = exchange("GET /notes/{id}", READ, path={"id": MADE._replace(value=7)})
    odd = {plain(call.path["id"]) for call in made("paths", number)}
    assert {"07", "7.0", "+7", "-7", 2**63} <= odd


def test_methods_that_a_path_does_not_declare() -> None:
    found = [call.method for call in made("methods", LIST)]
    assert found[:2] == ["HEAD", "OPTIONS"]
    assert {"PUT", "PATCH", "DELETE", "TRACE", "get"} <= {*found}
    assert "POST" not in found
    assert made("methods", POST) == []


def test_negotiation() -> None:
    accepts = [request(call).header("Accept") for call in made("negotiation", LIST)]
    assert accepts[0] == "text/csv"
    assert {"image/png", "application/json;q=0, */*"} <= {*accepts}


def test_authentication() -> None:
    calls = made("authentication", GET)
    assert (calls[0].actor, calls[0].fields) == (None, ())
    assert {call.scheme for call in calls} >= {"bearer", "BEARER"}
    assert all(call.actor is None for call in calls if dict(call.fields).get("Authorization"))
    assert [call.actor for call in by_others(GET, ["alice", "bob"])] == ["bob"]


def test_two_faults_at_once() -> None:
    found = {call.why: call for call in made("order of checks", PUT)}
    both = found["no credentials, and no JSON"]
    assert (both.actor, both.body) == (None, b"{")
    assert "no JSON, and a wrong member" not in found
    assert found["everything is wrong"].actor is None


# Values


@pytest.mark.parametrize("kind", ["string", "integer", "number", "boolean", "array", "object", ""])
def test_a_value_is_no_miss_of_itself_and_none_comes_twice(kind: str) -> None:
    schema = read(CONTRACT, {"type": kind} if kind else {})
    for value in ("a", 1, 1.5, True, ["a"], {"a": 1}, None):
        found = [repr(miss.value) for miss in misses(schema, value)]
        assert found
        assert len({*found, repr(value)}) == len(found) + 1


def test_the_length_of_a_text_counts_code_points() -> None:
    schema = read(CONTRACT, {"type": "string", "maxLength": 3, "minLength": 2})
    lengths = {len(miss.value) for miss in misses(schema, "ab") if isinstance(miss.value, str)}
    assert {1, 2, 3, 4} <= lengths


def test_a_pattern_is_kept_at_the_ends_of_a_length() -> None:
    schema = read(CONTRACT, {"type": "string", "maxLength": 6, "pattern": "^[A-Z]+-[0-9]$"})
    found = [miss.value for miss in misses(schema, "AB-1")]
    assert "ABBB-1" in found
    assert "ABBBB-1" in found


@pytest.mark.parametrize(
    ("raw", "value", "expected"),
    [
        ({"type": "integer", "exclusiveMinimum": 0}, 5, ["0", "1", "5.0", "05"]),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, 5, ["0", "1"]),
        ({"type": "number", "maximum": 2, "multipleOf": 0.5}, 1, ["2.5", "2", "0.25"]),
        ({"type": "boolean"}, True, ["false", "True", "1", ""]),
        ({"type": "array", "items": {"type": "boolean"}}, None, ["true", "yes"]),
    ],
)
def test_texts_near_a_parameter(raw: Any, value: Any, expected: list[str]) -> None:
    found = [miss.value for miss in text_misses(read(CONTRACT, raw), value)]
    assert [text for text in expected if text not in found] == []


def test_raw_and_made_parts_have_plain_values() -> None:
    assert plain({"a": [Raw(("1e0",)), Text(("W/", MADE)), Raw(("{",))]}) == {
        "a": [1.0, f"W/{UUID}", None]
    }


@pytest.mark.parametrize("length", [201, 254, 255, 320])
def test_a_long_address_has_parts_that_are_short_enough(length: int) -> None:
    address = long_email(length)
    local, _, domain = address.partition("@")
    assert (len(address), len(local)) == (length, 64)
    assert all(1 <= len(label) <= 63 for label in domain.split("."))


def test_what_is_taken_is_sent_again_alone_and_beside_faults() -> None:
    found = {call.why: call.body for call in made("replays", POST)}
    assert found["all that must be new is taken"] == BODY
    assert found["/title is taken in another case"]["title"] == Text((BODY["title"],), "swapped")
    assert found["taken, and /stars is null"] == {**BODY, "stars": None}


def test_maps_of_odd_names_and_sizes() -> None:
    raw = {"type": "object", "maxProperties": 2, "additionalProperties": {"type": "string"}}
    found = [miss.value for miss in misses(read(CONTRACT, raw), {"b": "x"})]
    assert {len(value) for value in found if isinstance(value, dict)} == {2, 3}
    assert {"b": "x", "": "x"} in found


def test_numbers_that_add_up_are_taken_away_again() -> None:
    given = exchange("POST /notes", {"stock": 5}, status=201, body={"stars": 3})
    assert [call.body for call in made("writes", given)][:3] == [
        {"stars": 3},
        {"stars": -6},
        {"stars": -5},
    ]


def test_parts_of_what_servers_made_are_not_searched_for() -> None:
    texts = [value for call in made("filters", LIST) for value in dict(call.query).values()]
    parts = [plain(value) for value in texts if isinstance(value, Text)]
    assert "ilk" in parts
    assert not any(part and part in UUID for part in parts if len(part) > 1)


@pytest.mark.parametrize(("cursor", "is_changed"), [("abc", True), ("12", False)])
def test_a_cursor_that_is_a_number_is_not_changed(cursor: str, *, is_changed: bool) -> None:
    page = exchange("GET /notes", {"items": [], "next": f"/notes?cursor={cursor}"})
    whys = {call.why for call in made("page walks", page)}
    assert ("a changed cursor" in whys) is is_changed
