"""Recordings become calls whose ids, links and tags are each server's own."""

import base64
import json
from typing import Any

import pytest

from lookalike.calls import Made, Text
from lookalike.har import RecordingError, read
from lookalike.openapi import Contract

ID = {"name": "todo_id", "in": "path"}
CONTRACT = Contract(
    {
        "openapi": "3.0.3",
        "servers": [{"url": "https://example.com/v1"}],
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "query", "name": "api_key"},
                "session": {"type": "apiKey", "in": "cookie", "name": "sid"},
            }
        },
        "paths": {
            "/login": {"post": {}},
            "/todos": {"get": {}, "post": {}},
            "/todos/{todo_id}": {"parameters": [ID], "get": {}, "patch": {}, "delete": {}},
        },
    }
)


def recorded(
    line: str,
    body: Any = None,
    *,
    answer: Any = None,
    status: int = 200,
    sent: dict[str, str] | None = None,
    got: dict[str, str] | None = None,
    at: int = 0,
) -> dict[str, Any]:
    method, _, target = line.partition(" ")
    request: dict[str, Any] = {"method": method, "url": f"https://example.com{target}"}
    request["headers"] = [{"name": name, "value": value} for name, value in (sent or {}).items()]
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    fields = [{"name": name, "value": value} for name, value in (got or {}).items()]
    content = {"text": json.dumps(answer), "mimeType": "application/json"}
    return {
        "startedDateTime": f"2026-01-01T00:00:{at:02}Z",
        "request": request,
        "response": {"status": status, "headers": fields, "content": content},
    }


def har(*entries: dict[str, Any]) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def test_ids_of_earlier_answers_are_the_servers_own() -> None:
    calls = read(
        CONTRACT,
        har(
            recorded("POST /v1/todos", {"title": "Milk"}, answer={"id": 7, "title": "Milk"}),
            recorded("GET /v1/todos/7", answer={"id": 7}),
            recorded("PATCH /v1/todos/7", {"count": 7, "parent_id": 7, "title": "Milk"}),
        ),
    ).calls
    [created, fetched, patched] = calls
    assert created.body == {"title": "Milk"}
    made = fetched.path["todo_id"]
    assert isinstance(made, Made)
    assert (made.step, made.pointer, made.value) == (0, "/id", 7)
    assert str(made.place) == "body /id"
    assert patched.body["count"] == 7
    assert isinstance(patched.body["parent_id"], Made)
    assert patched.body["title"] == "Milk"


def test_a_list_is_a_worse_source_than_an_answer_about_one() -> None:
    id_ = "0b9f6a3e-53cb-4b52-9d4b-2f3b8f3c9d11"
    calls = read(
        CONTRACT,
        har(
            recorded("GET /v1/todos", answer={"items": [{"id": "other"}, {"id": id_}]}),
            recorded(f"GET /v1/todos/{id_}", answer={"id": id_}),
            recorded(f"DELETE /v1/todos/{id_}"),
        ),
    ).calls
    assert calls[1].path["todo_id"].pointer == "/items/1/id"
    assert calls[2].path["todo_id"].step == 1


def test_an_id_in_a_location_and_a_tag() -> None:
    calls = read(
        CONTRACT,
        har(
            recorded(
                "POST /v1/todos",
                {},
                status=201,
                got={"Location": "https://example.com/v1/todos/k7x9", "ETag": '"abc-123"'},
            ),
            recorded("GET /v1/todos/k7x9", sent={"If-None-Match": '"abc-123"'}),
        ),
    ).calls
    made = calls[1].path["todo_id"]
    assert (made.part, made.value) == ("location", "k7x9")
    [(name, tag)] = calls[1].fields
    assert (name, tag.part) == ("If-None-Match", "etag")


