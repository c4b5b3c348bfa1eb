"""What of an OpenAPI file a run has reached, on both servers, and what it never saw succeed."""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from lookalike.client import Exchange
from lookalike.comparison import escaped
from lookalike.findings import Observer, Reached, Run
from lookalike.form_data import decoded, is_form
from lookalike.http import Answer, Request
from lookalike.openapi import Contract, Operation

MOST = 1_000  # properties of one schema: some unfold without end
REFUSED = 400  # and above: RFC 9110, sections 15.5 and 15.6


class Share(NamedTuple):
    """Which of the declared names were reached on both servers, and which were not."""

    reached: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{len(self.reached)}/{len(self.reached) + len(self.missed)}"


@dataclass(frozen=True)
class OperationCoverage:
    """What was seen of one operation, against what the file declares."""

    operation: Operation
    calls: int
    succeeded: bool  # on both servers, at least once
    seen: str  # the statuses with their counts, in words
    statuses: Share
    parameters: Share  # such as "query limit", "header If-Match", "body /title"
    properties: Share  # such as "200 /items/*/id"
    undeclared: tuple[str, ...]  # statuses that the file doesn't know


@dataclass(frozen=True)
class Summary:
    """What was seen of the whole file."""

    operations: tuple[OperationCoverage, ...]

    @property
    def unsuccessful(self) -> list[OperationCoverage]:
        """The operations that never succeeded on both servers, those never asked for last."""
        return sorted(
            (each for each in self.operations if not each.succeeded),
            key=lambda each: not each.calls,
        )

    @property
    def totals(self) -> dict[str, tuple[int, int]]:
        """How many were reached of how many, by what is counted."""
        counts = {
            "operations": (
                sum(each.succeeded for each in self.operations),
                len(self.operations),
            )
        }
        for name in ("statuses", "parameters", "properties"):
            shares: list[Share] = [getattr(each, name) for each in self.operations]
            reached = sum(len(share.reached) for share in shares)
            counts[name] = (reached, reached + sum(len(share.missed) for share in shares))
        return counts


class Coverage(Observer):
    """Notes what each exchange reaches, and puts it into the run."""

    def __init__(self, contract: Contract) -> None:
        self.reached: dict[str, Reached] = {}
        self._declared = {
            operation.name: Declared(contract, operation) for operation in contract.operations
        }

    def exchange(self, exchange: Exchange) -> None:
        call = exchange.call
        name = f"{call.method or call.operation.method} {call.operation.path}"
        declared = self._declared.get(name)
        if declared is None:
            return  # such as a method that the file doesn't know
        reached = self.reached.setdefault(name, Reached())
        reached.calls += 1
        answers = [each for each in exchange.outcomes if isinstance(each, Answer)]
        for counts, outcome in zip(reached.statuses, exchange.outcomes, strict=True):
            if isinstance(outcome, Answer):
                counts[outcome.status] = counts.get(outcome.status, 0) + 1
        if len(answers) < len(exchange.outcomes):
            return
        if all(answer.status < REFUSED for answer in answers):
            reached.parameters |= declared.sent(exchange.requests[0])
        reached.properties |= set.intersection(*map(declared.shown, answers))

    def ended(self, run: Run) -> None:
        run.reached.update(self.reached)


