"""A request as both servers get it: each with its own ids, tokens and addresses."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit
from uuid import NAMESPACE_URL, uuid5

from lookalike import form_data
from lookalike.alignment import Alignment, Place
from lookalike.form_data import BOUNDARY, MULTIPART, File
from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.openapi import Operation
from lookalike.values import parts

Part = TypeVar("Part")

# What is asked for no reason of its own: two such calls need not have anything in common.
UNSPECIFIC = re.compile(
    r"|a valid request|a random .*|example|recorded|delete|the state after a write|.*are wrong"
    r"|each member is wrong.*|each parameter is odd.*|everything is wrong|a filter by what there is"
)
# What a call is about, before what is odd about it: `/title: null`, `?limit twice`, `{id}: …`.
SUBJECT = re.compile(r"[/?]\S* |\{\w+\}: |[a-z]\w*: ")


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


class Own(NamedTuple):
    """A value by which an actor logs in: where it stands in the body of the recipe's login."""

    actor: str
    pointer: str  # such as /password
    text: str  # as the actor had it who explored; another story's may have another


class Text(NamedTuple):
    """A text made of others, such as `Text(("W/", Made(…)))`, in one of the `FORMS`.

    A form may take an argument: `query cursor` is the value of `cursor` in an address.
    """

    parts: tuple[Any, ...]
    form: str = ""


class Raw(NamedTuple):
    """What is sent as it stands, in a path, a query or JSON: `Raw(("1e0",))`, `Raw(("%2e",))`.

    Parts that are texts are written without quotes or escapes; others are values.
    """

    parts: tuple[Any, ...]
    encoding: str = "utf-8"  # of a whole body


def flipped(text: str, percent: str = "50") -> str:
    """Change a letter or digit so far in a text, or next to there, so that it stays one.

    Not the last one: of Base64 that may hold no bits.
    """
    place = len(text) * int(percent or "50") // 100
    for index in sorted(range(len(text)), key=lambda index: abs(index - place)):
        old = text[index]
        if old.isalnum():
            new = "0" if old == "1" else "1" if old.isdigit() else "b" if old in "aA" else "a"
            return text[:index] + (new.upper() if old.isupper() else new) + text[index + 1 :]
    return text + "a"


def linked(text: str, relation: str) -> str:
    """Return the address of a link of a relation in a `Link` field (RFC 8288, section 3)."""
    for address, parameters in re.findall(r"<([^>]*)>([^<]*)", text):
        found = re.search(r'(?i)\brel\s*=\s*(?:"([^"]*)"|([\w-]+))', parameters)
        if found and relation in (found[1] or found[2] or "").split():
            return str(address)
    return ""


def in_query(text: str, name: str) -> str:
    """Return the value of a parameter in an address."""
    return dict(parse_qsl(urlsplit(text).query, keep_blank_values=True)).get(name, "")


FORMS: dict[str, Callable[[str, str], str]] = {
    "": lambda text, _: text,
    "upper": lambda text, _: text.upper(),
    "lower": lambda text, _: text.lower(),
    "swapped": lambda text, _: text.swapcase(),
    "flipped": flipped,
    "shortened": lambda text, _: text[:-1],
    "compact": lambda text, _: text.replace("-", ""),
    "arabic": lambda text, _: text.translate({ord("0") + n: 0x660 + n for n in range(10)}),
    "encoded": lambda text, _: "".join(f"%{byte:02X}" for byte in text.encode()),
    "slice": lambda text, places: text[slice(*(int(each) for each in places.split(":")))],
    "link": linked,
    "query": in_query,
    "uuid": lambda text, _: str(uuid5(NAMESPACE_URL, text)),
}


def formed(text: str, form: str) -> str:
    """Give a text another form."""
    name, _, argument = form.partition(" ")
    return FORMS[name](text, argument)


