"""Nothing is sent that may not be sent, and not more than the budget."""

import time

import pytest

from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.limits import READING, EndedError, ForbiddenWriteError, LimitedTarget, Limits
from lookalike.targets import Target

METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FROB", "get"]


class Server(Target):
    """Answers with what it is told to."""

    def __init__(self, base_url: str, outcome: Outcome | None = None) -> None:
        self.base_url = base_url
        self.outcome = outcome or Answer(200, (), b"")
        self.methods: list[str] = []

    def send(self, request: Request) -> Outcome:
        self.methods.append(request.method)
        return self.outcome

    def close(self) -> None:
        self.methods.append("closed")


def send_all(target: LimitedTarget) -> set[str]:
    """Return which methods a server is sent, of all that are tried."""
    sent = set()
    for method in METHODS:
        try:
            target.send(Request(method, "/"))
        except ForbiddenWriteError:
            continue
        sent.add(method)
    return sent


@pytest.mark.parametrize(
    ("url", "write_to", "may_write"),
    [
        pytest.param("http://127.0.0.1:8000", (), True, id="loopback"),
        pytest.param("http://127.8.9.1", (), True, id="all of loopback"),
        pytest.param("http://[::1]:8000/api", (), True, id="IPv6's loopback"),
        pytest.param("http://localhost:8000", (), True, id="localhost"),
        pytest.param("http://192.0.2.7", (), False, id="another host"),
        pytest.param("http://192.0.2.7", ("192.0.2.7",), True, id="a host that is named"),
        pytest.param("http://192.0.2.7:8080", ("192.0.2.8",), False, id="another one is named"),
        pytest.param("http://127.0.0.1@192.0.2.7", (), False, id="loopback as a user's name"),
        pytest.param("http://127.0.0.1.invalid", (), False, id="a name that begins as loopback"),
        pytest.param("http://0.0.0.0", (), False, id="no address of loopback"),
    ],
)
def test_writes_go_to_loopback_and_to_hosts_that_are_named(
    url: str,
    write_to: tuple[str, ...],
    may_write: bool,  # noqa: FBT001 - a parameter of the test's
) -> None:
    server = Server(url)
    sent = send_all(LimitedTarget(server, Limits(write_to=write_to)))
    assert sent == ({*METHODS} if may_write else {*READING})
    assert {*server.methods} == sent


def test_reading_only_sends_no_other_methods_to_anybody() -> None:
    limits = Limits(is_reading_only=True, write_to=("127.0.0.1",))
    assert send_all(LimitedTarget(Server("http://127.0.0.1"), limits)) == {*READING}


def test_the_budget_of_requests_is_each_servers() -> None:
    limits = Limits(requests=3)
    targets = [LimitedTarget(Server("http://127.0.0.1"), limits) for _ in range(2)]
    for target in targets:
        for _ in range(3):
            target.send(Request("GET", "/"))
    with pytest.raises(EndedError, match="out of requests"):
        targets[0].send(Request("GET", "/"))


def test_no_time_is_left() -> None:
    limits = Limits(seconds=10, began=time.monotonic() - 11)
    with pytest.raises(EndedError, match="out of time"):
        LimitedTarget(Server("http://127.0.0.1"), limits).send(Request("GET", "/"))


def test_a_server_that_is_gone_ends_the_run() -> None:
    server = Server("http://127.0.0.1", NoAnswer("refused"))
    target = LimitedTarget(server, Limits(failures=3))
    for _ in range(2):
        target.send(Request("GET", "/"))
    server.outcome = Answer(500, (), b"")
    target.send(Request("GET", "/"))  # it is back, so that they are counted anew
    server.outcome = NoAnswer("timed out")
    for _ in range(2):
        target.send(Request("GET", "/"))
    with pytest.raises(EndedError, match="too many failures"):
        target.send(Request("GET", "/"))


def test_requests_are_spread_over_time() -> None:
    target = LimitedTarget(Server("http://127.0.0.1"), Limits(rate=100))
    began = time.monotonic()
    for _ in range(6):
        target.send(Request("GET", "/"))
    assert time.monotonic() - began >= 0.05


def test_closing_hangs_up() -> None:
    server = Server("http://127.0.0.1")
    LimitedTarget(server, Limits()).close()
    assert server.methods == ["closed"]
