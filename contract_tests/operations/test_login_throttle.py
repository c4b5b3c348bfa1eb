"""The throttle on failed logins (openapi.yaml, Authentication).

Retry-After counts seconds, which may pass between two servers' answers, so each server is asked by
itself.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from threading import Barrier

import pytest

from contract_tests.alone import each_alone
from contract_tests.cast import Actor, register
from contract_tests.client import Answer, Connection, Request
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_name, assert_problem, error

pytestmark = pytest.mark.own_servers

ROUNDS = 3  # as attempts that are sent at once may yet miss each other
OTHER_ADDRESS = "127.0.0.2"  # of this machine, too; macOS needs `ifconfig lo0 alias 127.0.0.2`


@pytest.fixture(scope="module")
def throttled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers that allow three failed logins in a minute."""
    with each_alone(tmp_path_factory, LOGIN_THROTTLE="3/60") as clients:
        yield clients


def try_to_log_in(client: DifferentialClient, username: str, password: str) -> Answer:
    """Send a login that may fail."""
    return client.request(
        "POST", "/api/tokens", json_body={"username": username, "password": password}
    )


def assert_throttled(answer: Answer, path: str) -> None:
    """Hold an answer to the refusal of a further attempt."""
    assert_problem(answer, "too-many-requests", path)
    assert re.fullmatch(r"[1-9]\d*", answer.headers["retry-after"])
    assert 50 <= int(answer.headers["retry-after"]) <= 60
    assert "www-authenticate" not in answer.headers


def test_too_many_failures_lock_out_even_the_right_password(
    throttled: list[DifferentialClient],
) -> None:
    for client in throttled:
        alice = register(client, "alice")
        for _ in range(3):
            answer = try_to_log_in(client, alice.username, "wrong")
            assert_problem(answer, "invalid-credentials", "/api/tokens")
        for password in ("wrong", alice.password):
            answer = try_to_log_in(client, alice.username, password)
            assert_throttled(answer, "/api/tokens")
        # The token that there is goes on, and so does everybody else.
        assert alice.get("/api/users/me").status == 200
        register(client, "bob")


def test_what_is_left_of_the_window_is_told(throttled: list[DifferentialClient]) -> None:
    for client in throttled:
        username = a_name("nobody_")
        for _ in range(4):
            early = try_to_log_in(client, username, "wrong")
        time.sleep(1.1)
        late = try_to_log_in(client, username, "wrong")
        assert int(late.headers["retry-after"]) < int(early.headers["retry-after"])


