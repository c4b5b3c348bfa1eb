"""A client that speaks in the old server's values to all servers at once."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from lookalike.client import DifferenceError, DifferentialClient, NoAnswerError
from lookalike.http import Answer
from lookalike.openapi import Contract
from lookalike.targets import WsgiTarget
from lookalike.tests.servers import Api, Asked, Reply, numbers, slugs, uuids

PATHS = ("/todos", "/todos/{id}", "/notes", "/notes/{id}")
CONTRACT = Contract(
    {
        "openapi": "3.1.0",
        "paths": {path: {m: {} for m in ("get", "post", "patch")} for path in PATHS},
    }
)


def renamed(asked: Asked, reply: Reply) -> None:
    """Answer to one request in another way."""
    if asked.body == {"title": "Odd"}:
        reply.body["title"] = "odd"


MAKERS: dict[str, Callable[[int], Any]] = {
    "uuids": lambda _: uuids,
    "numbers": numbers,
    "slugs": lambda _: slugs,
}


@pytest.fixture(params=MAKERS)
def client(request: pytest.FixtureRequest) -> Iterator[DifferentialClient]:
    """Build a client of three servers, whose last one is wrong in one thing."""
    make = MAKERS[request.param]
    apis = [Api(make(1)), Api(make(31)), Api(make(11), wrong=renamed)]
    old, new, third = map(WsgiTarget, apis)
    with closing(DifferentialClient(old, new, contract=CONTRACT, further=[third])) as client:
        client.request("POST", "/todos", json={"title": "Learn"}, learn=True)
        client.request("POST", "/notes", json={"title": "Learn"}, learn=True)
        yield client


def body_of(answer: Answer) -> Any:
    return json.loads(answer.body)


def test_values_of_the_old_server_are_translated_everywhere(client: DifferentialClient) -> None:
    todo = client.request("POST", "/todos", json={"title": "One"})
    note = client.request("POST", "/notes", json={"title": "One"})
    key, other = body_of(todo)["id"], body_of(note)["id"]
    client.request("POST", "/notes", json={"title": "All", "todo_id": key, "note": {"id": other}})
    assert client.request("GET", f"/todos/{key}").body
    assert client.request("GET", str(todo.header("Location"))).status == 200
    assert client.request("GET", f"/notes/{other}").status == 200
    etag = str(todo.header("ETag"))
    client.request("GET", f"/todos/{key}?after={key}", headers={"If-None-Match": etag})
    assert len(client.further_exchanges) == len(client.exchanges)
    new = client.exchanges[-1].requests[1]
    own = body_of(client.exchanges[4].outcomes.new)  # type: ignore[arg-type]
    assert new.target == f"/todos/{own['id']}?after={own['id']}"
    if isinstance(key, int):
        assert own["id"] == key + 30
    sent = client.exchanges[6].requests[1]
    told = json.loads(sent.body or b"")
    assert told["todo_id"] == own["id"]
    assert new.header("If-None-Match") != etag


def test_what_is_no_id_is_sent_as_it_is(client: DifferentialClient) -> None:
    for _ in range(9):
        client.request("POST", "/todos", json={"title": "One"})
    client.request(
        "POST", "/todos?page=2", json={"title": "2", "amount": 2, "done": True, "x": None}
    )
    _, new = client.exchanges[-1].requests
    assert new.target == "/todos?page=2"
    assert json.loads(new.body or b"") == {"title": "2", "amount": 2, "done": True, "x": None}


def test_a_difference_of_any_server_is_an_error(client: DifferentialClient) -> None:
    with pytest.raises(DifferenceError, match=r"body /title: value: 'Odd' → 'odd'"):
        client.request("POST", "/todos", json={"title": "Odd"})


def test_no_answer_is_an_error() -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("no")

    client = DifferentialClient(WsgiTarget(broken), WsgiTarget(broken))
    with closing(client), pytest.raises(NoAnswerError, match="RuntimeError: no"):
        client.request("GET", "/")


def test_many_threads_use_one_client(client: DifferentialClient) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(5):
                answer = client.request("POST", "/todos", json={"title": f"Of {number}"})
                key = body_of(answer)["id"]
                found = client.request("PATCH", f"/todos/{key}", json={"title": f"By {number}"})
                assert body_of(found)["title"] == f"By {number}"
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(failure) for failure in failures] == []
    assert len(client.exchanges) == 4 + 4 * 5 * 2


def test_an_id_that_was_not_learned_is_an_error_that_says_how() -> None:
    old, new = WsgiTarget(Api(numbers(1))), WsgiTarget(Api(numbers(31)))
    client = DifferentialClient(old, new, contract=CONTRACT)
    with closing(client), pytest.raises(DifferenceError, match="learn=True"):
        client.request("POST", "/todos", json={"title": "One"})