def test_links_are_followed() -> None:
    link = '<https://example.com/v1/todos?cursor=b>; rel="next"'
    calls = read(
        CONTRACT,
        har(
            recorded("GET /v1/todos", answer={"next": "/v1/todos?cursor=a"}),
            recorded("GET /v1/todos?cursor=a", got={"Link": link}),
            recorded("GET /v1/todos?cursor=b"),
            recorded("GET /v1/todos?cursor=c"),
        ),
    ).calls
    assert isinstance(calls[1].address, Made)
    assert isinstance(calls[2].address, Text)
    assert (calls[1].query, calls[3].query) == ((), [("cursor", "c")])


def test_what_browsers_add_and_credentials_are_left_out() -> None:
    sent = {
        ":authority": "example.com",
        "User-Agent": "Mozilla",
        "sec-ch-ua": "x",
        "X-CSRFToken": "secret",
        "Authorization": "Bearer secret",
        "Cookie": "sid=secret; theme=dark",
        "Accept": "application/json",
        "X-Custom": "kept",
    }
    recording = read(CONTRACT, har(recorded("GET /v1/todos?api_key=secret&q=a", sent=sent)))
    [call] = recording.calls
    assert call.fields == [("Accept", "application/json"), ("X-Custom", "kept")]
    assert call.query == [("q", "a")]
    assert call.actor == "recorded"
    assert "secret" not in repr(call)


def test_who_asked_is_told_by_credentials() -> None:
    def asked(**sent: str) -> dict[str, Any]:
        return recorded("GET /v1/todos", sent=sent)

    entries = (
        asked(Authorization="Bearer a"),
        asked(Cookie="sid=b"),
        asked(),
        asked(Authorization="Bearer a"),
        asked(Authorization="Bearer c"),
        asked(Cookie="theme=dark"),
    )
    calls = read(CONTRACT, har(*entries), actors=("alice", "bob")).calls
    assert [call.actor for call in calls] == ["alice", "bob", None, "alice", "bob", None]


def test_what_is_of_no_use_is_named() -> None:
    recording = read(
        CONTRACT,
        har(
            recorded("POST /v1/login", {"password": "p"}, answer={"token": "abc"}),
            recorded("GET /logo.png"),
            recorded("GET /v1/todos", status=0),
            recorded("GET /v1/todos", sent={"Authorization": "Bearer abc"}),
        ),
    )
    assert recording.skipped == [
        "POST /v1/login: actors sign in by themselves",
        "GET /logo.png: not in the file",
        "GET /v1/todos: it was not answered",
    ]
    assert [call.actor for call in recording.calls] == ["recorded"]


def test_entries_are_taken_in_the_order_of_their_times() -> None:
    late = recorded("GET /v1/todos/9-a-long-id", at=2)
    early = recorded("POST /v1/todos", {}, answer={"id": "9-a-long-id"}, at=1)
    calls = read(CONTRACT, har(late, early)).calls
    assert [call.operation.method for call in calls] == ["POST", "GET"]
    assert isinstance(calls[1].path["todo_id"], Made)


def test_bodies_that_are_no_json() -> None:
    form = recorded("POST /v1/todos", {})
    form["request"]["postData"] = {
        "mimeType": "application/x-www-form-urlencoded",
        "params": [{"name": "title", "value": "a"}, {"name": "done", "value": "1"}],
    }
    torn = recorded("POST /v1/todos", {})
    torn["request"]["postData"]["text"] = "{"
    coded = recorded("POST /v1/todos", {})
    coded["response"]["content"] = {
        "text": base64.b64encode(b'{"id": "a-long-id-1"}').decode(),
        "encoding": "base64",
    }
    calls = read(CONTRACT, har(form, torn, coded, recorded("GET /v1/todos/a-long-id-1"))).calls
    assert [call.body for call in calls[:2]] == [b"title=a&done=1", b"{"]
    assert calls[0].media_type == "application/x-www-form-urlencoded"
    assert isinstance(calls[3].path["todo_id"], Made)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"log": {"entries": [{}]}}', "[" * 100_000])
def test_what_is_no_recording(text: str) -> None:
    with pytest.raises(RecordingError, match="no HAR file"):
        read(CONTRACT, text)
