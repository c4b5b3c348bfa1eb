"""The schemas of an OpenAPI file, 3.0 or 3.1: what they say of values, and values for them."""

import json
import random
import re
import string
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from lookalike.openapi import Contract, Operation
from lookalike.schemas import merged

DEPTH = 8  # of sampled values: some schemas unfold without end
MARK = "a"
FORMATS = {
    "date": "2024-02-03",
    "date-time": "2024-02-03T04:05:06Z",
    "time": "04:05:06Z",
    "duration": "P1D",
    "email": "ada.{mark}@example.com",
    "hostname": "{mark}.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/{mark}",
    "url": "https://example.com/{mark}",
    "uri-reference": "/{mark}",
    "uuid": "3f0c2a3e-6f0e-4d0b-9a57-0d3c7a1b2c4d",
    "byte": "bG9vaw==",
    "binary": "look",
    "password": "Correct-horse-7-{mark}",
}


class Violation(NamedTuple):
    """What a schema finds wrong with a value."""

    pointer: str  # with `*` for each index
    keyword: str  # such as "required"
    message: str


class Schemas:
    """Reads a contract's schemas."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._validators: dict[tuple[str, str], Any] = {}
        version = str(contract.raw.get("openapi", ""))
        self._is_old = version.startswith("3.0")

    def violations(self, schema: Any, value: Any, hidden: str) -> Iterator[Violation]:
        """Yield what is wrong with a value; `hidden` is writeOnly for answers, else readOnly."""
        try:
            errors = [*self._validator(schema, hidden).iter_errors(value)]
        except ValueError:  # the schema is none, or the value holds what Rust's strings can't
            return
        for error in errors:
            pointer = "".join(
                "/*" if isinstance(part, int) else f"/{part}" for part in error.instance_path
            )
            yield Violation(pointer, error.kind.name, error.message)

    def accepts(self, schema: Any, value: Any, hidden: str = "readOnly") -> bool:
        """Tell whether a value is valid."""
        return next(self.violations(schema, value, hidden), None) is None

    def unreadable(self, schema: Any) -> str:
        """Say why a schema can't be used, if so."""
        try:
            self._validator(schema, "readOnly")
        except ValueError as error:
            return str(error).partition("\n")[0]
        return ""

    def _validator(self, schema: Any, hidden: str) -> Any:
        import jsonschema_rs

        key = json.dumps(schema, sort_keys=True, default=str), hidden
        if key not in self._validators:
            parts = ("components", "paths") if "#/paths" in key[0] else ("components",)
            root = {name: self._read(self._contract.raw.get(name, {}), hidden) for name in parts}
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                {**root, "allOf": [self._read(schema, hidden)]}, validate_formats=True
            )
        return self._validators[key]

    def _read(self, schema: Any, hidden: str) -> Any:
        """Return a schema as JSON Schema 2020-12 reads it, hidden properties not required."""
        if isinstance(schema, list):
            return [self._read(each, hidden) for each in schema]
        if not isinstance(schema, dict):
            return schema
        found = {str(key): self._read(value, hidden) for key, value in schema.items()}
        if self._is_old:
            if schema.get("nullable") is True and isinstance(schema.get("type"), str):
                found["type"] = [schema["type"], "null"]
                if isinstance(schema.get("enum"), list):
                    found["enum"] = [*schema["enum"], None]
            for bound, other in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
                is_exclusive = found.pop(bound, None)
                if is_exclusive is True and other in found:
                    found[bound] = found.pop(other)
                elif is_exclusive not in (None, True, False):
                    found[bound] = is_exclusive
        properties = schema.get("properties")
        if isinstance(schema.get("required"), list) and isinstance(properties, dict):
            found["required"] = [
                name
                for name in schema["required"]
                if not self.resolved(properties.get(name)).get(hidden)
            ]
        return found

    def resolved(self, schema: Any) -> Mapping[str, Any]:
        """Follow a reference; a keyword beside it stays. What is no object has no keywords."""
        found = self._contract.resolved(schema)
        if not isinstance(found, dict):
            return {}
        own = schema if isinstance(schema, dict) else {}
        return {**found, **{key: value for key, value in own.items() if key != "$ref"}}

    def merged(self, schema: Any) -> Mapping[str, Any]:
        """Return a schema with what it refers to and all of `allOf`, and a choice made."""
        return merged(self._contract, schema, None)

    def types(self, schema: Any) -> set[str]:
        """Return the declared types, empty where any will do."""
        merged = self.merged(schema)
        declared = merged.get("type")
        found = {declared} if isinstance(declared, str) else {*(declared or ())}
        if found and merged.get("nullable") is True:
            found.add("null")
        return found

    def properties(self, schema: Any, hidden: str = "readOnly") -> dict[str, Any]:
        """Return the properties of an object, without those that are hidden in this direction."""
        found = self.merged(schema).get("properties") or {}
        return {
            name: inner for name, inner in found.items() if not self.resolved(inner).get(hidden)
        }

    def required(self, schema: Any) -> list[str]:
        """Return the names of properties that a request must have."""
        shown = self.properties(schema)
        found = self.merged(schema)
        declared = found.get("properties") or {}
        return [
            name for name in found.get("required") or () if name in shown or name not in declared
        ]

    def sample(  # noqa: PLR0911 - one for each type
        self, schema: Any, chance: random.Random, *, is_full: bool = True, depth: int = 0
    ) -> Any:
        """Make up a value that a schema most likely accepts."""
        found = self.merged(schema)
        for key in ("const", "example", "default"):
            if key in found and (key != "default" or found[key] is not None):
                return found[key]
        for key in ("examples", "enum"):
            if isinstance(found.get(key), list) and found[key]:
                return next((each for each in found[key] if each is not None), None)
        types = self.types(found) - {"null"}
        kind = next(iter(sorted(types)), "object" if "properties" in found else "string")
        match kind:
            case "object":
                return self._object(found, chance, is_full=is_full, depth=depth)
            case "array":
                count = max(1 if depth < DEPTH else 0, int(found.get("minItems", 0)))
                return [
                    self.sample(found.get("items", {}), chance, is_full=is_full, depth=depth + 1)
                    for _ in range(count)
                ]
            case "integer" | "number":
                return number(found)
            case "boolean":
                return True
            case _:
                return text(found, chance)

    def _object(
        self, found: Mapping[str, Any], chance: random.Random, *, is_full: bool, depth: int
    ) -> dict[str, Any]:
        required = {*self.required(found)}
        return {
            name: self.sample(inner, chance, is_full=is_full, depth=depth + 1)
            for name, inner in self.properties(found).items()
            if name in required or (is_full and depth < DEPTH)
        }

    def varied(self, schema: Any, value: Any, chance: random.Random) -> Any:
        """Return a value with other letters and digits in its free texts, for what is unique."""
        found = self.merged(schema)
        if isinstance(value, dict):
            properties = found.get("properties") or {}
            return {
                name: self.varied(properties.get(name, {}), inner, chance)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self.varied(found.get("items", {}), each, chance) for each in value]
        if not isinstance(value, str) or "enum" in found or "const" in found:
            return value
        if found.get("format", "") in FORMATS.keys() - {"email", "hostname", "password", "uri"}:
            return value
        other = renewed(value, chance)
        return other if self.accepts(schema, other) else value


