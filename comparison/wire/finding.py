"""Runs `lookalike diff` between the two programs, and tells which rows it finds by itself.

`python -m comparison.wire.finding` takes twenty minutes; each row keeps as `found_by` what it says.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from comparison.source import ROOT
from comparison.wire.aspects import NOTHING, agree, keys
from comparison.wire.lab import PASSWORDS, Answer, write_program
from comparison.wire.look import look
from comparison.wire.rows import PROGRAMS, SLASH, Change, Row

# With Django's slashes lookalike says at once that nothing succeeds, and ends.
WITHOUT_SLASHES = Change(
    "urls.py", old="DefaultRouter()", new="DefaultRouter(trailing_slash=False)"
)
SEEDS = (1, 2)
WRITING = ("POST", "PUT", "PATCH")
FILE = ROOT / "comparison" / "plain" / "openapi.yaml"
UNKNOWN = "(unknown)"
LARGEST = 2**63  # an integer that no column of a database holds


@dataclass(frozen=True)
class Exchange:
    """A request that lookalike has sent to both, and their answers."""

    line: str
    body: str
    answers: Mapping[str, Answer]


@contextmanager
def serving(folder: Path, changes: Iterable[Change]) -> Iterator[list[str]]:
    """Serve both programs, Django's with changes, and give their URLs."""
    write_program(folder, "flask", ())
    write_program(folder, "django", changes)
    command = [sys.executable, "-m", "comparison.plain", "--flask-port", "0", "--django-port", "0"]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # tracebacks of what ends in a 500
        text=True,
    ) as process:
        assert process.stdout  # noqa: S101 - it is a pipe
        try:
            yield [process.stdout.readline().split()[1] for _ in PROGRAMS]
        finally:
            process.terminate()


def run(seconds: int, seed: int, changes: Iterable[Change]) -> list[Exchange]:
    """Let lookalike compare both programs for a time, and return what it has asked."""
    with TemporaryDirectory(prefix="finding-") as name:
        folder = Path(name)
        report, config = folder / "report.jsonl", folder / "lookalike.toml"
        config.write_text(
            "\n".join(
                f'[actors.{user}]\nbasic = ["{user}", "{password}"]'
                for user, password in PASSWORDS.items()
            )
        )
        with serving(folder, changes) as urls:
            subprocess.run(
                [
                    *(sys.executable, "-m", "lookalike", "diff", *urls),
                    *("--openapi", str(FILE)),
                    *("--config", str(config), "--save", str(folder / "stories")),
                    *("--seconds", str(seconds), "--seed", str(seed), "--jsonl", str(report)),
                    *("--bytes", "--quiet"),
                ],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                check=False,  # 1 where it finds differences
            )
        events = [json.loads(line) for line in report.read_text().splitlines()]
        return [exchange_of(each) for each in events if each["type"] == "exchange"]


def exchange_of(event: Mapping[str, Any]) -> Exchange:
    """Read an exchange from lookalike's report."""
    request = event["requests"][0]
    answers = {
        program: Answer(
            answer.get("status", 0),
            answer.get("reason", ""),
            tuple(map(tuple, answer.get("fields", []))),
            answer.get("body") or "",
        )
        for program, answer in zip(PROGRAMS, event["answers"], strict=True)
    }
    line = f"{request['method']} {request['target']}"
    return Exchange(line, request.get("body") or "", answers)


def is_found(row: Row, answers: Mapping[str, Answer], exchange: Exchange) -> bool:
    """Tell whether an exchange shows a row's difference.

    It does if values of the same kinds are sent to the same place, the same succeeds, and the
    answers differ in all that the row is about.
    """
    return (
        shape(exchange.line) == shape(f"{row.request.method} {row.request.target}")
        and kinds_of(row.request.body).items() <= kinds_of(exchange.body).items()
        and all(
            is_alike(exchange.answers[each], answers[each], (exchange.body, row.request.body))
            for each in PROGRAMS
        )
        and not any(agree(exchange.answers, (aspect,)) for aspect in row.aspects)
    )


def is_alike(answer: Answer, expected: Answer, bodies: tuple[str, str]) -> bool:
    """Tell whether an answer says the same: it succeeds, too, or has the status and the fields.

    Of two that succeed 201 says the same of a value as 200. The bodies are those that were sent.
    """
    if expected.status < HTTPStatus.MULTIPLE_CHOICES:
        return answer.status < HTTPStatus.MULTIPLE_CHOICES
    sent, row = bodies
    return answer.status == expected.status and keys_of(answer, sent) >= keys_of(expected, row)