@dataclass(frozen=True)
class Call:
    """One request of a story."""

    operation: Operation
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Sequence[tuple[str, Any]] = ()
    fields: Sequence[tuple[str, Any]] = ()
    # bytes, or JSON with `Made`, `Fresh`, `Own`, `Text`, `Raw` among its values; in forms, `File`
    body: Any = None
    media_type: str = ""
    form: str = ""  # the media type of a form, if a body that is an object is written as one
    actor: str | None = None
    scheme: str = ""  # in place of the one in the actor's Authorization (RFC 9110, section 11.4)
    address: Made | Text | None = None  # a link that servers gave, in place of path and query
    target: str = ""  # a template in place of the operation's path, such as `/todos/{todo_id}/`
    method: str = ""  # in place of the operation's
    is_literal: bool = False  # its path ends as it is written, however a server wants that
    why: str = ""  # which check asks this

    @property
    def is_safe(self) -> bool:
        """Whether it only reads, by the method that is sent (RFC 9110, section 9.2.1)."""
        return replace(self.operation, method=self.method or self.operation.method).is_safe

    def made(self) -> Iterator[Made]:
        """Yield each value that the servers made."""
        values = [*self.path.values(), *(value for _, value in (*self.query, *self.fields))]
        yield from made_in([*values, self.address, self.body])

    def request(self, resolve: "Resolver") -> Request:
        """Write the request for one server."""
        target = self.target or self.operation.path
        if self.address:
            link = urlsplit(str(resolve(self.address)))
            target = f"{link.path}?{link.query}" if link.query else link.path
        for name in self.operation.path_parameters:
            text = quoted(self.path.get(name, ""), resolve, safe="!$&'()*+,;=:@-._~")
            target = target.replace(f"{{{name}}}", text)
        if self.query:
            pairs = (
                f"{quoted(name, resolve)}={quoted(value, resolve)}" for name, value in self.query
            )
            target = f"{target}{'&' if '?' in target else '?'}{'&'.join(pairs)}"
        fields = tuple((name, str(resolve(value))) for name, value in self.fields)
        body = self.body
        media_type = self.media_type
        if self.form and isinstance(body, dict):
            body = form_data.encoded(self.form, [*members_of_form(body, resolve)])
            if form_data.media_type_of(media_type) == MULTIPART and "boundary" not in media_type:
                media_type += f"; boundary={BOUNDARY}"
        if body is not None and not isinstance(body, bytes):
            encoding = body.encoding if isinstance(body, Raw) else "utf-8"
            errors = "surrogatepass" if encoding.startswith("utf") else "replace"
            body = written(body, resolve).encode(encoding, errors)
        if body is not None and media_type:
            fields = (("Content-Type", media_type), *fields)
        return Request(self.method or self.operation.method, target, fields, body)


class Resolver:
    """Puts one server's values in place of what was made."""

    def __init__(
        self,
        answers: Mapping[int, Outcome],
        salt: str = "",
        alignment: Alignment | None = None,
        theirs: Mapping[int, Outcome] | None = None,
        own: Callable[[Own], str] = lambda own: own.text,
    ) -> None:
        self._answers = answers
        self._salt = salt
        self._alignment = alignment  # where known, it knows better than a place in a list
        self._theirs = theirs or {}  # the old server's answers, whose values the alignment knows
        self._own = own

    def __call__(self, value: Any) -> Any:
        if isinstance(value, Fresh):
            return f"{value.text}{self._salt}"
        if isinstance(value, Own):
            return self._own(value)
        if isinstance(value, Text):
            return formed("".join(str(self(part)) for part in value.parts), value.form)
        return self._shown(value) if isinstance(value, Made) else value

    def _shown(self, made: Made) -> Any:
        """Return what this server has shown for a value that was made."""
        answer = self._answers.get(made.step, NoAnswer("never asked"))
        if self._alignment is None:
            found = at(answer, made)
            return made.value if found is None else found
        # when a story is told again, the old server may make another value than the first time
        old = at(self._theirs.get(made.step, NoAnswer("never asked")), made)
        theirs = made.value if old is None else old
        if self._alignment.is_known(made.place, theirs):
            return self._alignment.translated(made.place, theirs)
        found = at(answer, made)
        if found is None:
            return made.value
        # old data, in a list that each server sorts in its own way, are themselves
        is_moved = found != theirs and is_of_some_entry(answer, made, theirs)
        return theirs if is_moved else found


def is_of_some_entry(outcome: Outcome, made: Made, value: Any) -> bool:
    """Tell whether any entry of an answer's list has a value where one was made."""
    names = made.pointer.split("/")[1:]
    index = next((index for index, name in enumerate(names) if name.isdigit()), None)
    if made.part != "body" or index is None:
        return False
    entries = inside(decoded(outcome), names[:index])
    return isinstance(entries, list) and any(
        inside(entry, names[index + 1 :]) == value for entry in entries
    )