def number(schema: Mapping[str, Any]) -> int | float:
    """Return a number within a schema's bounds."""
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    step = schema.get("multipleOf", 1)
    if above is True:
        low = (low or 0) + step
    elif isinstance(above, int | float):
        low = above + step
    if isinstance(below, int | float) and not isinstance(below, bool):
        high = below - step
    if low is not None and low > 1:
        return -(-low // step) * step if step else low  # type: ignore[no-any-return]
    if high is not None and high < 1:
        return high // step * step if step else high  # type: ignore[no-any-return]
    return step if isinstance(step, int | float) else 1


def text(schema: Mapping[str, Any], chance: random.Random) -> str:
    """Return a text of a schema's format or pattern, and of a length within its bounds.

    One that hardly comes again is preferred, as the text may have to be unique.
    """
    mark = "".join(chance.choices(string.ascii_lowercase, k=6))
    low, high = int(schema.get("minLength", 0)), schema.get("maxLength")
    plain = f"look{mark}".ljust(low, MARK)[:high]
    given = schema.get("format")
    known = FORMATS[given].format(mark=mark) if given in FORMATS else plain
    pattern = schema.get("pattern")
    if not pattern:
        return known
    for found in (known, plain, plain.upper(), f"{chance.randrange(10**9):09}"[:high]):
        if low <= len(found) and (high is None or len(found) <= high) and fits(pattern, found):
            return found
    return matching(str(pattern), low, high)


def fits(pattern: str, found: str) -> bool:
    """Tell whether a text has a pattern, as far as Python reads it."""
    try:
        return re.search(pattern, found) is not None
    except re.error:
        return False


@lru_cache(maxsize=1_000)
def matching(pattern: str, low: int, high: int | None) -> str:
    """Return a text that matches a pattern (ECMA-262, as far as Python reads it)."""
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis.errors import HypothesisException
    from hypothesis.strategies import from_regex

    plain = settings(
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )

    def is_right(found: str) -> bool:
        return low <= len(found) and (high is None or len(found) <= high) and found.isprintable()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return find(
                from_regex(pattern, fullmatch=pattern.startswith("^")), is_right, settings=plain
            )
        except (HypothesisException, re.error):
            return MARK * max(low, 1)


def renewed(value: str, chance: random.Random) -> str:
    """Return a text of the same outline: a letter for each letter, a digit for each digit."""
    alphabets = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    head, at, host = value.partition("@")
    return (
        "".join(
            next((chance.choice(each) for each in alphabets if letter in each), letter)
            for letter in head
        )
        + at
        + host
    )


def responses(contract: Contract, operation: Operation) -> dict[str, Mapping[str, Any]]:
    """Return the declared responses by status, such as 200, 4XX and default."""
    found = operation.raw.get("responses")
    if not isinstance(found, dict):
        return {}
    return {
        str(status).upper() if str(status) != "default" else "default": resolved
        for status, response in found.items()
        if isinstance(resolved := contract.resolved(response), dict)
    }


def response(contract: Contract, operation: Operation, status: int) -> Mapping[str, Any] | None:
    """Return what is declared of a status."""
    found = responses(contract, operation)
    for key in (str(status), f"{status // 100}XX", "default"):
        if key in found:
            return found[key]
    return None


def contents(contract: Contract, operation: Operation) -> dict[str, Mapping[str, Any]]:
    """Return what is declared of each media type that an operation takes."""
    body = contract.resolved(operation.raw.get("requestBody") or {})
    content = body.get("content") if isinstance(body, dict) else None
    return {str(name): media for name, media in (content or {}).items() if isinstance(media, dict)}


def is_json(media_type: str) -> bool:
    """Tell whether a media type is JSON (RFC 6839, section 3.1)."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")


def examples(contract: Contract, holder: Mapping[str, Any]) -> list[Any]:
    """Return the examples of a media type or a parameter, those of its schema last."""
    found = [holder["example"]] if "example" in holder else []
    named = holder.get("examples")
    if isinstance(named, dict):
        resolved = [contract.resolved(each) for each in named.values()]
        found += [each["value"] for each in resolved if isinstance(each, dict) and "value" in each]
    schema = contract.resolved(holder.get("schema") or {})
    if isinstance(schema, dict):
        found += [schema["example"]] if "example" in schema else []
        found += schema["examples"] if isinstance(schema.get("examples"), list) else []
    return found
