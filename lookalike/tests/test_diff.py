"""Two small servers are explored: alike ones have no difference, and each fault is found."""

import json
from functools import cache
from typing import Any

import pytest

from lookalike.client import Exchange
from lookalike.diff import Options, diff
from lookalike.findings import Observer, Run
from lookalike.http import NoAnswer, Outcome, Request
from lookalike.openapi import Contract
from lookalike.targets import Target, WsgiTarget
from lookalike.tests.notebook import CONTRACT, KEYED, Notes, Until, actor, newcomer, pair
from lookalike.tests.servers import short


@cache
def run(*faults: str, seed: int = 0, new_users: bool = False, file: Contract = CONTRACT) -> Run:
    """Hold two servers against each other; where one is wrong, until that is found."""
    old, new = pair(*faults, both="knows no guests" if new_users else "")
    options = Options(seconds=None, requests=1200, seed=seed)
    actors = [*map(newcomer if new_users else actor, ("ann", "bob"))]
    observer = Until() if faults else None
    return diff(file, old, new, options=options, actors=actors, observer=observer)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_equal_servers_have_no_difference(seed: int) -> None:
    found = run(seed=seed)
    assert [finding.difference for finding in found.findings] == []
    assert found.unconfirmed == []


@pytest.mark.parametrize(
    "fault",
    [
        "filters too much",
        "anybody reads",
        "keeps",
        "writes what it refuses",
        "loses",
        "one star more",
        "logs nobody out",
        "oldest session first",
        "escapes backwards",
        "decodes twice",
        "escapes as in HTML",
    ],
)
def test_faults_are_found(fault: str) -> None:
    assert run(fault).findings


@pytest.mark.parametrize("fault", ["logs nobody out", "ends one session", "oldest session first"])
def test_what_only_logging_in_makes_is_compared_for_new_users(fault: str) -> None:
    assert run(fault, new_users=True).findings


def test_odd_writes_leave_a_short_run_its_ends_of_sessions() -> None:
    phases: list[str] = []

    class Phases(Observer):
        def phase(self, name: str, total: int | None = None) -> None:
            phases.append(name)

    actors = [*map(newcomer, ("ann", "bob"))]
    options = Options(seconds=None, requests=1200)
    diff(CONTRACT, *pair(both="knows no guests"), options=options, actors=actors, observer=Phases())
    assert phases[-2:] == ["ends of sessions", "odd writes"]


@pytest.mark.parametrize("fault", ["keys of sessions", "keys of everybody"])
def test_whose_a_key_is_is_found(fault: str) -> None:
    assert run(fault, new_users=True, file=KEYED).findings


@pytest.mark.parametrize("file", [CONTRACT, KEYED], ids=["plain", "keyed"])
def test_equal_servers_have_no_difference_for_new_users(file: Contract) -> None:
    found = run(new_users=True, file=file)
    assert [finding.difference for finding in found.findings] == []
    assert found.unconfirmed == []


def test_every_operation_is_reached() -> None:
    found = run(seed=0)
    succeeded = {
        name
        for name, reached in found.reached.items()
        if all(any(200 <= status < 300 for status in each) for each in reached.statuses)
    }
    assert succeeded >= {each.name for each in CONTRACT.operations}


def test_equal_seeds_send_equal_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: 1234)  # what makes each run's texts new

    def sent() -> list[tuple[str, str, bytes]]:
        old, new = Notes(), Notes(first_id=50)
        targets = WsgiTarget(old), WsgiTarget(new)
        options = Options(seconds=None, requests=400, seed=5)
        diff(CONTRACT, *targets, options=options, actors=[actor("ann")])
        return old.requests

    first, second = sent(), sent()
    assert first == second
    assert len(first) > 350


class Unhandled(Notes):
    """Fails where a name is taken, as a program does that leaves this to its database."""

    def _reply(self, *asked: Any) -> tuple[int, Any]:
        status, value = super()._reply(*asked)
        return (500, {"error": "integrity"}) if status == 409 else (status, value)


def test_a_name_that_is_taken_may_break_a_server() -> None:
    targets = WsgiTarget(Unhandled()), WsgiTarget(Unhandled(first_id=4000))
    options = Options(seconds=None, requests=300)
    found = diff(CONTRACT, *targets, options=options, actors=[actor("ann")])
    assert found.findings == []
    assert found.reached["POST /notes"].statuses[0][201] > 10