def written(value: Any, resolve: Resolver) -> str:
    """Write a body as JSON text for one server."""
    if isinstance(value, Raw):
        return "".join(
            part if isinstance(part, str) else written(part, resolve) for part in value.parts
        )
    if isinstance(value, dict):
        members = (
            f"{json.dumps(name, ensure_ascii=False)}: {written(inner, resolve)}"
            for name, inner in value.items()
        )
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"[{', '.join(written(inner, resolve) for inner in value)}]"
    return json.dumps(resolve(value), ensure_ascii=False)


def members_of_form(body: Mapping[str, Any], resolve: Resolver) -> Iterator[tuple[str, str | File]]:
    """Yield the members of a form for one server: of an array each item, an object as JSON."""
    for name, value in body.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, File):
                yield name, each
            elif isinstance(each, Raw):
                yield name, "".join(str(resolve(part)) for part in each.parts)
            elif isinstance(each, dict | list):
                yield name, written(each, resolve)
            else:
                yield name, as_text(resolve(each))


def quoted(value: Any, resolve: Resolver, safe: str = "") -> str:
    """Write a value into an address for one server, a space in a query as `+`."""
    if isinstance(value, Raw):
        return "".join(str(resolve(part)) for part in value.parts)
    text = as_text(resolve(value))
    if safe:
        return quote(text, safe=safe, errors="surrogatepass")
    return quote_plus(text, errors="surrogatepass")


def parts_in(kind: type[Part], value: Any) -> Iterator[Part]:
    """Yield each part of a kind inside a JSON value."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, Text | Raw):
        yield from parts_in(kind, [*value.parts])
    elif isinstance(value, dict):
        for inner in value.values():
            yield from parts_in(kind, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts_in(kind, inner)


def made_in(value: Any) -> Iterator[Made]:
    """Yield each value inside a JSON value that the servers made."""
    return parts_in(Made, value)


def fresh_in(value: Any) -> Iterator[Fresh]:
    """Yield each text inside a JSON value that is new in each story."""
    return parts_in(Fresh, value)


def at(outcome: Outcome, made: Made) -> str | int | float | None:
    """Return what stands in an answer where a value stood in the old server's."""
    if isinstance(outcome, NoAnswer):
        return None
    pointer, _, number = made.pointer.partition("#")
    value = decoded(outcome) if made.part == "body" else outcome.header(made.part)
    value = inside(value, pointer.split("/")[1:])
    if number and isinstance(value, str):
        pieces = parts(value)[::2]
        value = pieces[int(number)] if int(number) < len(pieces) else None
    return value if isinstance(value, str | int | float) else None


def decoded(outcome: Outcome) -> Any:
    """Return the JSON value of an answer's body; None where there is none."""
    try:
        return json.loads(outcome.body) if isinstance(outcome, Answer) else None
    except (ValueError, RecursionError):
        return None


def inside(value: Any, names: Sequence[str]) -> Any:
    """Return what stands in a JSON value by the parts of a JSON Pointer (RFC 6901, section 4)."""
    for name in names:
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict):
            value = value.get(name.replace("~1", "/").replace("~0", "~"))
        else:
            return None
    return value


def as_text(value: Any) -> str:
    """Write a parameter's value."""
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


def renumbered(call: Call, number: Callable[[int], int]) -> Call:
    """Return a call whose values come from steps of other numbers."""
    return mapped(
        call,
        lambda value: value._replace(step=number(value.step)) if isinstance(value, Made) else value,
    )


def mapped(call: Call, change: Callable[[Any], Any]) -> Call:
    """Return a call with each scalar that it sends changed, `Made` and `Fresh` among them."""

    def of(value: Any) -> Any:
        if isinstance(value, Text | Raw):
            return value._replace(parts=tuple(map(of, value.parts)))
        if isinstance(value, dict):
            return {name: of(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [of(inner) for inner in value]
        return change(value)

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


def oddity(why: str) -> str:
    """Return what is odd about a call, whatever member or parameter is; "" if it is nothing."""
    subject = SUBJECT.match(why)
    odd = why[subject.end() :] if subject else why
    return "" if UNSPECIFIC.fullmatch(odd) else odd
