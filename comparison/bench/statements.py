"""The SQL statements of a request, counted where they arrive: in PostgreSQL's log."""

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from comparison.bench.load import Task
from comparison.bench.model import Statements
from comparison.bench.operations import Operation
from comparison.bench.rounds import send, texts
from comparison.bench.servers import Server, Setup, serving
from comparison.bench.throughput import Bench

LOGGED = re.compile(r"\] LOG:  (?:statement|execute [^:]*): (.*)", re.DOTALL)
COMMANDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET TRANSACTION", "START")
WARMING_SECONDS = 0.3
SETTLED_SECONDS = 0.1


def entries(log: str) -> list[str]:
    """Return the statements that a log tells of, each on one line."""
    found = re.split(r"^(?=\d{4}-\d\d-\d\d )", log, flags=re.MULTILINE)
    matches = [LOGGED.search(entry) for entry in found]
    return [" ".join(match[1].split()) for match in matches if match]


def one_request(server: Server, operation: Operation, log: Path) -> list[str]:
    """Send one request, and return the statements that it has led to."""
    requests = texts(server, operation)
    warming = Task(server.port, 1, WARMING_SECONDS, operation.status, requests)
    send(warming, server.program.name)
    time.sleep(SETTLED_SECONDS)
    known = log.stat().st_size
    send(Task(server.port, 1, 0, operation.status, requests), server.program.name)
    time.sleep(SETTLED_SECONDS)
    with log.open(encoding="utf-8", errors="replace") as file:
        file.seek(known)
        return entries(file.read())


def is_command(text: str) -> bool:
    """Tell whether a statement only begins or ends a transaction, or something within it."""
    return text.upper().startswith(COMMANDS)


def measure_statements(bench: Bench, operations: Sequence[Operation]) -> Iterator[Statements]:
    """Count the statements of every operation of every program."""
    database = bench.database
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE bench SET log_statement = 'all'")  # of later connections
    for program in bench.programs:
        bench.log(f"statements of {program.name}")
        with serving(program, Setup(workers=1), database.environment) as server:
            for operation in operations:
                found = one_request(server, operation, database.folder / "log")
                texts_ = [text for text in found if not is_command(text)]
                commands = len(found) - len(texts_)
                yield Statements(program.name, operation.name, len(texts_), commands, texts_)
