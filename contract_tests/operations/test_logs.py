"""The servers' logs name the request, and hold no secret and no line that a client has forged."""

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from urllib.parse import quote

import pytest

from contract_tests import servers
from contract_tests.cast import Actor, log_in, nobody, register
from contract_tests.client import Answer, Request
from contract_tests.differential_client import Carrier, DifferentialClient
from contract_tests.operations.expected import a_product, a_todo, an_adjustment
from contract_tests.operations.operations import OPERATIONS, Operation
from contract_tests.servers import SECRET_KEY, database, environment_of, started, twins

pytestmark = pytest.mark.own_servers

NOBODY = "127.0.0.1:1"  # where no server listens
LEVELS: dict[str, dict[str, str]] = {"by default": {}, "DEBUG": {"LOG_LEVEL": "DEBUG"}}
# What a twin writes begins so. What gunicorn writes has its process id, and comes before the
# request has a name.
RECORD = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ (?P<logger>\S+) \[(?P<request_id>[^]]+)\] "
)

# Each stands for one thing that nobody may read in a log.
SECRETS = {
    "password": "the-secret-password",
    "new password": "the-secret-new-password",
    "wrong password": "the-secret-wrong-password",
    "other token": "the-secret-token-of-somebody-else-0123456789",
    "other credentials": "dGhlLXNlY3JldC1jcmVkZW50aWFscw==",
    "idempotency key": "the-secret-idempotency-key",
    "body": "the-secret-body",
    "email": "the-secret-address@example.com",
    "query": "the-secret-query",
    "cookie": "the-secret-cookie",
    "database password": "the-secret-database-password",
    "secret key": SECRET_KEY,
}
# Without a database each of them takes a second.
SLOW = [operation for operation in OPERATIONS if operation.name in {"createToken", "getTodo"}]
OWN_THREAD = "psycopg.pool"  # which connects in a thread of its own, for no request
FORGED = "2026-11-28 12:00:00,000 ERROR forged [forged] by a client"


class Listening(DifferentialClient):
    """A server, and what it has answered."""

    def __init__(self, base_url: str) -> None:
        super().__init__([base_url])
        self.answers: list[Answer] = []

    def send(self, request: Request, carrier: Carrier | None = None) -> Answer:
        answer = super().send(request, carrier)
        self.answers.append(answer)
        return answer


@dataclass(frozen=True)
class Logged:
    """What a server has logged, and about what it was asked."""

    text: str
    answers: list[Answer]
    secrets: dict[str, str]


@contextmanager
def output_to(file: Path) -> Iterator[None]:
    """Let what is started meanwhile write into a file."""
    saved = [os.dup(stream) for stream in (1, 2)]
    with file.open("wb") as written:
        for stream in (1, 2):
            os.dup2(written.fileno(), stream)
    try:
        yield
    finally:
        for stream, before in zip((1, 2), saved, strict=True):
            os.dup2(before, stream)
            os.close(before)


@contextmanager
def listening(folder: Path, running: AbstractContextManager[list[str]]) -> Iterator[Listening]:
    """Start a server that logs into a folder."""
    with ExitStack() as stack:
        with output_to(folder / "log"):
            [base_url] = stack.enter_context(running)
        yield stack.enter_context(closing(Listening(base_url)))


@pytest.fixture(scope="module", params=[*LEVELS])
def logs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Logged]:
    """Return what each twin logs: when all is well, when its data are broken, and without any."""
    level = LEVELS[request.param]
    found = []
    for twin in servers.chosen:
        folder = tmp_path_factory.mktemp("data")
        secrets = dict(SECRETS)
        running = twins(folder, [twin], REDIS_URL=f"redis://{NOBODY}/0", **level)
        with listening(folder, running) as server:
            alice = ask_well(server, secrets)
            ask_everything(server, alice)
            with closing(sqlite3.connect(database(folder, twin))) as stored:
                stored.execute("UPDATE products SET price = 'none'")  # which SQLite takes
                stored.commit()
                assert alice.get("/api/products").status == 500
                stored.execute("ALTER TABLE users RENAME TO gone")
                stored.commit()
            ask_everything(server, alice)
        found.append(Logged((folder / "log").read_text(), server.answers, secrets))
        folder = tmp_path_factory.mktemp("no_data")
        url = f"postgresql://shop:{SECRETS['database password']}@{NOBODY}/shop"
        with listening(folder, started({twin: environment_of(url, **level)})) as server:
            ask_everything(server, nobody(server), SLOW)
        found.append(Logged((folder / "log").read_text(), server.answers, SECRETS))
    return found


