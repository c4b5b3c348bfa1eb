"""A summary that is kept: who computes it, and what is left of it without Redis."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import psycopg
import pytest
import redis

from contract_tests.client import Answer, Request, send
from contract_tests.faults.conftest import Much, Note
from contract_tests.faults.outages import BUSY, SOON, timed
from contract_tests.faults.redis_server import Redis, running_redis
from contract_tests.faults.systems import WORKERS, Fleet, Place, fleet_on, ready
from contract_tests.faults.writers import at_once
from contract_tests.postgresql import Cluster

pytestmark = pytest.mark.own_servers

CLIENTS = 50
SUMMARY = Request("GET", "/api/products/summary")
KEY = "shop:1:product_summary"
LOCK = f"{KEY}.lock"
COMPUTATION = re.compile(r"\bmin\(", re.IGNORECASE)  # once in each, in PostgreSQL's log
PATIENCE = 2  # seconds for which one waits for another's computation, and for a lock
MOMENT = 0.3  # seconds in which requests arrive that were sent at once


@dataclass(frozen=True)
class Kept:
    """The twins on one database of PostgreSQL, whose log tells who computes."""

    fleet: Fleet
    log: Path

    @property
    def in_turn(self) -> Place:
        """All servers in turn."""
        return self.fleet.places()[-1]

    def computations(self) -> int:
        """Count the computations so far."""
        return len(COMPUTATION.findall(self.log.read_text(errors="replace")))

    def ask(self) -> Answer:
        """Ask one of the servers."""
        return send(self.in_turn.next().base_url, SUMMARY)

    @contextmanager
    def held(self) -> Iterator[psycopg.Connection]:
        """Let nobody read the products meanwhile, so that a computation takes as long."""
        with psycopg.connect(self.fleet.url) as connection:
            connection.execute("LOCK TABLE products IN ACCESS EXCLUSIVE MODE")
            yield connection

    def waiting(self) -> int:
        """Count who waits for the products."""
        with psycopg.connect(self.fleet.url) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchone()
        return found[0] if found else 0

    def ask_at_once(self) -> list[Answer]:
        """Let many ask while nobody can finish computing, and return their answers."""
        answers = list[Answer]()
        place = self.in_turn

        def ask_all() -> None:
            answers.extend(at_once(CLIENTS, lambda _: send(place.next().base_url, SUMMARY)))

        asking = Thread(target=ask_all)
        with self.held():
            asking.start()
            while not self.waiting():
                time.sleep(0.02)
            time.sleep(MOMENT)
        asking.join()
        return answers


@pytest.fixture(scope="module")
def logged(cluster: Cluster) -> str:
    """Make a database whose statements PostgreSQL logs."""
    url = ready(cluster.new_database("kept"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET log_statement = 'all'")
    return url


@contextmanager
def keeping(cluster: Cluster, url: str, **settings: str) -> Iterator[Kept]:
    """Run the twins on a database."""
    known = {"SUMMARY_MAX_AGE": "600", "DATABASE_TIMEOUT": str(PATIENCE), **settings}
    with fleet_on(url, **known) as fleet:
        yield Kept(fleet, cluster.data / "log")


@dataclass(frozen=True)
class Shared(Kept):
    """Twins that keep it together."""

    redis: Redis


@pytest.fixture(scope="module")
def running(cluster: Cluster, logged: str) -> Iterator[Shared]:
    """Run twins that keep it in one Redis."""
    with running_redis() as server, keeping(cluster, logged, REDIS_URL=server.url) as kept:
        yield Shared(kept.fleet, kept.log, server)


@pytest.fixture
def shared(running: Shared) -> Shared:
    """Return them with nothing kept."""
    with redis.Redis(port=running.redis.port) as client:
        client.flushall()
    return running


def test_each_process_computes_once(cluster: Cluster, logged: str, note: Note) -> None:
    with keeping(cluster, logged) as kept:
        before = kept.computations()
        answers = kept.ask_at_once()
        computed = kept.computations() - before
        processes = len(kept.fleet.servers) * int(WORKERS["WEB_CONCURRENCY"])
        assert {answer.status for answer in answers} == {200}
        assert len(kept.fleet.servers) <= computed <= processes
        note(kept.in_turn.name, clients=CLIENTS, processes=processes, computations=computed)


def test_one_process_of_all_computes(shared: Shared, note: Note) -> None:
    before = shared.computations()
    answers = shared.ask_at_once()
    computed = shared.computations() - before
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert computed == 1
    with redis.Redis(port=shared.redis.port) as client:
        assert client.keys() == [KEY.encode()]
        stored = client.get(KEY)
        assert 0 < client.ttl(KEY) <= 600
    assert isinstance(stored, bytes)
    assert json.loads(stored) == answers[0].json
    note(shared.in_turn.name, clients=CLIENTS, computations=computed)


def test_who_is_killed_while_computing_holds_nobody_up(shared: Shared) -> None:
    [first, *_, last] = shared.fleet.servers.values()

    def ask_in_vain() -> None:
        with suppress(OSError):
            send(first.base_url, SUMMARY)

    asking = Thread(target=ask_in_vain)
    with shared.held():
        asking.start()
        while not shared.waiting():
            time.sleep(0.02)
        for worker in first.workers():
            worker.kill()
        asking.join()
    answer, seconds = timed(last, SUMMARY)
    assert answer.status == 200
    assert seconds < PATIENCE + SOON


def test_who_has_taken_too_long_ends_nobodys_turn(shared: Shared) -> None:
    """A lock ends by itself, and is another's when its holder has computed after all."""
    with redis.Redis(port=shared.redis.port) as client:
        for server in shared.fleet.servers.values():
            client.flushall()
            asking = Thread(target=send, args=(server.base_url, SUMMARY))
            with shared.held():
                asking.start()
                while not shared.waiting():
                    time.sleep(0.02)
                assert client.set(LOCK, "another's", xx=True)
            asking.join()
            assert client.get(LOCK) == b"another's"


def test_without_redis_it_is_computed(shared: Shared, note: Note, much: Much) -> None:
    kept = shared.ask()
    slowest = 0.0
    for fail, mend in (("stop", "start"), ("freeze", "thaw")):
        before = shared.computations()
        getattr(shared.redis, fail)()
        try:
            answers = [timed(shared.in_turn.next(), SUMMARY) for _ in range(4)]
        finally:
            getattr(shared.redis, mend)()
        assert {(answer.status, answer.body) for answer, _ in answers} == {(200, kept.body)}
        assert shared.computations() - before == len(answers)
        slowest = max(slowest, *(seconds for _, seconds in answers))
        assert slowest < much(BUSY, SOON)
        time.sleep(0.1)
        shared.ask()
        before = shared.computations()
        assert {shared.ask().body for _ in range(4)} == {kept.body}
        assert shared.computations() == before  # once it is back, it is kept again
    note(shared.in_turn.name, slowest_answer_in_seconds=round(slowest, 2))
