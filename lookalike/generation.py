"""Requests for an operation: a plain one made here at once, and Schemathesis's, of every kind."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from itertools import islice
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lookalike.calls import Call
from lookalike.form_data import File, is_form, media_type_of
from lookalike.openapi import Contract, Operation
from lookalike.schemas import merged

DEPTH = 5  # of the objects that a sample goes into; schemas may hold themselves
# Texts of formats (JSON Schema Validation, section 7.3), where the file gives no example.
FORMATS = {
    "date-time": "2031-05-17T12:34:56.789012Z",
    "date": "2031-05-17",
    "time": "12:34:56Z",
    "duration": "P3D",
    "email": "somebody@example.com",
    "idn-email": "somebody@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/a",
    "uri-reference": "/a",
    "url": "https://example.com/a",
    "uuid": "5f0c7a52-93f0-4d7e-8c3f-2b7a1c9d4e6f",
    "byte": "YWJj",
    "password": "Correct-horse-7-battery",
}
# Texts of which one mostly matches a pattern.
PLAIN = (
    *("Sample", "sample", "SAMPLE", "Sample-1", "sample-1", "SAMPLE-1", "sample_1", "sample.txt"),
    *(
        "Sample text 1",
        "Correct-horse-7-battery",
        "EUR",
        "en",
        "en-GB",
        "A",
        "a",
        "1",
        "12",
        "12345",
    ),
    *("1.50", "10.00", "1.5", "+491701234567", "01701234567", "somebody@example.com", "#a0b0c0"),
    *("https://example.com/a", "/a", "2031-05-17", "12:34", "12:34:56", "2031-05-17T12:34:56Z"),
    *("application/json", "P1D", "192.0.2.1", "1.0.0", '"a"', "*", "sample/sample", "10115", "a1"),
    "5f0c7a52-93f0-4d7e-8c3f-2b7a1c9d4e6f",
)
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


def samples(contract: Contract, operation: Operation) -> list[Call]:
    """Return plain requests that should succeed: by the file's examples, full, then sparse."""
    path = {
        name: sample(contract, parameter.get("schema"), parameter)
        for name, parameter in parameters(operation, "path").items()
    }
    query = [
        (name, as_query(sample(contract, parameter.get("schema"), parameter)))
        for name, parameter in parameters(operation, "query").items()
        if parameter.get("required")
    ]
    fields = [
        (name, as_query(sample(contract, parameter.get("schema"), parameter)))
        for name, parameter in parameters(operation, "header").items()
        if parameter.get("required")
    ]
    calls = []
    for media_type, body in bodies(contract, operation):
        form = media_type_of(media_type) if is_form(media_type) else ""
        call = Call(operation, path, query, fields, body, media_type, form, why="a valid request")
        if call not in calls:
            calls.append(call)
    return calls


def parameters(operation: Operation, where: str) -> dict[str, Mapping[str, Any]]:
    """Return an operation's parameters in one place, by name."""
    found = {str(each["name"]): each for each in operation.parameters if each["in"] == where}
    if where == "path":
        return {name: found.get(name, {}) for name in operation.path_parameters}
    return found


def content(contract: Contract, operation: Operation) -> Mapping[str, Any]:
    """Return what a body of an operation may be, by media type."""
    found = contract.resolved(operation.raw.get("requestBody")) or {}
    declared = found.get("content") if isinstance(found, dict) else None
    return declared if isinstance(declared, dict) else {}


def is_json(media_type: str) -> bool:
    """Tell whether a media type is JSON's (RFC 6839, section 3.1)."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")


def bodies(contract: Contract, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield media types and bodies; a single one without a body where none is declared."""
    declared = content(contract, operation)
    chosen = [*islice(filter(is_json, declared), 1), *filter(is_form, declared)]
    for media_type in chosen:
        yield from bodies_of(contract, declared, media_type)
    if not chosen:
        yield "", None


def bodies_of(
    contract: Contract, declared: Mapping[str, Any], chosen: str
) -> Iterator[tuple[str, Any]]:
    """Yield bodies of one media type: the file's examples, a full one, a sparse one."""
    given = contract.resolved(declared[chosen]) or {}
    values = [*examples_of(contract, given)]
    values += [sample(contract, given.get("schema"), is_full=full) for full in (True, False)]
    for value in values:
        if is_json(chosen):
            yield chosen, b"null" if value is None else value
        elif isinstance(value, dict):
            schema = merged(contract, given.get("schema"), None)
            yield chosen, with_files(contract, schema, value)


