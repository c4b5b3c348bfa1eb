"""Texts that must be new each time, such as login names, and calls with new ones in their place."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lookalike.calls import Call, Fresh, Made, Raw, Text
from lookalike.form_data import is_form
from lookalike.http import is_json
from lookalike.openapi import Contract, Operation
from lookalike.schemas import read


@dataclass
class Member:
    """A text of a body that must be new each time: where it stands, and its schema."""

    names: tuple[str, ...]
    schema: Mapping[str, Any]


class UniqueTexts:
    """What is known of them, by operation."""

    def __init__(self, contract: Contract, used: set[tuple[str, str]] | None = None) -> None:
        self._contract = contract
        self.by_operation: dict[str, list[Member]] = defaultdict(list)
        # literal texts that were accepted, by member
        self._used: set[tuple[str, str]] = set() if used is None else used
        self._count = 0

    def note(self, body: Any) -> None:
        """Note the texts of a body that was accepted."""
        for names, value in texts_in(body):
            self._used.add((names[-1] if names else "", value))

    def share(self, create: Operation, operations: Sequence[Operation]) -> None:
        """Let what must be new in a collection be new for its items as well.

        A change of one item shows nothing of this: the item may keep the text that it has.
        """
        item = re.compile(rf"{re.escape(create.path.rstrip('/'))}/\{{[^/]+\}}/?")
        for operation in operations:
            if operation.method in {"PUT", "PATCH"} and item.fullmatch(operation.path):
                self.by_operation[operation.name] = self.by_operation[create.name]

    def again(self, call: Call) -> Call:
        """Return a call with texts of its own, where it has texts that must be unique."""
        if not isinstance(call.body, dict):
            return call
        body = self.made_unique(call.operation, call.body, is_exact=False)
        return replace(call, body=body)

    def made_unique(self, operation: Operation, body: Any, *, is_exact: bool) -> Any:
        if not isinstance(body, dict):
            return body
        body = dict(body)
        for member in self.by_operation[operation.name]:
            value = body.get(member.names[0])
            if isinstance(value, Fresh | Text):
                value = first_text(value).rstrip("0123456789")
            if not isinstance(value, str):
                continue
            if not is_exact or (member.names[0], value) in self._used:
                body[member.names[0]] = self._fresh(value, member.schema)
        return body

    def members(self, operation: Operation, body: Mapping[str, Any]) -> list[Member]:
        """Return the texts of a body that may have to be unique."""
        declared = self._contract.contents(operation)
        media_type = next((name for name in declared if is_json(name) or is_form(name)), None)
        if media_type is None:
            return []
        schema = read(self._contract, declared[media_type].get("schema"))
        found = []
        for name, value in body.items():
            given = schema.member(name)
            if (
                isinstance(value, str)
                and not given.choices
                and given.type in {"string", ""}
                and given.format not in {"date", "date-time", "time", "password"}
            ):
                found.append(Member((name,), given.raw))
        return found

    def renewed(self, call: Call, members: Sequence[Member]) -> Call:
        body = dict(call.body)
        for member in members:
            if isinstance(body.get(member.names[0]), str):
                body[member.names[0]] = self._fresh(body[member.names[0]], member.schema)
        return replace(call, body=body)

    def _fresh(self, text: str, schema: Mapping[str, Any]) -> Any:
        """Return a text like one that a member takes, but new in each story."""
        number = self.number()
        if schema.get("format") == "uuid":
            return Text((Fresh(f"{number} "),), "uuid")
        room = int(schema.get("maxLength", 60)) - len(str(number)) - 8
        name, at_sign, domain = text.partition("@")
        name = name[: max(room - len(at_sign + domain), 0)]
        fresh = Fresh(f"{name}{number}")
        return Text((fresh, f"@{domain}")) if at_sign else fresh

    def number(self) -> int:
        self._count += 1
        return self._count


def texts_in(value: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each text inside a JSON value, with the names that lead there."""
    if isinstance(value, Made | Fresh | Text | Raw):
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_in(inner, (*names, name))
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner, names)
    elif isinstance(value, str):
        yield names, value


def first_text(value: Fresh | Text) -> str:
    """Return what a text was before it became new."""
    if isinstance(value, Fresh):
        return value.text
    return "".join(
        first_text(part).rstrip("0123456789") if isinstance(part, Fresh | Text) else str(part)
        for part in value.parts
    )