def test_each_address_has_failures_of_its_own(throttled: list[DifferentialClient]) -> None:
    for client in throttled:
        alice = register(client, "alice")
        statuses = [try_to_log_in(client, alice.username, "wrong").status for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        body = {"username": alice.username, "password": alice.password}
        with closing(Connection(client.base_urls[0], OTHER_ADDRESS)) as elsewhere:
            elsewhere.begin(Request.with_json("POST", "/api/tokens", body))
            assert elsewhere.finish().status == 201


def test_each_username_has_failures_of_its_own(throttled: list[DifferentialClient]) -> None:
    for client in throttled:
        for _ in range(4):
            answer = try_to_log_in(client, "nobody_at_all", "wrong")
        assert answer.status == 429
        assert try_to_log_in(client, a_name("nobody_"), "wrong").status == 401


def test_unknown_users_are_locked_out_alike(throttled: list[DifferentialClient]) -> None:
    for client in throttled:
        username = a_name("nobody_")
        statuses = [try_to_log_in(client, username, "wrong").status for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]


def test_a_success_forgets_the_failures(throttled: list[DifferentialClient]) -> None:
    for client in throttled:
        alice = register(client, "alice")
        passwords = ["wrong", "wrong", alice.password] * 3
        statuses = [try_to_log_in(client, alice.username, word).status for word in passwords]
        assert statuses == [401, 401, 201] * 3


def test_a_request_that_is_invalid_is_no_failed_login(throttled: list[DifferentialClient]) -> None:
    for client in throttled:
        alice = register(client, "alice")
        for _ in range(4):
            assert try_to_log_in(client, alice.username, "").status == 422
            too_short = {"current_password": "wrong", "new_password": ""}
            assert alice.put("/api/users/me/password", too_short).status == 422
        assert try_to_log_in(client, alice.username, alice.password).status == 201


def test_the_content_comes_before_the_throttle(throttled: list[DifferentialClient]) -> None:
    for client in throttled:
        username = a_name("nobody_")
        for _ in range(4):
            answer = try_to_log_in(client, username, "wrong")
        assert answer.status == 429
        answer = try_to_log_in(client, username, "")
        assert_problem(answer, "invalid-body", "/api/tokens", error("/password", "too_short", 1))


def test_the_content_of_a_change_comes_before_the_throttle(
    throttled: list[DifferentialClient],
) -> None:
    path = "/api/users/me/password"
    for client in throttled:
        alice = register(client, "alice")
        statuses = [try_to_log_in(client, alice.username, "wrong").status for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        answer = alice.put(path, {"current_password": "", "new_password": "another password"})
        assert_problem(answer, "invalid-body", path, error("/current_password", "too_short", 1))


def test_a_wrong_current_password_counts_as_a_failure(throttled: list[DifferentialClient]) -> None:
    path = "/api/users/me/password"
    for client in throttled:
        alice = register(client, "alice")
        wrong = {"current_password": "wrong", "new_password": "another password"}
        right = {**wrong, "current_password": alice.password}
        for _ in range(2):
            assert_problem(
                alice.put(path, wrong),
                "invalid-body",
                path,
                error("/current_password", "incorrect_password"),
            )
        assert try_to_log_in(client, alice.username, "wrong").status == 401
        assert_throttled(alice.put(path, right), path)
        assert_throttled(try_to_log_in(client, alice.username, alice.password), "/api/tokens")


def test_a_changed_password_forgets_the_failures(throttled: list[DifferentialClient]) -> None:
    for client in throttled:
        alice = register(client, "alice")
        for _ in range(3):
            for _ in range(2):
                assert try_to_log_in(client, alice.username, "wrong").status == 401
            same = {"current_password": alice.password, "new_password": alice.password}
            assert alice.put("/api/users/me/password", same).status == 204


@pytest.fixture(scope="module")
def ten_failures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers that allow ten failed logins, which is the default."""
    with each_alone(tmp_path_factory, LOGIN_THROTTLE="10/900") as clients:
        yield clients


# What has failed before, what is sent at once, and which statuses may come back.
RACES = [
    pytest.param(9, {"log in": 2}, [{201: 2}], id="two right ones with one failure left"),
    pytest.param(0, {"log in": 20}, [{201: 20}], id="many right ones"),
    pytest.param(9, {"log in": 1, "change": 1}, [{201: 1, 204: 1}], id="a login and a change"),
    pytest.param(0, {"change": 2}, [{204: 2}], id="two changes to what it was"),
    pytest.param(
        # Who ends first: the right one, which forgets the failures, or the wrong one, the tenth.
        9,
        {"log in": 1, "guess": 1},
        [{201: 1, 401: 1}, {429: 1, 401: 1}],
        id="a right and a wrong one with one failure left",
    ),
    pytest.param(0, {"guess": 30}, [{401: 10, 429: 20}], id="many wrong ones"),
    pytest.param(4, {"guess wrongly for a change": 20}, [{422: 6, 429: 14}], id="wrong changes"),
    pytest.param(10, {"log in": 4, "guess": 4, "change": 1}, [{429: 9}], id="none left"),
]


@pytest.mark.parametrize(("failed", "at_once", "allowed"), RACES)
def test_attempts_in_flight_together_are_judged_as_they_end(
    ten_failures: list[DifferentialClient],
    failed: int,
    at_once: dict[str, int],
    allowed: list[dict[int, int]],
) -> None:
    for client in ten_failures:
        for _ in range(ROUNDS):
            alice = register(client, "alice")
            for _ in range(failed):
                assert try_to_log_in(client, alice.username, "wrong").status == 401
            assert race(alice, at_once) in allowed


def race(alice: Actor, attempts: dict[str, int]) -> Counter[int]:
    """Make attempts at the same time: all are connected before any of them is sent."""
    ready = Barrier(sum(attempts.values()))

    def attempt(kind: str) -> int:
        alice.client.request("GET", "/api/health")
        ready.wait()
        match kind:
            case "log in":
                return try_to_log_in(alice.client, alice.username, alice.password).status
            case "guess":
                return try_to_log_in(alice.client, alice.username, "wrong").status
        given = "wrong" if kind == "guess wrongly for a change" else alice.password
        passwords = {"current_password": given, "new_password": alice.password}
        return alice.put("/api/users/me/password", passwords).status

    kinds = [kind for kind, number in attempts.items() for _ in range(number)]
    with ThreadPoolExecutor(len(kinds)) as pool:
        return Counter(pool.map(attempt, kinds))


# The end of a lockout. Nothing is slept for: a server is asked until it changes its mind, and each
# answer must be right for some moment between its request and its arrival.

SECONDS, FAILURES = 4, 2
PATIENCE = 60  # a bound against hangs
ROUNDING = 0.01  # a clock that is read twice, in seconds


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers whose throttle soon forgets."""
    with each_alone(tmp_path_factory, LOGIN_THROTTLE=f"{FAILURES}/{SECONDS}") as clients:
        yield clients


@dataclass(frozen=True)
class Timed:
    """An answer, and between which moments it was given."""

    answer: Answer
    sent: float
    received: float


def timed(ask: Callable[[], Answer]) -> Timed:
    """Ask, and note when."""
    sent = time.time()
    answer = ask()
    return Timed(answer, sent, time.time())


def until(status: int, ask: Callable[[], Answer]) -> list[Timed]:
    """Ask until an answer has a status, and return all answers."""
    answers = [timed(ask)]
    while answers[-1].answer.status != status:
        assert answers[-1].sent < answers[0].sent + PATIENCE, answers[-1].answer
        time.sleep(0.05)
        answers.append(timed(ask))
    return answers


def test_a_lockout_ends_when_it_said_and_not_before(forgetful: list[DifferentialClient]) -> None:
    for client in forgetful:
        alice = register(client, "alice")
        wrong = {"username": alice.username, "password": "wrong"}
        # On a slow machine a window may end before it is full: then the next one opens.
        failures = until(429, partial(client.request, "POST", "/api/tokens", json_body=wrong))
        assert {each.answer.status for each in failures[:-1]} == {401}
        assert len(failures) > FAILURES
        refused = failures[-1]
        end = refused.received + int(refused.answer.headers["retry-after"])
        right = {"username": alice.username, "password": alice.password}
        *still, let_in = until(201, partial(client.request, "POST", "/api/tokens", json_body=right))
        assert {each.answer.status for each in still} <= {429}
        assert all(each.sent <= end + ROUNDING for each in still)
        # The window opened with a failure that is at most the limit back.
        opened = failures[-1 - FAILURES].sent
        assert let_in.received >= opened + SECONDS - ROUNDING


def test_a_forgotten_failure_gives_as_many_attempts_anew(
    forgetful: list[DifferentialClient],
) -> None:
    for client in forgetful:
        wrong = {"username": a_name("nobody_"), "password": "wrong"}
        until(429, partial(client.request, "POST", "/api/tokens", json_body=wrong))
        opening = until(401, partial(client.request, "POST", "/api/tokens", json_body=wrong))[-1]
        rest = until(429, partial(client.request, "POST", "/api/tokens", json_body=wrong))
        if rest[-1].received < opening.sent + SECONDS:  # all of it within this window
            assert len(rest) == FAILURES