class Declared:
    """What a file declares of an operation, by the names that coverage goes by."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._contract = contract
        self._operation = operation
        responses = operation.raw.get("responses") or {}
        self._responses: Mapping[str, Any] = {
            str(status): contract.resolved(response) for status, response in responses.items()
        }
        body = contract.resolved(operation.raw.get("requestBody") or {})
        self.statuses = tuple(self._responses)
        self.parameters = (
            *(f"{each['in']} {each['name']}" for each in operation.parameters),
            *(f"body {name}" for name in self._properties(body, "readOnly")),
        )
        self.properties = tuple(
            f"{status} {name}"
            for status, response in self._responses.items()
            for name in self._properties(response, "writeOnly")
        )
        self._names = {*self.parameters, *self.properties}

    def status(self, status: int) -> str | None:
        """Return under which key a status is declared: its own, 4XX, or default."""
        keys = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
        return next((key for key in keys if key in self._responses), None)

    def sent(self, request: Request) -> set[str]:
        """Return which declared parameters a request has."""
        names = {f"path {name}" for name in self._operation.path_parameters}
        for key, _ in parse_qsl(urlsplit(request.target).query, keep_blank_values=True):
            names |= {
                f"query {key}",
                f"query {key.partition('[')[0]}",
            }  # filter[name]=… is `filter`
        given = {name.lower() for name, _ in request.fields}
        names |= {name for name in self._names if name.partition(" ")[2].lower() in given}
        for pair in (request.header("cookie") or "").split(";"):
            names.add(f"cookie {pair.partition('=')[0].strip()}")
        names |= {f"body {name}" for name in inside(request.header("content-type"), request.body)}
        return names & self._names

    def shown(self, answer: Answer) -> set[str]:
        """Return which declared properties an answer has."""
        key = self.status(answer.status)
        found = inside(answer.header("content-type"), answer.body)
        return {f"{key} {name}" for name in found} & self._names

    def _properties(self, described: Any, hidden: str) -> list[str]:
        """List the properties in the content of a request body or a response."""
        content = described.get("content") if isinstance(described, dict) else None
        schemas = [
            media.get("schema") for media in (content or {}).values() if isinstance(media, dict)
        ]
        return list(dict.fromkeys(self._unfolded(schemas, hidden)))

    def _unfolded(self, schemas: Iterable[Any], hidden: str) -> Iterator[str]:
        waiting = deque(("", schema, frozenset[int]()) for schema in schemas)
        count = 0
        while waiting and count < MOST:
            pointer, given, above = waiting.popleft()
            schema = self._contract.resolved(given)
            if not isinstance(schema, dict) or id(schema) in above:
                continue
            if schema.get(hidden) or given.get(hidden):  # since OpenAPI 3.1 also beside a reference
                continue
            if pointer and not pointer.endswith("/*"):
                count += 1
                yield pointer
            above |= {id(schema)}
            for name, inner in (schema.get("properties") or {}).items():
                waiting.append((f"{pointer}/{escaped(str(name))}", inner, above))
            if "items" in schema:
                waiting.append((f"{pointer}/*", schema["items"], above))
            for key in ("allOf", "anyOf", "oneOf"):
                waiting.extend((pointer, each, above) for each in schema.get(key) or ())


def inside(content_type: str | None, body: bytes | None) -> set[str]:
    """Return pointers to all members of a body, in JSON or a form, with `*` for each index."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if not body:
        return set()
    if is_form(media_type):
        return {f"/{escaped(name)}" for name, _ in decoded(content_type or "", body)}
    if "json" not in media_type:
        return set()
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return set()
    found: set[str] = set()
    waiting = [("", value)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, dict):
            named = [(f"{pointer}/{escaped(name)}", inner) for name, inner in value.items()]
            found.update(name for name, _ in named)
            waiting += named
        elif isinstance(value, list):
            waiting += [(f"{pointer}/*", inner) for inner in value]
    return found


def summary(contract: Contract, reached: Mapping[str, Reached]) -> Summary:
    """Hold what was reached against what the file declares."""
    return Summary(
        tuple(
            of_operation(contract, operation, reached.get(operation.name, Reached()))
            for operation in contract.operations
        )
    )


def of_operation(contract: Contract, operation: Operation, reached: Reached) -> OperationCoverage:
    """Hold what was reached of an operation against what the file declares."""
    declared = Declared(contract, operation)
    old, new = reached.statuses
    both = {declared.status(status) for status in old.keys() & new.keys()}
    return OperationCoverage(
        operation,
        reached.calls,
        succeeded=all(any(status < REFUSED for status in counts) for counts in (old, new)),
        seen=in_words(reached),
        statuses=share(declared.statuses, both),
        parameters=share(declared.parameters, reached.parameters),
        properties=share(declared.properties, reached.properties),
        undeclared=tuple(
            f"{status}{where(status in old, status in new)}"
            for status in sorted({*old, *new})
            if declared.status(status) is None
        ),
    )


def share(declared: Iterable[str], reached: Iterable[str | None]) -> Share:
    """Split names into those that were reached and those that were not."""
    found = {*reached}
    names = [*declared]
    return Share(
        tuple(name for name in names if name in found),
        tuple(name for name in names if name not in found),
    )


def where(on_old: bool, on_new: bool) -> str:  # noqa: FBT001 - one for each server, in order
    """Say which server something was seen on, unless on both."""
    if on_old and on_new:
        return ""
    return " (old only)" if on_old else " (new only)"


def in_words(reached: Reached) -> str:
    """Say which statuses were seen how often, on both or on each server."""
    if not reached.calls:
        return "never asked"
    old, new = (counted(counts, reached.calls) for counts in reached.statuses)
    return old if old == new else f"old {old}; new {new}"


def counted(counts: Mapping[int, int], calls: int) -> str:
    """Write how often each status came: `200 × 31, 404 × 2`."""
    said = [f"{status} × {count:,}" for status, count in sorted(counts.items())]
    if missing := calls - sum(counts.values()):
        said.append(f"no answer × {missing:,}")
    return ", ".join(said)
