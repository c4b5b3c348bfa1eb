"""The differential client finds each kind of difference, in recorded responses."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract_tests.client import Answer, Request
from contract_tests.differential_client import DifferenceError, DifferentialClient
from contract_tests.law import ALWAYS, digest

OURS, THEIRS = "http://ours", "http://theirs"
BEGAN = datetime.now(UTC)  # older times would be those of old data, which is equal on all
GET = Request("GET", "/api/todos")

Pair = tuple[Answer, Answer]


class Recorded(DifferentialClient):
    """A client whose servers have answered already."""

    def __init__(self, *pairs: Pair) -> None:
        super().__init__([OURS, THEIRS])
        self.sent: list[Sequence[Request]] = []
        self._pairs = iter(pairs)

    def _send_all(self, requests: Sequence[Request]) -> list[Answer]:
        self.sent.append(requests)
        return [*next(self._pairs)]


def at(second: float) -> str:
    """Return a time so many seconds after the tests' beginning."""
    moment = BEGAN + timedelta(seconds=second - 3600)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def an_id(server: str, number: int) -> str:
    """Return the id that a server has made for its so many-th row."""
    return f"0000000{number}-0000-7000-8000-{server.encode().hex()[-12:]}"


def row(server: str, number: int, updated: int | None = None) -> str:
    """Return a row as a server shows it, created at one time and updated at another."""
    other = number if updated is None else updated
    return (
        f'{{"id":"{an_id(server, number)}","created_at":"{at(number)}","updated_at":"{at(other)}"}}'
    )


def page(*rows: str) -> Answer:
    """Return a list as it is answered."""
    body = f'{{"items":[{",".join(rows)}],"next":null}}'.encode()
    fields = (
        ("Date", "Sat, 14 Mar 2026 17:00:00 GMT"),
        *ALWAYS.items(),
        ("Vary", "Origin"),
        ("Cache-Control", "no-store"),
        ("Content-Length", str(len(body))),
        ("Content-Type", "application/json"),
        ("ETag", digest(body)),
    )
    return Answer(200, "OK", fields, body)


def pages(ours: Sequence[int], theirs: Sequence[int]) -> Pair:
    """Return a list of both servers, with these rows."""
    return (
        page(*(row(OURS, number) for number in ours)),
        page(*(row(THEIRS, number) for number in theirs)),
    )


ALIKE = pages([1, 2], [3, 4])


def ask(*pairs: Pair) -> Recorded:
    """Ask for the list as often as there are answers."""
    client = Recorded(*pairs)
    for _ in pairs:
        client.send(GET)
    return client


def test_ids_and_times_may_differ_as_long_as_they_correspond() -> None:
    ask(ALIKE, ALIKE, pages([2, 1], [4, 3]), pages([1], [3]), pages([1, 5], [3, 5]))


def test_a_request_is_translated() -> None:
    client = Recorded(ALIKE, ALIKE)
    client.send(GET)
    client.send(
        Request("GET", f"/api/todos/{an_id(OURS, 2)}", {"If-Match": ALIKE[0].headers["etag"]})
    )
    ours, theirs = client.sent[1]
    assert theirs.target == f"/api/todos/{an_id(THEIRS, 4)}"
    assert theirs.headers["If-Match"] == ALIKE[1].headers["etag"]
    assert ours.target == f"/api/todos/{an_id(OURS, 2)}"


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(pages([1, 2], [4, 3]), id="two rows swapped"),
        pytest.param(pages([1, 2], [3, 3]), id="one id twice"),
        pytest.param(pages([1, 1], [3, 4]), id="two ids for one"),
        pytest.param(pages([1], [4]), id="another row"),
        pytest.param(pages([1, 2], [3]), id="a row less"),
        pytest.param(pages([1], [5]), id="a new row for an old one"),
        pytest.param(pages([5], [3]), id="an old row for a new one"),
        pytest.param(
            (page(row(OURS, 6)), page(row(THEIRS, 8, updated=9))), id="two times that were one"
        ),
        pytest.param(
            (page(row(OURS, 6, updated=7)), page(row(THEIRS, 8))), id="one time that was two"
        ),
    ],
)
def test_it_sees_what_no_longer_corresponds(later: Pair) -> None:
    with pytest.raises(DifferenceError):
        ask(ALIKE, later)


def renamed(answer: Answer, name: str, other: str) -> Answer:
    """Return an answer whose header is spelled otherwise."""
    fields = tuple((other if field == name else field, value) for field, value in answer.fields)
    return replace(answer, fields=fields)


def spaced(answer: Answer) -> Answer:
    """Return an answer whose JSON is not compact."""
    body = answer.body.replace(b",", b", ")
    fields = {**dict(answer.fields), "ETag": digest(body), "Content-Length": str(len(body))}
    return replace(answer, fields=tuple(fields.items()), body=body)


