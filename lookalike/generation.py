"""Schemathesis's requests for an operation, of every kind."""

import json
from collections.abc import Iterator
from functools import cached_property
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lookalike.calls import Call
from lookalike.http import is_json
from lookalike.openapi import Contract, Operation

# What a client that explores has no use for: its connection's, or the checks' own.
DROPPED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-schemathesis-testcaseid",
    }
)
CONFIG = """
[generation]
with-security-parameters = false
[phases.fuzzing.error-feedback]
enabled = false
"""  # a made-up token is only refused; feedback would send other requests to each server


class Generator:
    """Schemathesis's requests for each operation; what is drawn depends on nothing but the seed."""

    def __init__(self, contract: Contract, seed: int) -> None:
        self._contract = contract
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose
        self._strategies: dict[tuple[str, str], Any] = {}

    @cached_property
    def _schema(self) -> Any:
        import schemathesis
        from schemathesis.config import SchemathesisConfig

        raw = json.loads(json.dumps(self._contract.raw, default=str))  # YAML reads dates as such
        schema = schemathesis.openapi.from_dict(raw, config=SchemathesisConfig.from_str(CONFIG))
        schema.config.update(base_url="http://lookalike.invalid")
        return schema

    @cached_property
    def _operations(self) -> dict[str, Any]:
        found = {}
        for result in self._schema.get_all_operations():
            try:
                operation = result.ok()
            except Exception:  # noqa: BLE001, S112 - an operation it can't read is left to the samples
                continue
            found[f"{operation.method.upper()} {operation.path}"] = operation
        return found

    def examples(self, operation: Operation) -> list[Call]:
        """Return the file's examples; what they leave out is made up, always alike."""
        found = self._operations.get(operation.name)
        if found is None:
            return []
        return [
            call
            for source in found.get_strategies_from_examples()
            for call in self._drawn(operation, source, 1, 0, "example")
        ]

    def positive(self, operation: Operation, count: int) -> list[Call]:
        """Return well-formed requests."""
        return self._of_mode(operation, "positive", count)

    def negative(self, operation: Operation, count: int) -> list[Call]:
        """Return requests that are ill-formed in one way or another."""
        return self._of_mode(operation, "negative", count)

    def coverage(self, operation: Operation) -> Iterator[Call]:
        """Yield the requests at and beyond the bounds of each schema, the same in each run."""
        from schemathesis import GenerationMode

        found = self._operations.get(operation.name)
        if found is None:
            return
        config = self._schema.config.generation_for(operation=found, phase="coverage")
        cases = self._schema.iter_coverage_cases(
            found, generation_modes=list(GenerationMode), generation_config=config
        )
        for case in cases:
            if (call := as_call(operation, case, described(case))) is not None:
                yield call

    def _of_mode(self, operation: Operation, mode: str, count: int) -> list[Call]:
        from schemathesis import GenerationMode

        seed = self._random.getrandbits(64)
        found = self._operations.get(operation.name)
        if found is None or not count:
            return []
        key = operation.name, mode
        if key not in self._strategies:
            self._strategies[key] = found.as_strategy(generation_mode=GenerationMode(mode))
        why = f"a random {'valid' if mode == 'positive' else 'invalid'} request"
        return self._drawn(operation, self._strategies[key], count, seed, why)

    def _drawn(
        self, operation: Operation, source: Any, count: int, seed: int, why: str
    ) -> list[Call]:
        from hypothesis import HealthCheck, Phase, given, settings
        from hypothesis import seed as seeded
        from hypothesis.errors import Unsatisfiable

        calls: list[Call] = []

        @seeded(seed)
        @settings(
            max_examples=count,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(source)
        def collect(case: Any) -> None:
            if (call := as_call(operation, case, why)) is not None:
                calls.append(call)

        try:
            collect()
        except Unsatisfiable:  # nothing can be wrong with an operation that takes nothing
            return []
        return calls


def described(case: Any) -> str:
    """Return what Schemathesis says of a case, such as `quantity: Value greater than maximum`."""
    data = case.meta.phase.data
    said = str(getattr(data, "description", None) or "")
    if (name := getattr(data, "parameter", None)) in (case.path_parameters or {}):
        return f"a value for {{{name}}}"  # mostly another one by the time it is sent
    if not said or said.startswith("Default"):
        return "a valid request"
    return said[0].lower() + said[1:]


def as_call(operation: Operation, case: Any, why: str) -> Call | None:
    """Return a case as a call, or None where it isn't on the operation's path."""
    import requests

    try:
        parts = case.as_transport_kwargs(base_url=case.operation.base_url)
        prepared = requests.Request(**parts).prepare()
    except (ValueError, UnicodeError, requests.RequestException):
        return None
    url = urlsplit(prepared.url or "")
    path = operation.matches(url.path)
    if path is None:
        return None
    fields = tuple(
        (name, as_text(value))
        for name, value in prepared.headers.items()
        if name.lower() not in DROPPED and (name.lower(), as_text(value)) != ("accept", "*/*")
    )
    media_type = as_text(prepared.headers.get("Content-Type", ""))
    body: Any = prepared.body
    if isinstance(body, str):
        body = body.encode()
    if is_json(media_type) and isinstance(case.body, dict | list) and is_plain(case.body):
        body = case.body
    return Call(
        operation,
        path,
        parse_qsl(url.query, keep_blank_values=True, errors="surrogateescape"),
        fields,
        body,
        media_type,
        method="" if case.method.upper() == operation.method else case.method.upper(),
        why=why,
    )


def is_plain(value: Any) -> bool:
    """Tell whether JSON can write a value as it is."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError):
        return False
    return True


def as_text(value: str | bytes) -> str:
    """Return a field's value as text."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
