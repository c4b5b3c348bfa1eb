"""The differential client compares pages as they are read, and sees what is different in them."""

from dataclasses import replace

import pytest

from contract_tests.client import Answer, Request
from contract_tests.differential_client import DifferenceError
from contract_tests.law import ON_PAGES
from contract_tests.self_tests.test_differential_client_can_fail import Recorded, at

GET = Request("GET", "/dashboard")
SHOWN_AT = at(0)[:19]
MINUTE = SHOWN_AT[14:16]
DUE = f'<time datetime="{SHOWN_AT}Z">{SHOWN_AT[:16].replace("T", " ")} UTC</time>'
OUR_ID = "01998d49-3204-73bf-8e08-6130bb92870b"
NEXT_ID = "01998d49-3204-73bf-8e08-6130bb92870c"
THEIR_ID = "01998e50-4315-7c0a-9a3b-7241cca3981d"

OURS = f"""<!doctype html>
<html lang="en">
<head><title>Dashboard – Shop</title>
<link rel="stylesheet" href="/static/style.css"></head>
<body>
<h1>Dashboard</h1>
<p class="soft">due {DUE} · it’s <b>late</b></p>
<form method="post" action="/dashboard/todos/{OUR_ID}/toggle" novalidate>
<input type="hidden" name="csrf_token" value="IjA2ZGQ1">
<textarea name="items">
one
two</textarea>
<button class="small">Complete</button>
</form>
</body></html>
"""

# The same page, as another framework writes it.
THEIRS = f"""<!DOCTYPE html>
<html lang="en"><head>
  <title>
    Dashboard – Shop
  </title><link href="/static/web/style.css" rel="stylesheet"></head><body><!-- by a template -->
  <h1>Dashboard</h1>
  <p class="soft">due
    {DUE} &middot; it&rsquo;s <b>late</b></p>
  <form action="/dashboard/todos/{THEIR_ID}/toggle" method="post" novalidate="">
    <input name="csrfmiddlewaretoken" type="hidden" value="Zk3jd9">
    <textarea name="items">\r
one\r
two</textarea>
    <button class="small">Complete</button>
  </form>
</body></html>"""


def page(text: str, **fields: str) -> Answer:
    """Return a page as it is answered."""
    body = text.encode()
    sent = {
        **{name: value for name, value in ON_PAGES.items() if value is not None},
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(body)),
        **fields,
    }
    return Answer(200, "OK", tuple(sent.items()), body)


def ask(ours: Answer, theirs: Answer) -> None:
    """Ask two servers for a page."""
    Recorded((ours, theirs)).send(GET)


def test_what_is_read_alike_may_be_written_in_two_ways() -> None:
    ask(page(OURS), page(THEIRS))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(">Complete<", ">Done<", id="text"),
        pytest.param("– Shop", "- Shop", id="a character"),
        pytest.param("· it", "·it", id="a space amid a line"),
        pytest.param(" UTC</time> ", " UTC</time>", id="a space beside an element in a line"),
        pytest.param("one\n", "one\n\n", id="white space that counts"),
        pytest.param(' class="small"', "", id="an attribute less"),
        pytest.param('class="small"', 'class="plain"', id="an attribute's value"),
        pytest.param('method="post"', 'method="get"', id="a form's method"),
        pytest.param("<b>late</b>", "<i>late</i>", id="another element"),
        pytest.param("<h1>Dashboard</h1>", "", id="an element less"),
        pytest.param("<h1>Dashboard</h1>", "<h1>Dashboard</h1>" * 2, id="an element more"),
        pytest.param("</form>", "</form><p></p>", id="an empty element more"),
        pytest.param("<!doctype html>", "", id="no document type"),
        pytest.param("style.css", "other.css", id="another file"),
        pytest.param("/static/", "/media/", id="a file elsewhere"),
        pytest.param('value="IjA2ZGQ1"', 'value=""', id="no token"),
        pytest.param('name="csrf_token"', 'name="token"', id="another hidden field"),
        pytest.param(f"{MINUTE} UTC", "61 UTC", id="a text that isn't the time"),
        pytest.param(" UTC<", "<", id="a time without its zone"),
        pytest.param('datetime="20', 'datetime="19', id="another time"),
        pytest.param("/toggle", "/delete", id="another address"),
    ],
)
@pytest.mark.parametrize("first_is_wrong", [False, True], ids=["second", "first"])
def test_it_sees_what_is_read_otherwise(old: str, new: str, *, first_is_wrong: bool) -> None:
    assert old in OURS
    answers = page(OURS), page(OURS.replace(old, new, 1))
    with pytest.raises(DifferenceError, match="GET /dashboard is answered differently"):
        ask(*(answers[::-1] if first_is_wrong else answers))


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param(replace(page(THEIRS), status=203), id="status"),
        pytest.param(page(THEIRS, location="/"), id="a header field more"),
        pytest.param(page(THEIRS, vary="Cookie"), id="a header field's value"),
        pytest.param(page(THEIRS, **{"content-type": "text/html"}), id="media type"),
        pytest.param(page(""), id="no body"),
    ],
)
def test_it_sees_what_is_around_a_page(theirs: Answer) -> None:
    with pytest.raises(DifferenceError):
        ask(page(OURS), theirs)


def test_it_sees_one_id_that_stands_for_two() -> None:
    client = Recorded(
        (page(OURS), page(THEIRS)), (page(OURS.replace(OUR_ID, NEXT_ID)), page(THEIRS))
    )
    client.send(GET)
    with pytest.raises(DifferenceError):
        client.send(GET)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("<p>a</p></div>", "</div> in line 1 closes <>"),
        ("<p>a", "<p> is never closed"),
        ("<b><i>a</b></i>", "</b> in line 1 closes <i>"),
        ('<a id="a" id="b"></a>', "<a> in line 1 repeats an attribute"),
    ],
)
def test_what_is_ill_formed_is_no_page(text: str, wrong: str) -> None:
    with pytest.raises(AssertionError, match=f"a page that is none: {wrong}"):
        ask(page(text), page(text))