THEIR_PAGE = ALIKE[1]


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param(replace(THEIR_PAGE, status=203), id="status"),
        pytest.param(replace(THEIR_PAGE, fields=THEIR_PAGE.fields[:-1]), id="a field less"),
        pytest.param(
            replace(THEIR_PAGE, fields=(*THEIR_PAGE.fields, THEIR_PAGE.fields[1])), id="field twice"
        ),
        pytest.param(
            replace(THEIR_PAGE, fields=(*THEIR_PAGE.fields, ("X-Powered-By", "Flask"))),
            id="a field more",
        ),
        pytest.param(spaced(THEIR_PAGE), id="white space"),
        pytest.param(replace(THEIR_PAGE, body=b""), id="no body"),
    ],
)
def test_it_sees_what_is_not_the_same(theirs: Answer) -> None:
    with pytest.raises(DifferenceError) as caught:
        ask((ALIKE[0], theirs))
    report = str(caught.value)
    assert report.startswith("GET /api/todos is answered differently")
    assert f"curl -i -X GET {OURS}/api/todos" in report
    assert f"curl -i -X GET {THEIRS}/api/todos" in report


def test_the_order_and_case_of_fields_and_the_reason_phrase_may_differ() -> None:
    ask((ALIKE[0], replace(THEIR_PAGE, reason="Fine", fields=THEIR_PAGE.fields[::-1])))
    ask((ALIKE[0], renamed(THEIR_PAGE, "ETag", "Etag")))


def test_the_date_may_differ() -> None:
    later = ("Date", "Sat, 14 Mar 2026 17:00:01 GMT")
    ask((ALIKE[0], replace(THEIR_PAGE, fields=(later, *THEIR_PAGE.fields[1:]))))


@pytest.mark.parametrize("which", [0, 1])
def test_it_sees_an_entity_tag_that_is_no_digest(which: int) -> None:
    answers = [*ALIKE]
    other = dict(answers[which].fields) | {"ETag": digest(b"another body")}
    answers[which] = replace(answers[which], fields=tuple(other.items()))
    with pytest.raises(AssertionError, match=r"etag is .*, where .* is due") as caught:
        ask((answers[0], answers[1]))
    assert f"curl -i -X GET {[OURS, THEIRS][which]}/api/todos" in str(caught.value)


# Times and ids: each wrong is something that one of the servers does, and the other doesn't.

SENT = "2026-03-14T17:00:00.000005Z"
CREATE = Request.with_json("POST", "/api/todos", {"due_at": SENT})
CREATE_ELSEWHERE = Request.with_json(
    "POST", "/api/todos", {"due_at": "2026-03-14T18:00:00.000005+01:00"}
)
CREATE_ESCAPED = Request(
    "POST", "/api/todos", {}, b'{"due_at":"2026-03-14T17:00:00\\u002e000005\\u005a"}'
)
PATCH = Request.with_json("PATCH", f"/api/todos/{an_id(OURS, 1)}", {"completed": True})
FILTER = Request("GET", "/api/todos?due_before=2026-03-14T17%3A00%3A00.000005Z")


def todo(server: str, number: int = 1, **times: float | str) -> str:
    """Return a todo as a server shows it; seconds stand for times."""
    shown = {name: at(time) if isinstance(time, float) else time for name, time in times.items()}
    return json.dumps({"id": an_id(server, number), **shown}, separators=(",", ":"))


def both(ours: str, theirs: str) -> Pair:
    """Return one answer of each server."""
    return page(ours), page(theirs)


CREATED = both(todo(OURS, created=1.0, updated=1.0), todo(THEIRS, created=1.1, updated=1.1))
CREATED_TWO = both(todo(OURS, 2, created=2.0), todo(THEIRS, 2, created=2.1))

Story = list[tuple[Request, Pair]]

