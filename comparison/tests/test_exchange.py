"""Answers are equal as bytes apart from what each server makes, and any other difference shows."""

import json

from comparison.chapters import Request
from comparison.exchange import Answer, Browser, curl

ONE, OTHER = "01a1f95c-3e77-73dd-9bb7-52bd04501331", "01a1f95c-3f2f-75ce-a581-3f32af572151"


def answer(body: str, *headers: tuple[str, str]) -> Answer:
    return Answer(200, "OK", (("Date", "now"), *headers), body)


def test_ids_that_each_server_makes_are_aligned() -> None:
    first = answer(f'{{"id":"{ONE}","again":"{ONE}"}}', ("ETag", f'"{"0" * 32}"'))
    second = answer(f'{{"id":"{OTHER}","again":"{OTHER}"}}', ("ETag", f'"{"1" * 32}"'))
    assert first.aligned() == second.aligned()


def test_ids_must_correspond_one_to_one() -> None:
    first = answer(f'{{"id":"{ONE}","other":"{ONE}"}}')
    second = answer(f'{{"id":"{ONE}","other":"{OTHER}"}}')
    assert first.aligned() != second.aligned()


def test_all_else_counts() -> None:
    plain = answer('{"a":1}', ("Allow", "GET"))
    assert plain.aligned() != answer('{"a": 1}', ("Allow", "GET")).aligned()
    assert plain.aligned() != answer('{"a":1}', ("Allow", "GET, HEAD")).aligned()
    assert plain.aligned() != answer('{"a":1}', ("allow", "GET")).aligned()
    assert plain.aligned() != Answer(201, "Created", plain.headers, plain.body).aligned()


def test_a_body_is_shown_with_white_space_and_no_other_change() -> None:
    value = {
        "items": [{"text": "x" * 50, "done": True}, {"text": "ü" * 50, "done": False}],
        "n": [],
    }
    shown = answer(json.dumps(value)).pretty
    assert json.loads(shown) == value
    assert shown.split("\n")[2].startswith('    {"text": "xxx')
    assert answer("plain text").pretty == "plain text"


def test_an_answer_in_brief() -> None:
    assert answer('{"items":[{"title":"x"}]}').brief("/items/0/title") == '200, "x"'
    items = answer('{"items":[{"id":1,"text":"a"}]}')
    assert items.brief("/items", ("text",)) == '200, [{"text": "a"}]'
    problem = '{"title":"Invalid","errors":[{"pointer":"/a","code":"blank"}]}'
    assert Answer(422, "", (), problem).brief("/a") == "422 blank at /a"
    assert Answer(404, "", (), '{"title":"Not found"}').brief("") == "404 Not found"


def test_a_request_is_a_command() -> None:
    request = Request(
        "PATCH $location", caller="alice", headers={"If-Match": "$etag"}, body='{"title": "it\'s"}'
    )
    command = " ".join(curl(request).replace("\\\n", "").split())
    assert command == (
        'curl -i -X PATCH "$API$LOCATION" -H "Authorization: Bearer $ALICE" '
        "-H 'Content-Type: application/json' -H \"If-Match: $ETAG\" "
        '-d \'{"title": "it\'"\'"\'s"}\''
    )


def page(body: str, *headers: tuple[str, str]) -> Answer:
    html = ("Content-Type", "text/html; charset=utf-8")
    return Answer(200, "OK", (html, *headers), body)


def test_pages_are_compared_as_they_are_read() -> None:
    first = page('<main id="a" class="b">\n <p>x</p></main>', ("Set-Cookie", "one=1"))
    second = page('<main class="b" id="a"><p>x</p>\n</main>', ("Set-Cookie", "two=2"))
    assert first.aligned() == second.aligned()
    assert first.aligned() != page('<main class="b" id="a"><p>y</p></main>').aligned()
    assert first.aligned() != page(first.body, ("Vary", "Cookie")).aligned()


def test_of_a_page_what_is_its_own_is_shown() -> None:
    text = "It is the page before this one that says what has happened to what was sent, and when."
    shown = page(
        f'<body><header>Shop</header><main id="main"><p>a <b>b</b> &lt;c</p><p>{text}</p>'
        '<input value="&quot;" name="q"><textarea></textarea></main></body>'
    ).pretty
    assert shown.split("\n") == [
        '<main id="main">',
        "  <p>a <b>b</b> &lt;c</p>",
        "  <p>",
        f"    {text}",
        "  </p>",
        '  <input value="&quot;" name="q">',
        "  <textarea></textarea>",
        "</main>",
    ]


def test_a_browser_keeps_cookies_until_they_end_and_the_latest_token() -> None:
    browser = Browser()
    assert browser.headers == {}
    browser.keep(
        page(
            '<main><input type="hidden" name="csrf_token" value="a b"></main>',
            ("Set-Cookie", 'messages="a\\054b"; HttpOnly; Path=/'),
            ("Set-Cookie", "session=1; Max-Age=99"),
        )
    )
    assert browser.headers == {"Cookie": 'messages="a\\054b"; session=1'}
    assert browser.token == "csrf_token=a+b"
    browser.keep(page("<main></main>", ("Set-Cookie", 'session=""; Max-Age=0; Path=/')))
    assert browser.headers == {"Cookie": 'messages="a\\054b"'}
    assert browser.token == "csrf_token=a+b"


def test_a_visitors_request_is_a_command() -> None:
    command = " ".join(
        curl(Request("POST /x", visitor="bob", body="a=b")).replace("\\\n", "").split()
    )
    assert command == 'curl -i "$API/x" -b "$COOKIES" -d "$CSRF&a=b"'