class Once(Notes):
    """Has some header fields more in one answer, and never again."""

    def __init__(self, more: int) -> None:
        super().__init__()
        self.more = more

    def __call__(self, environ: Any, start_response: Any) -> Any:
        more = [(f"X-{number}", "1") for number in range(self.more)]
        if environ["PATH_INFO"] == "/notes":
            self.more = 0
        return super().__call__(
            environ, lambda status, fields: start_response(status, [*fields, *more])
        )


def test_one_story_is_told_for_all_that_differs_in_an_answer() -> None:
    def asked(more: int) -> int:
        old, new = Notes(), Once(more)
        options = Options(seconds=None, requests=100)
        file = CONTRACT.narrowed(["GET /notes"], [])
        found = diff(file, WsgiTarget(old), WsgiTarget(new), options=options)
        assert len(found.unconfirmed) == more
        return len(new.requests)

    assert asked(1) == asked(9)


def test_ctrl_c_ends_a_run_with_what_was_found() -> None:
    class Interrupting(Observer):
        calls = 0

        def exchange(self, exchange: Exchange) -> None:
            self.calls += 1
            if self.calls == 100:
                raise KeyboardInterrupt

    old, new = pair("loses")
    found = diff(CONTRACT, old, new, actors=[actor("ann")], observer=Interrupting())
    assert found.ended == "interrupted"
    assert found.findings


def test_reading_only_changes_nothing() -> None:
    old, new = Notes(), Notes()
    options = Options(read_only=True, requests=200)
    found = diff(CONTRACT, WsgiTarget(old), WsgiTarget(new), options=options)
    assert found.calls
    assert {method for method, *_ in old.requests + new.requests} <= {"GET", "HEAD", "OPTIONS"}


class Dying(Target):
    """A server that is gone after some requests."""

    base_url = "http://127.0.0.1"
    host = "127.0.0.1"

    def __init__(self, target: WsgiTarget, lasts: int) -> None:
        self._target = target
        self._left = lasts

    def send(self, request: Request) -> Outcome:
        self._left -= 1
        return NoAnswer("refused") if self._left < 0 else self._target.send(request)

    def close(self) -> None:
        self._target.close()


def test_a_dead_server_ends_a_run_with_what_was_found() -> None:
    old, new = pair("loses")
    found = diff(CONTRACT, old, Dying(new, lasts=300), actors=[actor("ann")])
    assert found.ended == "too many failures"
    assert any(each.difference.place.part == "body" for each in found.findings)


class Stumbling(Dying):
    """A server that leaves its first changes of things without an answer, and then no more."""

    def send(self, request: Request) -> Outcome:
        if request.method == "PUT":
            self._left -= 1
            if self._left >= 0:
                return NoAnswer("closed")
        return self._target.send(request)


@pytest.mark.parametrize(("lasts", "expected"), [(5, set()), (1_000_000, {"answer"})])
def test_an_answer_that_is_missing_by_chance_is_no_difference(
    lasts: int, expected: set[str]
) -> None:
    old, new = pair()
    options = Options(seconds=None, requests=150)
    found = diff(CONTRACT, old, Stumbling(new, lasts), options=options, actors=[actor("ann")])
    assert {each.cause.part for each in found.findings} == expected


class Undeclared:
    """Takes comments by a method that the file doesn't have, and gives them short random ids."""

    def __init__(self) -> None:
        self._comments: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        method, shown, status = environ["REQUEST_METHOD"], self._comments, "200 OK"
        if method not in {"GET", "HEAD", "POST"} or environ["PATH_INFO"] != "/comments":
            shown, status = [], "404 Not Found"
        elif method == "POST":
            self._comments.append({"id": short("", {}), "text": "a comment"})
            shown, status = self._comments[-1:], "201 Created"
        start_response(status, [("Content-Type", "application/json")])
        return [b"" if method == "HEAD" else json.dumps(shown).encode()]


@pytest.mark.parametrize("seed", [0, 1])
def test_ids_that_only_a_story_shows_are_no_difference(seed: int) -> None:
    contract = Contract({"openapi": "3.1.0", "paths": {"/comments": {"get": {}}}})
    old, new = Undeclared(), Undeclared()
    run = diff(
        contract,
        WsgiTarget(old),
        WsgiTarget(new),
        options=Options(seconds=None, requests=400, seed=seed),
    )
    assert [str(finding.difference) for finding in run.findings] == []
    assert len(old._comments) > 1