def ask_well(server: Listening, secrets: dict[str, str]) -> Actor:
    """Do with success what has to do with secrets, and return who it was."""
    alice, sam = register(server, "alice"), log_in(server, "sam", "sam-demo-password")
    secrets |= {"username's password": alice.password, "token": alice.token or ""}
    secrets |= {"password of the demo data": sam.password, "token of staff": sam.token or ""}
    body, headers = SECRETS["body"], {"Idempotency-Key": SECRETS["idempotency key"]}
    todo = a_todo(title=body, notes=body, due_at="2026-01-01T00:00:00Z")
    for _ in range(2):
        alice.post("/api/todos", todo, headers=headers)
    location = sam.post("/api/products", a_product(description=body)).headers["location"]
    sam.post(f"{location}/stock-adjustments", an_adjustment(note=body))
    alice.patch("/api/users/me", {"email": SECRETS["email"]})
    change = {"current_password": alice.password, "new_password": SECRETS["new password"]}
    alice.put("/api/users/me/password", change)
    assert {answer.status for answer in server.answers} <= {200, 201, 204}
    return alice


def ask_everything(
    server: Listening, actor: Actor, operations: Sequence[Operation] = OPERATIONS
) -> None:
    """Send each operation all kinds of secrets, as somebody, as somebody wrong and as nobody."""
    body = {
        "username": f"nobody\r\n{FORGED}",
        "password": SECRETS["wrong password"],
        "current_password": SECRETS["wrong password"],
        "new_password": SECRETS["new password"],
        "email": SECRETS["email"],
        "title": SECRETS["body"],
    }
    login = {"username": "alice", "password": SECRETS["wrong password"]}
    server.request("POST", "/api/tokens", json_body=login)
    for operation in operations:
        if operation.name in {"deleteCurrentUser", "deleteCurrentToken"}:
            continue  # so that there still is somebody afterwards
        for credentials in (
            f"Bearer {actor.token}",
            f"Bearer {SECRETS['other token']}",
            f"Basic {SECRETS['other credentials']}",
        ):
            headers = {
                "Authorization": credentials,
                "Cookie": f"session={SECRETS['cookie']}",
                "Idempotency-Key": SECRETS["idempotency key"],
            }
            for target in (operation.path, f"{operation.path}?q={SECRETS['query']}"):
                server.request(
                    operation.method,
                    target,
                    headers=headers,
                    json_body=body if operation.has_body else None,
                )
    for target in (f"/api/problems/%0D%0A{quote(FORGED)}%1B[31m", f"/%0D%0A{quote(FORGED)}"):
        server.request("GET", target)


def test_no_secret_is_logged(logs: list[Logged]) -> None:
    for log in logs:
        found = {name for name, secret in log.secrets.items() if secret in log.text}
        assert found == set(), log.text


def test_each_record_names_its_request(logs: list[Logged]) -> None:
    for log in logs:
        asked = {answer.headers["x-request-id"] for answer in log.answers}
        records = [match for match in map(RECORD.match, log.text.splitlines()) if match]
        # What is said at the start, before there is a request, comes first.
        later = list(dropwhile(lambda match: match["request_id"] == "-", records))
        logged = {match["request_id"] for match in later if match["logger"] != OWN_THREAD}
        assert logged - asked == set(), log.text
        failed = {answer.headers["x-request-id"] for answer in log.answers if answer.status >= 500}
        assert failed - logged == set()
        assert failed


def test_no_client_writes_a_line(logs: list[Logged]) -> None:
    for log in logs:
        assert [line for line in re.split(r"[\r\n]+", log.text) if line.startswith(FORGED)] == []
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", log.text)
