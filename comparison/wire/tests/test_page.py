"""What is shown of requests and answers, and docs/wire-differences.md."""

import pytest

from comparison.wire.lab import Answer
from comparison.wire.look import brief, request_text, shown
from comparison.wire.page import FILE, address, render
from comparison.wire.rows import Alignment, Request, Row


def row(*aspects: str, body: str = "", is_about_bytes: bool = False) -> Row:
    return Row(
        id="a",
        area="Area",
        title="Title",
        why="Why.",
        see="See",
        request=Request("POST", "/products[/]", body=body),
        aspects=aspects,
        found_by="request",
        alignments={"flask": Alignment(()), "django": Alignment(())},
        is_about_bytes=is_about_bytes,
    )


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text() == render(), "run `python -m comparison wire`"


def test_a_request_is_shown_with_what_is_particular_to_it() -> None:
    request = Request("PUT", "/todos/1[/]", (("Accept", ""),), "\ufeff{}", "alice")
    assert request_text(request).split("\n") == [
        "PUT /todos/1[/]",
        "Accept: ",
        "Authorization: Basic alice:…",
        "",
        "«byte order mark»{}",
    ]
    assert request.target_of("flask") == "/todos/1"
    assert request.target_of("django") == "/todos/1/"


def test_an_answer_is_shown_as_far_as_its_row_is_about_it() -> None:
    body = '{"id": 1, "sku": "A", "name": "N", "stock": 3, "price": 2}'
    answer = Answer(200, "OK", (("Vary", "Accept"),), body)
    assert shown(answer, row("json /price", body='{"stock": 3}')).body == (
        '{"stock": 3, "price": 2, …}'
    )
    assert shown(answer, row("status")).text == '200 OK\n{"id": 1, …}'
    assert shown(answer, row("header Vary", "header Allow")).text == (
        "200 OK\nVary: Accept\nAllow: (none)"
    )
    assert shown(answer, row("matches id", is_about_bytes=True)).body.startswith('{"id": 1, "sku"')


def test_a_page_is_told_by_its_title() -> None:
    answer = Answer(404, "NOT FOUND", (), "<html><title> Not Found </title></html>")
    assert shown(answer, row("status")).text == "404 Not Found\n(an HTML page: “Not Found”)"
    assert shown(answer, row("body")).body == answer.body


def test_what_is_made_anew_is_left_out() -> None:
    cookie = "csrftoken=0123456789abcdefghijk; expires=Sun, 28 Nov 2027 01:01:15 GMT; Path=/"
    answer = Answer(200, "OK", (("Set-Cookie", cookie),), "")
    assert shown(answer, row("cookies")).fields == (
        ("Set-Cookie", "csrftoken=…; expires=…; Path=/"),
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, 2], "[1, 2]"),
        ([1, 2, 3], "[1, 2, …]"),
        ({"a": "é", "b": None}, '{"a": "é", "b": null}'),
        (dict.fromkeys("abcde", 1), '{"c": 1, …}'),
        (dict.fromkeys("vwxyz", 1), '{"v": 1, …}'),
        ("x" * 200, '"' + "x" * 130 + '…"'),
    ],
)
def test_json_is_shortened(value: object, text: str) -> None:
    assert brief(value, {"c"}) == text


def test_headings_are_linked_to_as_github_does() -> None:
    assert address('`Allow` on every answer, i.e. "3.0"') == "allow-on-every-answer-ie-30"
