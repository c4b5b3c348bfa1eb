"""What gunicorn answers itself is what docs/decisions/server.md says, and alike for both twins."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from contract_tests.raw_http.exchange import Received, exchange
from contract_tests.raw_http.probe import Conversation, Refusal, request
from contract_tests.raw_http.refusals import BEHIND_AN_ANSWER, ROWS
from contract_tests.raw_http.test_raw_http import bounds, filler
from contract_tests.servers import twins

pytestmark = pytest.mark.own_servers  # what other servers answer here is theirs to choose

CONTRADICTION = request(
    "GET /api/health", "Host: localhost", "X-Forwarded-Proto: https", "X-Forwarded-Proto: http"
)

Send = Callable[[Refusal | Conversation], list[Received]]


@pytest.fixture(scope="module")
def send(base_urls: list[str]) -> Send:
    """Return what sends a request to each twin, and returns all that comes back."""
    fills = {url: filler(url, uuid4().hex[:12]) for url in base_urls}
    return lambda asked: [exchange(url, fill(asked.request)) for url, fill in fills.items()]


def is_gunicorns(answer: Received) -> bool:
    """Tell whether an answer is a page of gunicorn's."""
    fields = {name: value for name, value in answer.fields if name != "Content-Length"}
    return fields == {"Connection": "close", "Content-Type": "text/html"}


@pytest.mark.parametrize(("status", "what"), ROWS)
def test_a_row(send: Send, status: int, what: str) -> None:
    for name, raw in ROWS[status, what].items():
        first, *others = send(Refusal(name, raw))
        assert (first.status, is_gunicorns(first), [*bounds(first)]) == (status, True, []), name
        assert {other.raw for other in others} <= {first.raw}, name


@pytest.mark.parametrize("asked", BEHIND_AN_ANSWER, ids=lambda each: each.name)
def test_behind_an_answer(send: Send, asked: Conversation) -> None:
    for answer in send(asked):
        assert (answer.statuses, [*bounds(answer)]) == (asked.statuses, [])


def test_a_proxy_that_contradicts_itself(tmp_path: Path) -> None:
    with twins(tmp_path, FORWARDED_ALLOW_IPS="127.0.0.1") as urls:
        answers = [exchange(url, CONTRADICTION) for url in urls]
    assert [(each.status, is_gunicorns(each)) for each in answers] == [(400, True)] * len(urls)