FAULTS: dict[str, Story] = {
    "updated_at never renewed": [
        (CREATE, CREATED),
        (PATCH, both(todo(OURS, created=1.0, updated=2.0), todo(THEIRS, created=1.1, updated=1.1))),
    ],
    "updated_at of a row not seen before never renewed": [
        (PATCH, both(todo(OURS, updated=3000.0), todo(THEIRS, updated=1.1))),
    ],
    "updated_at of a row of just before never renewed": [
        (CREATE, CREATED_TWO),
        (PATCH, both(todo(OURS, updated=4.0), todo(THEIRS, updated=0.5))),
    ],
    "updated_at renewed by GET": [
        (CREATE, CREATED),
        (GET, both(todo(OURS, created=1.0, updated=1.0), todo(THEIRS, created=1.1, updated=2.0))),
    ],
    "created_at renewed": [
        (CREATE, CREATED),
        (PATCH, both(todo(OURS, created=1.0, updated=2.0), todo(THEIRS, created=2.1, updated=2.1))),
    ],
    "two times for one": [
        (CREATE, both(todo(OURS, created=1.0, updated=1.0), todo(THEIRS, created=1.1, updated=1.2)))
    ],
    "one time for two": [
        (PATCH, both(todo(OURS, created=1.0, updated=1.1), todo(THEIRS, created=1.1, updated=1.1)))
    ],
    "one time for ever": [
        (CREATE, CREATED),
        (CREATE, both(todo(OURS, 2, created=2.0), todo(THEIRS, 2, created=1.1))),
    ],
    "times in the other order": [
        (PATCH, both(todo(OURS, created=1.0, updated=2.0), todo(THEIRS, created=2.1, updated=1.1)))
    ],
    "later rows with earlier times": [
        (CREATE, CREATED_TWO),
        (CREATE, both(todo(OURS, 3, created=3.0), todo(THEIRS, 3, created=1.5))),
    ],
    "a clock an hour off": [(CREATE, both(todo(OURS, created=1.0), todo(THEIRS, created=3601.0)))],
    "a time of no calendar": [
        (CREATE, both(todo(OURS, created=1.0), todo(THEIRS, created="2026-03-14T12:00:61.000000Z")))
    ],
    "ids swapped": [
        (CREATE, CREATED),
        (CREATE, CREATED_TWO),
        (GET, (page(todo(OURS, 1), todo(OURS, 2)), page(todo(THEIRS, 2), todo(THEIRS, 1)))),
    ],
    "an id used again": [
        (CREATE, CREATED),
        (CREATE, both(todo(OURS, 2, created=2.0), todo(THEIRS, 1, created=2.1))),
    ],
    "a time that was sent comes back otherwise": [
        (CREATE, both(todo(OURS, due=SENT), todo(THEIRS, due=SENT.replace("5Z", "6Z"))))
    ],
    "a time that was sent with an offset comes back otherwise": [
        (CREATE_ELSEWHERE, both(todo(OURS, due=SENT), todo(THEIRS, due=SENT.replace("5Z", "6Z"))))
    ],
    "a time that was sent with escapes comes back otherwise": [
        (CREATE_ESCAPED, both(todo(OURS, due=SENT), todo(THEIRS, due=SENT.replace("5Z", "6Z"))))
    ],
    "a time that was sent in the query comes back otherwise": [
        (FILTER, both(todo(OURS, due=SENT), todo(THEIRS, due=SENT.replace("5Z", "6Z"))))
    ],
    "a time that was sent comes back otherwise later": [
        (CREATE, both(todo(OURS, due=SENT), todo(THEIRS, due=SENT))),
        (GET, both(todo(OURS, due=SENT), todo(THEIRS, due=SENT.replace("5Z", "6Z")))),
    ],
    "an id that was sent comes back as another": [
        (
            Request("GET", f"/api/todos/{an_id('nowhere', 1)}"),
            both(f'"/api/todos/{an_id("nowhere", 1)}"', f'"/api/todos/{an_id("nowhere", 2)}"'),
        )
    ],
}


def tell(story: Story) -> None:
    """Send a story's requests."""
    client = Recorded(*(pair for _, pair in story))
    for request, _ in story:
        client.send(request)


@pytest.mark.parametrize("story", FAULTS.values(), ids=[*FAULTS])
@pytest.mark.parametrize("first_is_wrong", [False, True], ids=["second", "first"])
def test_it_sees_times_and_ids_that_one_server_has_wrong(
    story: Story, *, first_is_wrong: bool
) -> None:
    *before, (request, answers) = story
    last = (request, answers[::-1] if first_is_wrong else answers)
    earlier = [(each, pair[::-1] if first_is_wrong else pair) for each, pair in before]
    tell(earlier)  # in which nothing is wrong
    with pytest.raises(DifferenceError):
        tell([*earlier, last])


LIST_TOKENS = Request("GET", "/api/tokens")
USED = both(todo(OURS, last_used_at=100.0), todo(THEIRS, last_used_at=100.1))
RENEWED = both(todo(OURS, last_used_at=161.0), todo(THEIRS, last_used_at=161.1))
RENEWED_BY_ONE = RENEWED[0], USED[1]


def test_a_token_may_be_renewed_by_one_server_a_moment_before_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("contract_tests.differential_client.RENEWAL_SECONDS", 0)
    client = Recorded(USED, RENEWED_BY_ONE, RENEWED, RENEWED)
    for _ in range(3):
        client.send(LIST_TOKENS)
    assert len(client.sent) == 4
    client = Recorded(USED, RENEWED_BY_ONE, RENEWED_BY_ONE)
    client.send(LIST_TOKENS)
    with pytest.raises(DifferenceError):  # never renewed by the other
        client.send(LIST_TOKENS)


def test_times_may_differ_by_what_servers_take() -> None:
    future = {"expires": "2099-03-14T17:00:00.000005Z"}, {"expires": "2099-03-14T17:00:01.000005Z"}
    tell(
        [
            (CREATE, CREATED),
            (CREATE, both(todo(OURS, 2, created=2.0), todo(THEIRS, 2, created=30.0))),
            (PATCH, both(todo(OURS, updated=40.0), todo(THEIRS, updated=41.0))),
            (
                GET,
                both(
                    todo(OURS, created=1.5, updated=40.0), todo(THEIRS, created=20.0, updated=41.0)
                ),
            ),
            (CREATE, both(todo(OURS, 3, **future[0]), todo(THEIRS, 3, **future[1]))),
            (
                CREATE,
                both(
                    todo(OURS, 4, due=SENT, created=50.0), todo(THEIRS, 4, due=SENT, created=50.5)
                ),
            ),
        ]
    )
