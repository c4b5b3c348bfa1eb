"""Effects of elapsed time (openapi.yaml, Authentication and Idempotency).

Nobody waits that long: what the servers have stored is made older instead. The tables are the same
for both twins (docs/decisions/one-database-layout.md).
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from contract_tests import servers
from contract_tests.cast import Actor, log_in, register
from contract_tests.differential_client import DifferentialClient
from contract_tests.documents import exactly
from contract_tests.operations.expected import a_name, a_todo, a_user, assert_problem, error
from contract_tests.servers import database, twins

pytestmark = pytest.mark.own_servers

TIMES = {
    "tokens": ("created_at", "last_used_at", "expires_at"),
    "idempotency_keys": ("created_at",),
}
ME = "/api/users/me"
TODOS = "/api/todos"

Change = Callable[[str], None]
Elapse = Callable[[timedelta], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the servers' databases are."""
    return tmp_path_factory.mktemp("time")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[DifferentialClient]:
    """Return servers whose databases may be changed."""
    with twins(folder) as base_urls, closing(DifferentialClient(base_urls)) as client:
        yield client


@pytest.fixture
def change(folder: Path) -> Change:
    """Return what changes all databases by a statement."""

    def execute(statement: str) -> None:
        for twin in servers.chosen:
            with closing(sqlite3.connect(database(folder, twin), timeout=10)) as connection:
                connection.create_function("earlier", 2, earlier)
                connection.execute(statement)
                connection.commit()

    return execute


@pytest.fixture
def elapse(change: Change) -> Elapse:
    """Return what makes all that is stored of tokens and keys older."""

    def let(time: timedelta) -> None:
        for table, columns in TIMES.items():
            seconds = time.total_seconds()
            changes = ", ".join(f"{column} = earlier({column}, {seconds})" for column in columns)
            change(f"UPDATE {table} SET {changes}")  # noqa: S608 – of constants

    return let


def earlier(stored: str | None, seconds: float) -> str | None:
    """Return a stored time that is so much earlier."""
    if stored is None:
        return None
    moment = datetime.fromisoformat(stored) - timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def test_a_token_works_for_thirty_days(client: DifferentialClient, elapse: Elapse) -> None:
    alice = register(client, "alice")
    elapse(timedelta(days=30, minutes=-1))
    assert alice.get(ME).status == 200
    elapse(timedelta(minutes=1))
    assert_problem(alice.get(ME), "invalid-token", ME)


def test_an_expired_token_is_not_listed(client: DifferentialClient, elapse: Elapse) -> None:
    alice = register(client, "alice")
    elapse(timedelta(days=29))
    newer = log_in(client, alice.username, alice.password)
    assert len(newer.get("/api/tokens").json["items"]) == 2
    elapse(timedelta(days=1))
    assert len(newer.get("/api/tokens").json["items"]) == 1


def test_an_expired_token_can_not_be_revoked(client: DifferentialClient, elapse: Elapse) -> None:
    alice = register(client, "alice")
    [old] = alice.get("/api/tokens").json["items"]
    elapse(timedelta(days=29))
    newer = log_in(client, alice.username, alice.password)
    elapse(timedelta(days=1))
    path = f"/api/tokens/{old['id']}"
    assert_problem(newer.delete(path), "not-found", path)


def test_the_last_use_is_renewed_once_a_minute(client: DifferentialClient, elapse: Elapse) -> None:
    alice = register(client, "alice")
    first = last_use(alice)
    elapse(timedelta(seconds=40))
    assert last_use(alice) == first - timedelta(seconds=40)
    elapse(timedelta(seconds=30))
    assert last_use(alice) >= first


def last_use(actor: Actor) -> datetime:
    """Return what is shown of one's only token."""
    [token] = exactly(1, actor.get("/api/tokens").json["items"])
    return datetime.fromisoformat(token["last_used_at"])


def test_a_key_is_remembered_for_a_day(client: DifferentialClient, elapse: Elapse) -> None:
    alice = register(client, "alice")
    headers = {"Idempotency-Key": a_name("key-")}
    first = alice.post(TODOS, a_todo(), headers=headers)
    elapse(timedelta(days=1, minutes=-1))
    repeat = alice.post(TODOS, a_todo(), headers=headers)
    assert (repeat.body, repeat.headers["idempotency-replayed"]) == (first.body, "true")
    elapse(timedelta(minutes=1))
    new = alice.post(TODOS, a_todo(title="Something else"), headers=headers)
    assert new.status == 201
    assert "idempotency-replayed" not in new.headers
    # From now on the key stands for the new request, for a day again.
    assert alice.post(TODOS, a_todo(title="Something else"), headers=headers).body == new.body
    assert_problem_of_a_reused_key(alice, headers)


def assert_problem_of_a_reused_key(actor: Actor, headers: dict[str, str]) -> None:
    """Hold the servers to refusing the first request under the same key."""
    answer = actor.post(TODOS, a_todo(), headers=headers)
    assert answer.status == 422
    assert answer.json["type"] == "/api/problems/idempotency-key-reused"


def test_an_inactive_user_is_nobody(client: DifferentialClient, change: Change) -> None:
    alice = register(client, "alice")
    change(f"UPDATE users SET is_active = 0 WHERE username = '{alice.username}'")  # noqa: S608 – its own
    assert_problem(alice.get(ME), "invalid-token", ME)
    credentials = {"username": alice.username, "password": alice.password}
    answer = client.request("POST", "/api/tokens", json_body=credentials)
    assert_problem(answer, "invalid-credentials", "/api/tokens")
    bob = register(client, "bob")
    assert bob.get(ME).status == 200
    taken = {"username": alice.username, "email": f"{alice.username}@example.com"}
    answer = alice.client.request("POST", "/api/users", json_body=a_user(**taken))
    assert_problem(
        answer,
        "already-exists",
        "/api/users",
        error("/email", "taken"),
        error("/username", "taken"),
    )