def keys_of(answer: Answer, sent: str) -> set[str]:
    """Return the names of an answer's members; none if it isn't a JSON object.

    What was sent under a name that the file doesn't have is refused under that name.
    """
    found = keys(answer, "")
    if found == NOTHING:
        return set()
    return {UNKNOWN if f'"{name}"' in sent and name not in declared() else name for name in found}


def shape(line: str) -> tuple[str, str, frozenset[tuple[str, str]]]:
    """Return a request's method, path and the kinds of its parameters, with its ids replaced.

    Of what is written it says only where: values are taken, or not, by all such methods.
    """
    method, target = line.split(" ", 1)
    parts = urlsplit(target.replace(SLASH, ""))
    path = re.sub(r"(?<=/)[0-9]+(?=/|$)", "{id}", parts.path)
    path = re.sub(r"(?<=s/)(?!\{id\})[^/]+", "{word}", path)
    if method in WRITING:
        method, path = "write", path.removesuffix("/{id}")
    query = parse_qsl(parts.query, keep_blank_values=True)
    kinds = ((name, kind(value) if name in declared() else "") for name, value in query)
    return method, path, frozenset(kinds)


def kinds_of(body: str) -> dict[str, str]:
    """Return the kinds of the members of a body; of what is no object one kind."""
    if not body:
        return {"": "nothing"}
    try:
        value = json.loads(body)
    except ValueError:
        return {"": "malformed"}
    if not isinstance(value, dict):
        return {"": kind(value)}
    kinds = {name: kind(each) for name, each in value.items() if name in declared()}
    return kinds if len(kinds) == len(value) else {**kinds, UNKNOWN: ""}


@cache
def declared() -> frozenset[str]:
    """Return the names that the file has, of members and of parameters.

    Of what it doesn't have, one member is as good as another, and one value of a parameter.
    """
    names = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            names.update(value.get("properties", ()))
            if "in" in value:
                names.add(value["name"])
        for inner in value.values() if isinstance(value, dict) else value:
            if isinstance(inner, dict | list):
                walk(inner)

    walk(yaml.safe_load(FILE.read_text()))
    return frozenset(names)


def kind(value: Any) -> str:  # noqa: PLR0911 - one for each kind
    """Name the kind of a value: what the rows tell apart."""
    match value:
        case None | bool() | list() | dict():
            return type(value).__name__ if value not in ([], {}) else "empty"
        case int():
            return "large" if abs(value) > LARGEST else "number"
        case float():
            return "whole" if value.is_integer() else f"{min(len(str(value % 1)) - 2, 3)} decimals"
        case "":
            return "blank"
    if value.strip() != value:
        return "with spaces"
    for pattern, name in KINDS.items():
        if re.search(pattern, value):
            return name
    return "word"


KINDS = {
    r"\x00": "with null",
    r"[\ud800-\udfff]": "with surrogate",
    r"^-?[0-9]+$": "digits",
    r"^-?[0-9]+\.0+$": "digits with zeros",
    r"^(?i:true|false|yes|no|on|off)$": "boolean",
    r"^\d{4}-\d\d-\d\d.*[+-]\d\d:\d\d$": "time with offset",
    r"^\d{4}-\d\d": "time",
}


def report(rows_found: Sequence[tuple[Row, bool]]) -> Iterator[str]:
    """Yield what there is to say of the rows."""
    found = [row.id for row, is_one in rows_found if is_one]
    yield f"{len(found)} of {len(rows_found)} found by lookalike"
    for row, is_one in rows_found:
        if is_one != (row.found_by == "lookalike"):
            yield f"{row.id}: {'found' if is_one else 'not found'}, but by its data {row.found_by}"


def main() -> None:
    """Look for each row."""
    parser = argparse.ArgumentParser(prog="python -m comparison.wire.finding", description=__doc__)
    parser.add_argument(
        "--seconds",
        type=int,
        default=600,
        help="how long lookalike runs with each of two seeds (default: 600)",
    )
    seconds = parser.parse_args().seconds
    exchanges = [each for seed in SEEDS for each in run(seconds, seed, (WITHOUT_SLASHES,))]
    looked, _ = look()
    found = [
        (each.row, any(is_found(each.row, each.answers, one) for one in exchanges))
        for each in looked
    ]
    sys.stdout.write("\n".join(report(found)) + "\n")


if __name__ == "__main__":
    main()