def with_files(
    contract: Contract, schema: Mapping[str, Any], value: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the members of a form, with files where the schema has binary data (3.0, 3.1)."""
    properties = schema.get("properties") or {}

    def of(name: str, given: Any) -> Any:
        member = merged(contract, properties.get(name, {}), None)
        items = merged(contract, member.get("items", {}), None)
        if isinstance(given, list):
            return [File(str(each)) if is_binary(items) else each for each in given]
        return File(str(given)) if is_binary(member) else given

    return {name: of(name, given) for name, given in value.items()}


def is_binary(schema: Mapping[str, Any]) -> bool:
    """Tell whether a member of a form is a file."""
    return schema.get("format") == "binary" or (
        "contentMediaType" in schema and "contentEncoding" not in schema
    )


def examples_of(contract: Contract, given: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the examples of a media type or a parameter."""
    if "example" in given:
        yield given["example"]
    for each in (given.get("examples") or {}).values():
        found = contract.resolved(each)
        if isinstance(found, dict) and "value" in found:
            yield found["value"]


def as_query(value: Any) -> str:
    """Write a sample as a parameter: arrays with commas, booleans as JSON has them."""
    if isinstance(value, list):
        return ",".join(map(as_query, value))
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return str(value)


def sample(
    contract: Contract,
    schema: Any,
    parameter: Mapping[str, Any] | None = None,
    *,
    is_full: bool = True,
    depth: int = 0,
) -> Any:
    """Return a plain value that a schema allows, by its examples where it has any."""
    schema = merged(contract, schema, None)
    given = [*examples_of(contract, parameter or {}), *given_values(schema)]
    if given:
        return given[0]
    match kind(schema):
        case "object":
            return sample_object(contract, schema, is_full=is_full, depth=depth)
        case "array":
            return sample_array(contract, schema, is_full=is_full, depth=depth)
        case "integer" | "number" as name:
            return sample_number(schema, is_whole=name == "integer")
        case "boolean" | "null" as name:
            return True if name == "boolean" else None
        case _:
            return sample_text(schema)


def given_values(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield values that a schema names itself."""
    if "const" in schema:
        yield schema["const"]
    if "example" in schema:
        yield schema["example"]
    if isinstance(schema.get("examples"), list):
        yield from schema["examples"]
    if schema.get("enum"):
        yield from (value for value in schema["enum"] if value is not None)
    if schema.get("default"):  # nothing, or an empty one, would show nothing
        yield schema["default"]


def kind(schema: Mapping[str, Any]) -> str:
    """Return a schema's type, that of 3.1's lists which isn't null."""
    found = schema.get("type")
    if isinstance(found, list):
        found = next((name for name in found if name != "null"), "null")
    if found is None and ("properties" in schema or "additionalProperties" in schema):
        return "object"
    if found is None and "items" in schema:
        return "array"
    return str(found or "string")


def sample_object(
    contract: Contract, schema: Mapping[str, Any], *, is_full: bool, depth: int
) -> dict[str, Any]:
    """Return an object with all members that a client may send, or with the required ones."""
    required = {*schema.get("required", [])}
    result = {}
    for name, given in (schema.get("properties") or {}).items():
        member = merged(contract, given, None)
        if member.get("readOnly") or not (name in required or (is_full and depth < DEPTH)):
            continue
        # What is required in a circle ends with null, if it has an end at all.
        is_within = depth < 2 * DEPTH
        result[name] = (
            sample(contract, member, is_full=is_full, depth=depth + 1) if is_within else None
        )
    return result


def sample_array(
    contract: Contract, schema: Mapping[str, Any], *, is_full: bool, depth: int
) -> list[Any]:
    """Return an array with one entry, or as few as it may have."""
    least = max(int(schema.get("minItems", 0)), 1 if is_full and depth < DEPTH else 0)
    if not least:
        return []
    return [sample(contract, schema.get("items", {}), is_full=is_full, depth=depth + 1)] * least


def sample_number(schema: Mapping[str, Any], *, is_whole: bool) -> int | float:
    """Return a small number within the bounds."""
    step = schema.get("multipleOf", 1 if is_whole else 0.5)
    low, high = schema.get("minimum"), schema.get("maximum")
    exclusive = schema.get("exclusiveMinimum")  # a number, or in 3.0 whether `minimum` is
    if exclusive is True and low is not None:
        low += step
    elif exclusive is not None and not isinstance(exclusive, bool):
        low = exclusive + step
    found = step if low is None else max(low, step)
    if high is not None and found > high:
        found = high
    return int(found) if is_whole else found


def sample_text(schema: Mapping[str, Any]) -> str:
    """Return a text of a format or a pattern, as long as it has to be."""
    least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 100))
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if pattern := schema.get("pattern"):
        return of_pattern(str(pattern), least, most)
    return "Sample"[:most].ljust(least, "x")


@cache
def of_pattern(pattern: str, least: int, most: int) -> str:
    """Return a text that a pattern allows: a plain one, or a short one of Hypothesis's making."""
    allowed = _allowed(pattern)
    if allowed is None:
        return "sample".ljust(least, "x")[:most]
    for text in PLAIN:
        if least <= len(text) <= most and allowed.search(text):
            return text
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis import strategies as st
    from hypothesis.errors import HypothesisException

    quiet = settings(
        database=None,
        derandomize=True,
        max_examples=200,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    strategy = st.from_regex(allowed, alphabet=st.characters(codec="ascii"))
    try:
        return find(strategy, lambda text: max(least, 1) <= len(text) <= most, settings=quiet)
    except HypothesisException:
        return "sample".ljust(least, "x")[:most]


def _allowed(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:  # of another dialect (ECMA-262)
        return None


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
