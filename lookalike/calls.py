"""A request as both servers get it: each with its own ids, tokens and addresses."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from lookalike.alignment import Alignment, Place
from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.openapi import Operation
from lookalike.values import parts


class Made(NamedTuple):
    """A value that the servers made: where it stood in the answers to an earlier call."""

    step: int  # which call of the story
    part: str  # "body", or a header field's name in lower case
    pointer: str  # with indices, such as /items/0/id; `#3` is the third part of a text
    place: Place
    value: str | int | float  # the old server's


class Fresh(NamedTuple):
    """A text that must be new in each story, such as the login name of a user who registers."""

    text: str


@dataclass(frozen=True)
class Call:
    """One request of a story."""

    operation: Operation
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Sequence[tuple[str, Any]] = ()
    fields: Sequence[tuple[str, Any]] = ()
    body: Any = None  # bytes, or a JSON value in which `Made` and `Fresh` stand for scalars
    media_type: str = ""
    actor: str | None = None
    address: Made | None = None  # a link that the servers gave, in place of path and query
    method: str = ""  # in place of the operation's
    why: str = ""  # which check asks this

    def made(self) -> Iterator[Made]:
        """Yield each value that the servers made."""
        values = [*self.path.values(), *(value for _, value in (*self.query, *self.fields))]
        if self.address:
            values.append(self.address)
        yield from (value for value in values if isinstance(value, Made))
        if not isinstance(self.body, bytes):
            yield from made_in(self.body)

    def request(self, resolve: "Resolver") -> Request:
        """Write the request for one server."""
        target = self.operation.path
        if self.address:
            link = urlsplit(str(resolve(self.address)))
            target = f"{link.path}?{link.query}" if link.query else link.path
        for name in self.operation.path_parameters:
            text = quote(str(resolve(self.path.get(name, ""))), safe="!$&'()*+,;=:@-._~")
            target = target.replace(f"{{{name}}}", text)
        if self.query:
            pairs = [(name, as_text(resolve(value))) for name, value in self.query]
            target = f"{target}?{urlencode(pairs)}"
        fields = tuple((name, str(resolve(value))) for name, value in self.fields)
        body = self.body
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(resolve.inside(body), ensure_ascii=False).encode()
        if body is not None and self.media_type:
            fields = (("Content-Type", self.media_type), *fields)
        return Request(self.method or self.operation.method, target, fields, body)


class Resolver:
    """Puts one server's values in place of what was made."""

    def __init__(
        self,
        answers: Mapping[int, Outcome],
        salt: str = "",
        alignment: Alignment | None = None,
    ) -> None:
        self._answers = answers
        self._salt = salt
        self._alignment = alignment  # where known, it knows better than a place in a list

    def __call__(self, value: Any) -> Any:
        if isinstance(value, Fresh):
            return f"{value.text}{self._salt}"
        if not isinstance(value, Made):
            return value
        if self._alignment is not None and self._alignment.is_known(value.place, value.value):
            return self._alignment.translated(value.place, value.value)
        found = at(self._answers.get(value.step, NoAnswer("never asked")), value)
        return value.value if found is None else found

    def inside(self, value: Any) -> Any:
        """Resolve everything inside a JSON value."""
        if isinstance(value, Made | Fresh):
            return self(value)
        if isinstance(value, dict):
            return {name: self.inside(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.inside(inner) for inner in value]
        return value


def made_in(value: Any) -> Iterator[Made]:
    """Yield each value inside a JSON value that the servers made."""
    if isinstance(value, Made):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from made_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from made_in(inner)


def at(outcome: Outcome, made: Made) -> str | int | float | None:
    """Return what stands in an answer where a value stood in the old server's."""
    if isinstance(outcome, NoAnswer):
        return None
    pointer, _, number = made.pointer.partition("#")
    value: Any
    if made.part == "body":
        try:
            value = json.loads(outcome.body)
        except (ValueError, RecursionError):
            return None
    else:
        value = outcome.header(made.part)
    for name in pointer.split("/")[1:]:
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict):
            value = value.get(name.replace("~1", "/").replace("~0", "~"))
        else:
            return None
    if number and isinstance(value, str):
        pieces = parts(value)[::2]
        value = pieces[int(number)] if int(number) < len(pieces) else None
    return value if isinstance(value, str | int | float) else None


def as_text(value: Any) -> str:
    """Write a query parameter's value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def without(calls: Sequence[Call], dropped: int) -> list[Call] | None:
    """Leave a call out of a story, and renumber; None if a later call needs its answer."""
    kept: list[Call] = []
    for index, call in enumerate(calls):
        if index == dropped:
            continue
        if any(made.step == dropped for made in call.made()):
            return None
        kept.append(renumbered(call, lambda step: step - (step > dropped)))
    return kept


def renumbered(call: Call, number: Any) -> Call:
    """Return a call whose values come from steps of other numbers."""

    def of(value: Any) -> Any:
        if isinstance(value, Made):
            return value._replace(step=number(value.step))
        if isinstance(value, dict):
            return {name: of(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [of(inner) for inner in value]
        return value

    return replace(
        call,
        path=of(dict(call.path)),
        query=[(name, of(value)) for name, value in call.query],
        fields=[(name, of(value)) for name, value in call.fields],
        address=of(call.address),
        body=of(call.body),
    )


def is_success(outcome: Outcome) -> bool:
    """Tell whether an answer is one of 2xx."""
    return isinstance(outcome, Answer) and 200 <= outcome.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3
