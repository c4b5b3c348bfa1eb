"""The schemas of an OpenAPI file, 3.0 or 3.1: what they say of values."""

import json
import random
import string
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lookalike.openapi import Contract, Operation
from lookalike.samples import FORMATS, examples_of
from lookalike.schemas import merged

# Texts of these formats are no others with other letters.
FIXED = FORMATS.keys() - {"email", "hostname", "password", "uri"}


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
        if found.get("format", "") in FIXED:
            return value
        other = renewed(value, chance)
        return other if self.accepts(schema, other) else value


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


def examples(contract: Contract, holder: Mapping[str, Any]) -> list[Any]:
    """Return the examples of a media type or a parameter, those of its schema last."""
    found = [*examples_of(contract, holder)]
    schema = contract.resolved(holder.get("schema") or {})
    if isinstance(schema, dict):
        found += [schema["example"]] if "example" in schema else []
        found += schema["examples"] if isinstance(schema.get("examples"), list) else []
    return found
