"""What a call looks like to each server."""

import json
from typing import Any

import pytest

from lookalike.alignment import Alignment
from lookalike.calls import Call, Fresh, Made, Raw, Resolver, Text, formed, renumbered, without
from lookalike.http import Answer
from lookalike.openapi import Operation
from lookalike.places import Place

OPERATION = Operation("POST", "/todos/{id}", {}, ())
ID = Made(0, "body", "/id", Place("POST /todos", 201, "body", "/id"), "a-1")
ANSWERS = Answer(201, (("Content-Type", "application/json"),), b'{"id":"B-2"}')
RESOLVER = Resolver({0: ANSWERS}, salt="x")


def target(**call: Any) -> str:
    return Call(OPERATION, **call).request(RESOLVER).target


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ID, "B-2"),
        (Text((ID,), "lower"), "b-2"),
        (Text((ID,), "compact"), "B2"),
        (Text(("+", ID, ".0")), "+B-2.0"),
        (Text((ID,), "flipped"), "A-2"),
        (Text((ID,), "encoded"), "%2542%252D%2532"),
        (Raw((Text((ID,), "encoded"),)), "%42%2D%32"),
        (Raw(("..",)), ".."),
        (Fresh("a/b"), "a%2Fbx"),
        (True, "true"),
    ],
)
def test_a_path(value: Any, text: str) -> None:
    assert target(path={"id": value}) == f"/todos/{text}"


def test_a_query() -> None:
    pairs = [("q", "a b"), ("q", Raw(("%FF",))), ("id", ID), ("x", None)]
    assert target(path={"id": 1}, query=pairs) == "/todos/1?q=a+b&q=%FF&id=B-2&x="
    assert target(path={"id": 1}, target="/todos/{id}/?a", query=[("b", 1)]) == "/todos/1/?a&b=1"


def test_a_body_with_parts_that_are_sent_as_they_stand() -> None:
    body = {"id": ID, "n": Raw(("1e0",)), "a": Raw(("1, ", '"a": ', ID)), "l": [Text((ID, "é"))]}
    sent = Call(OPERATION, body=body, media_type="application/json").request(RESOLVER)
    assert sent.body == '{"id": "B-2", "n": 1e0, "a": 1, "a": "B-2", "l": ["B-2é"]}'.encode()
    encoded = Call(OPERATION, body=Raw(({"id": ID},), "utf-16-le")).request(RESOLVER)
    assert encoded.body == '{"id": "B-2"}'.encode("utf-16-le")


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        ("link next", '</a>; rel="prev", </b?c=1>; rel="last next"; title="x"', "/b?c=1"),
        ("link next", "</a>; rel=next", "/a"),
        ("link next", '</a>; rel="prev"', ""),
        ("query cursor", "https://example.com/a?limit=1&cursor=x%20y", "x y"),
        ("query cursor", "/a", ""),
        ("slice 1:3", "abcd", "bc"),
        ("flipped", "a-19=", "a-09="),
        ("flipped", "=", "=a"),
    ],
)
def test_forms(form: str, text: str, found: str) -> None:
    assert formed(text, form) == found


def test_what_is_made_is_found_inside_texts_and_renumbered() -> None:
    story = [
        Call(OPERATION),
        Call(OPERATION),
        Call(OPERATION, fields=[("If-Match", Text(("W/", ID._replace(step=1))))]),
    ]
    kept = without(story, 0)
    assert kept is not None
    assert [made.step for made in kept[1].made()] == [0]
    assert without(story, 1) is None
    raw = renumbered(Call(OPERATION, body=Raw((ID,))), lambda step: step + 4)
    assert [made.step for made in raw.made()] == [4]


def test_old_data_are_themselves_where_each_server_sorts_them_in_its_own_way() -> None:
    def listed(*ids: str) -> Answer:
        body = json.dumps([{"id": each} for each in ids]).encode()
        return Answer(200, (("Content-Type", "application/json"),), body)

    place = Place("GET /todos", 200, "body", "/*/id")
    old, new = {0: listed("2", "Xa4")}, {0: listed("Bb7", "2")}
    resolve = Resolver(new, alignment=Alignment(), theirs=old)
    assert resolve(Made(0, "body", "/0/id", place, "2")) == "2"
    assert resolve(Made(0, "body", "/1/id", place, "Xa4")) == "2"  # all that is known of it
