"""What ends while it is used: tokens, and the windows of both throttles.

Nothing is slept for: a server is asked until it changes its mind, and each answer must be right for
some moment between its request and its arrival.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from contract_tests import servers
from contract_tests.cast import Actor, log_in, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_name, assert_problem
from contract_tests.servers import twins

pytestmark = pytest.mark.own_servers

SECONDS = 4  # that tokens and windows last
LOGINS = REQUESTS = 2
PATIENCE = 60  # a bound against hangs
ROUNDING = 0.01  # a clock that is read twice, in seconds
ME, TOKENS = "/api/users/me", "/api/tokens"


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


@contextmanager
def each_alone(folder: Path, **settings: str) -> Iterator[list[DifferentialClient]]:
    """Run the twins, each to be asked by itself: their windows don't end at one moment."""
    with twins(folder, servers.chosen, **settings) as base_urls, ExitStack() as stack:
        yield [
            stack.enter_context(closing(DifferentialClient([base_url]))) for base_url in base_urls
        ]


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers whose tokens soon expire."""
    with each_alone(tmp_path_factory.mktemp("due"), TOKEN_TTL=str(SECONDS)) as clients:
        yield clients


@pytest.fixture(scope="module")
def throttled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers whose throttle on logins soon forgets."""
    rate = f"{LOGINS}/{SECONDS}"
    with each_alone(tmp_path_factory.mktemp("due"), LOGIN_THROTTLE=rate) as clients:
        yield clients


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers whose general limit soon begins anew."""
    rate = f"{REQUESTS}/{SECONDS}"
    with each_alone(tmp_path_factory.mktemp("due"), RATE_LIMIT=rate) as clients:
        yield clients


def test_a_token_works_until_it_expires_and_never_after(
    forgetful: list[DifferentialClient],
) -> None:
    for client in forgetful:
        alice = register(client, "alice")
        made = timed(partial(client.request, "POST", TOKENS, json_body=credentials(alice)))
        end = datetime.fromisoformat(made.answer.json["expires_at"]).timestamp()
        assert made.sent + SECONDS - ROUNDING <= end <= made.received + SECONDS + ROUNDING
        short = log_in_with(alice, made.answer.json["token"])
        *before, after = until(401, partial(short.get, ME))
        assert {each.answer.status for each in before} <= {200}
        assert all(each.sent <= end + ROUNDING for each in before)
        assert after.received >= end - ROUNDING
        assert_problem(after.answer, "invalid-token", ME)
        challenge = 'Bearer error="invalid_token"'
        assert after.answer.headers["www-authenticate"] == challenge
        # The end is the end for every method, and for nobody else.
        for answer in (short.head(ME), short.delete("/api/tokens/current"), short.get(TOKENS)):
            assert (answer.status, answer.headers["www-authenticate"]) == (401, challenge)
        listed = log_in(client, alice.username, alice.password).get(TOKENS)
        assert listed.status in {200, 401}  # it may have expired again by now
        if listed.status == 200:
            assert made.answer.json["id"] not in {item["id"] for item in listed.json["items"]}


def credentials(actor: Actor) -> dict[str, str]:
    """Return what somebody logs in with."""
    return {"username": actor.username, "password": actor.password}


def log_in_with(actor: Actor, token: str) -> Actor:
    """Return somebody with another of their tokens."""
    return Actor(actor.client, actor.username, actor.password, token)


def test_a_lockout_ends_when_it_said_and_not_before(throttled: list[DifferentialClient]) -> None:
    for client in throttled:
        alice = register(client, "alice")
        wrong = {**credentials(alice), "password": "wrong"}
        # On a slow machine a window may end before it is full: then the next one opens.
        failures = until(429, partial(client.request, "POST", TOKENS, json_body=wrong))
        assert {each.answer.status for each in failures[:-1]} == {401}
        assert len(failures) > LOGINS
        refused = failures[-1]
        end = refused.received + int(refused.answer.headers["retry-after"])
        right = credentials(alice)
        *still, let_in = until(201, partial(client.request, "POST", TOKENS, json_body=right))
        assert {each.answer.status for each in still} <= {429}
        assert all(each.sent <= end + ROUNDING for each in still)
        # The window opened with a failure that is at most the limit back.
        opened = failures[-1 - LOGINS].sent
        assert let_in.received >= opened + SECONDS - ROUNDING


def test_a_forgotten_failure_gives_as_many_attempts_anew(
    throttled: list[DifferentialClient],
) -> None:
    for client in throttled:
        wrong = {"username": a_name("nobody_"), "password": "wrong"}
        until(429, partial(client.request, "POST", TOKENS, json_body=wrong))
        opening = until(401, partial(client.request, "POST", TOKENS, json_body=wrong))[-1]
        rest = until(429, partial(client.request, "POST", TOKENS, json_body=wrong))
        if rest[-1].received < opening.sent + SECONDS:  # all of it within this window
            assert len(rest) == LOGINS


def test_the_general_limit_begins_anew(limited: list[DifferentialClient]) -> None:
    target = "/api/products?limit=1"
    for client in limited:
        answers = until(429, partial(client.request, "GET", target))
        refused = answers[-1]
        opened = answers[-1 - REQUESTS]
        assert refused.answer.headers["ratelimit"].startswith('"default";r=0;t=')
        end = refused.received + int(refused.answer.headers["retry-after"])
        *still, let_in = until(200, partial(client.request, "GET", target))
        assert {each.answer.status for each in still} <= {429}
        assert all(each.sent <= end + ROUNDING for each in still)
        assert let_in.received >= opened.sent + SECONDS - ROUNDING
        assert let_in.answer.headers["ratelimit"].startswith(f'"default";r={REQUESTS - 1};t=')
