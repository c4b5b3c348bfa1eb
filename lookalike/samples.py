"""Plain values that schemas allow, and plain requests: by the file's examples, where it has any."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from math import ceil, floor
from typing import Any

from lookalike.calls import Call
from lookalike.form_data import File, is_form, media_type_of
from lookalike.http import is_json
from lookalike.openapi import Contract, Operation
from lookalike.schemas import Schema, merged, read

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


def samples(contract: Contract, operation: Operation) -> list[Call]:
    """Return plain requests that should succeed: by the file's examples, full, then sparse."""
    path = path_of(contract, operation)
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


def path_of(contract: Contract, operation: Operation) -> dict[str, Any]:
    """Return a value for each parameter of an operation's path."""
    return {
        name: sample(contract, parameter.get("schema"), parameter)
        for name, parameter in parameters(operation, "path").items()
    }


def parameters(operation: Operation, where: str) -> dict[str, Mapping[str, Any]]:
    """Return an operation's parameters in one place, by name."""
    found = {str(each["name"]): each for each in operation.parameters if each["in"] == where}
    if where == "path":
        return {name: found.get(name, {}) for name in operation.path_parameters}
    return found


def bodies(contract: Contract, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield media types and bodies; a single one without a body where none is declared."""
    declared = contract.contents(operation)
    chosen = [*islice(filter(is_json, declared), 1), *filter(is_form, declared)]
    for media_type in chosen:
        yield from bodies_of(contract, media_type, declared[media_type])
    if not chosen:
        yield "", None


def bodies_of(
    contract: Contract, chosen: str, given: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield bodies of one media type: the file's examples, a full one, a sparse one."""
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
    named = given.get("examples")
    for each in named.values() if isinstance(named, dict) else ():
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


def sample(  # noqa: PLR0911 - one for each type
    contract: Contract,
    schema: Any,
    parameter: Mapping[str, Any] | None = None,
    *,
    is_full: bool = True,
    depth: int = 0,
) -> Any:
    """Return a plain value that a schema allows, by its examples where it has any."""
    found = read(contract, schema)
    given = [*examples_of(contract, parameter or {}), *given_values(found.raw)]
    if given:
        return given[0]
    match found.type:
        case "object":
            return sample_object(contract, found, is_full=is_full, depth=depth)
        case "array":
            return sample_array(contract, found.raw, is_full=is_full, depth=depth)
        case "integer" | "number":
            return sample_number(found)
        case "boolean":
            return True
        case _ if found.raw.get("type") in ("null", ["null"]):
            return None
        case _:
            return sample_text(found.raw)


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


def sample_object(
    contract: Contract, schema: Schema, *, is_full: bool, depth: int
) -> dict[str, Any]:
    """Return an object with all members that a client may send, or with the required ones."""
    result = {}
    for name, given in schema.properties.items():
        member = merged(contract, given, None)
        is_wanted = name in schema.required or (is_full and depth < DEPTH)
        if member.get("readOnly") or not is_wanted:
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


def sample_number(schema: Schema) -> int | float:
    """Return a small number within the bounds."""
    is_whole, is_stepped = schema.type == "integer", "multipleOf" in schema.raw
    step = schema.step if is_whole or is_stepped else 0.5
    low, high = schema.ends()
    found = step
    if low is not None and found < low:
        found = ceil(low / step) * step if is_stepped else low
    if high is not None and found > high:
        found = floor(high / step) * step if is_stepped else high
    return int(found) if is_whole else found


def sample_text(schema: Mapping[str, Any]) -> str:
    """Return a text of a format or a pattern, as long as it has to be."""
    least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 100))
    known = FORMATS.get(schema.get("format", ""))
    if pattern := schema.get("pattern"):
        return of_pattern(str(pattern), least, most, known)
    return known or "Sample"[:most].ljust(least, "x")


@cache
def of_pattern(pattern: str, least: int, most: int, known: str | None = None) -> str:
    """Return a text that a pattern allows: a plain one, or a short one of Hypothesis's making."""
    fallback = known or "sample".ljust(least, "x")[:most]
    try:
        allowed = re.compile(pattern)
    except re.error:  # of another dialect (ECMA-262)
        return fallback
    for text in (*([known] if known else []), *PLAIN):
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
        return fallback
