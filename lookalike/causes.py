"""Which differences most likely come from one place in the code, and so are one finding.

What is constant on both sides – statuses, the value of a header field, a validation message – tells
differences apart by itself: the same two values on forty operations have one cause, and two other
values at the same place another one. What varies from answer to answer can't do that: there the
place's name counts, and how the values differ. Whatever a request sent, and what servers make, is
masked before values are called constant.
"""

import html
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from lookalike import form_data
from lookalike.calls import Call
from lookalike.client import Exchange
from lookalike.comparison import ABSENT
from lookalike.findings import Cause
from lookalike.form import FORMS
from lookalike.http import Answer, Outcome, Request
from lookalike.places import Difference
from lookalike.values import HTTP_DATE, RFC3339, looks_made, moment, outline, parts

MASKED = "…"
DATED = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d")  # nearly an HTTP-date
LONGEST_DETAIL = 160  # characters of a detail
MIN_WORD = 3  # characters of a sent text that is found inside others
NOWHERE = 404
ERROR = 400  # and above: RFC 9110, sections 15.5 and 15.6
BROKEN = 500

# Statuses by which a server refuses a kind of request, whatever is asked for: one rule for many
# operations (RFC 9110, section 15.5; RFC 6585).
GENERAL = frozenset(
    {401, 405, 406, 411, 413, 414, 415, 416, 417, 421, 426, 428, 429, 431, 501, 503}
)

REDIRECTED = frozenset({301, 302, 303, 307, 308})  # by a rule for all paths, mostly


def cause_of(exchange: Exchange, difference: Difference) -> Cause:
    """Return what a difference has in common with others of the same cause."""
    place = difference.place
    match place.part:
        case "answer":
            name = f"{difference.old} → {difference.new}"
            found = Cause(difference.what, "answer", name, place.operation)
        case "status":
            found = of_statuses(exchange, difference)
        case "body":
            found = of_bodies(exchange, difference)
        case _:
            found = of_fields(exchange, difference)
    # halves of surrogate pairs, which JSON may have, can't be written to files
    return Cause(*(text.encode("utf-8", "backslashreplace").decode() for text in found))


def causes_of(exchange: Exchange) -> dict[Cause, Difference]:
    """Return the causes of all that differs in an exchange, each with its first difference."""
    found: dict[Cause, Difference] = {}
    for difference in exchange.differences:
        found.setdefault(cause_of(exchange, difference), difference)
    return found


def of_statuses(exchange: Exchange, difference: Difference) -> Cause:
    """Group by both statuses, and where only one server refuses, by what and why it does.

    Two successes, and two refusals, are mostly the frameworks' doing, on each operation alike. So
    is which ways of writing a path lead somewhere.
    """
    statuses = [each.status for each in exchange.outcomes if isinstance(each, Answer)]
    name = " → ".join(map(str, statuses))
    refused = [status for status in statuses if status >= ERROR]
    if found := of_paths(exchange.call, statuses):
        return found
    if not refused:
        return Cause("value", "status", name, exchange.requests[0].method)
    if {*statuses} & REDIRECTED:
        return Cause("value", "status", name)
    if any(status >= BROKEN and status not in GENERAL for status in statuses) or len(refused) == 1:
        if {*refused} & GENERAL:
            return Cause("value", "status", name)
        sent = Sent(exchange)
        why = [text for each in exchange.outcomes if (text := complaint(each, sent))]
        return Cause(
            "value", "status", name, clipped(": ".join([difference.place.operation, *why]))
        )
    kinds = [kind_of_problem(each) for each in exchange.outcomes]
    return Cause("value", "status", name, clipped(" → ".join(kinds)) if any(kinds) else "")


def of_paths(call: Call, statuses: Sequence[int]) -> Cause | None:
    """Group by how a path is written, where only one server knows it like this."""
    if call.is_literal:
        return Cause("value", "status", " → ".join(map(str, statuses)), "how paths end")
    if not is_odd(call) or NOWHERE not in statuses:
        return None
    name = " → ".join("404" if status == NOWHERE else "not 404" for status in statuses)
    return Cause("value", "status", name, clipped(call.why))


def is_odd(call: Call) -> bool:
    """Tell whether a call's path is written in a way that the file doesn't have."""
    path = call.target.partition("?")[0]
    return bool(path and call.why) and call.operation.matches(path) is None


def of_fields(exchange: Exchange, difference: Difference) -> Cause:
    """Group header fields by both values where these are constant."""
    what, part = difference.what, difference.place.part
    old, new = difference.old, difference.new
    if not (isinstance(old, str) and isinstance(new, str)):
        return Cause(what, part, "", "old" if old is None else "new")
    if what == "length":
        return Cause(what, part, "")
    if form := of_times(old, new):
        return Cause("time", part, "", form)
    items = [[item.strip() for item in dated(text).split(",")] for text in (old, new)]
    if {*items[0]} & {*items[1]} and part not in {"link", "location"}:
        gone = [f"-{item}" for item in items[0] if item not in items[1]]
        come = [f"+{item}" for item in items[1] if item not in items[0]]
        return Cause(what, part, "", clipped(" ".join(sorted(gone) + sorted(come)) or "order"))
    return Cause(what, part, "", Sent(exchange).told_apart(old, new))


def dated(text: str) -> str:
    """Return a field's value without what the time makes of it."""
    return DATED.sub(lambda match: outline(match[0]), text)


def of_bodies(exchange: Exchange, difference: Difference) -> Cause:
    """Group values by the last name of their place and how they differ, and messages by texts."""
    what, place, old, new = difference.what, difference.place, difference.old, difference.new
    ours, theirs = (each for each in exchange.outcomes if isinstance(each, Answer))
    if ours.media_type != theirs.media_type:  # the bodies differ since these do
        return Cause("value", "content-type", "", f"{ours.media_type} → {theirs.media_type}")
    if what in FORMS:
        return Cause(what, "body", "", "")
    name = last_name(place.pointer) if ours.is_json else str(place.status)
    if isinstance(old, str) and isinstance(new, str):
        return of_texts(exchange, difference, name, (old, new))
    match what:
        case "missing":
            detail = "old" if old is ABSENT else "new"
        case "length" | "order":
            detail = place.operation
        case "type":
            detail = f"{json_type(old)} → {json_type(new)}"
        case _:
            detail = relation(old, new)
    return Cause(what, "body", name, detail)


def of_texts(
    exchange: Exchange, difference: Difference, name: str, texts: tuple[str, str]
) -> Cause:
    """Group times by their forms, messages by what they say, and other texts as values."""
    what, place, (old, new) = difference.what, difference.place, texts
    if form := of_times(old, new):
        return Cause("time", "body", name if form == "apart" else "", form)
    if what != "value":
        return Cause(what, "body", name)
    if place.status < ERROR or max(len(old), len(new)) > LONGEST_DETAIL:
        return Cause(what, "body", name, relation(old, new))
    is_message = " " in old and " " in new and place.pointer != ""
    return Cause(what, "body", "" if is_message else name, Sent(exchange).told_apart(old, new))


def of_times(old: str, new: str) -> str:
    """Return how two times differ, if that is what they are: in form, or as moments."""
    if moment(old) is None or moment(new) is None:
        return ""
    forms = outline(old), outline(new)
    return "apart" if forms[0] == forms[1] else " → ".join(forms)


def last_name(pointer: str) -> str:
    """Return the last name of a pointer's pattern, with `/*` for what is inside an array."""
    names = pointer.partition("#")[0].split("/")[1:]
    rest: list[str] = []
    while names and names[-1] == "*":
        rest.append(names.pop())
    return "/".join([*names[-1:], *rest])


class Sent:
    """What a request sent, which answers repeat."""

    def __init__(self, exchange: Exchange) -> None:
        texts = {text for request in exchange.requests for text in texts_of(request)}
        self.texts = texts
        words = sorted(
            (t for t in texts if len(t) >= MIN_WORD), key=lambda text: (-len(text), text)
        )
        pattern = "|".join(map(re.escape, words))
        self._words = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") if words else None

    def masked(self, text: str) -> str:
        """Return a text without what was sent, and what servers make."""
        if text in self.texts:
            return MASKED
        text = re.sub(
            r"""(["'`“])([^"'`”]*)(["'`”])""",
            lambda match: f"{match[1]}{MASKED}{match[3]}" if match[2] in self.texts else match[0],
            text,
        )
        if self._words is not None:
            text = self._words.sub(MASKED, text)
        for times in (RFC3339, HTTP_DATE, DATED):
            text = times.sub(lambda match: outline(match[0]), text)
        return "".join(MASKED if looks_made(part) else part for part in parts(text))

    def told_apart(self, old: str, new: str) -> str:
        """Return both texts, if they are constant, or how they differ."""
        masked = [self.masked(old), self.masked(new)]
        if any(re.match(r"<|/|https?:", text) for text in masked):
            masked = [re.sub(r"\d+", "0", text) for text in masked]
        counts = all(re.fullmatch(r"[\d.]+", text) for text in masked)
        if counts or masked[0] == masked[1] or MASKED in masked:
            return relation(old, new)
        return clipped(" → ".join(masked))


def texts_of(request: Request) -> Iterator[str]:
    """Yield each value that a request sends, as text."""
    path, _, query = request.target.partition("?")
    yield request.target
    yield from (unquote(text) for text in path.split("/") if text)
    for name, value in parse_qsl(query, keep_blank_values=True):
        yield name
        yield value
    yield from (value for _, value in request.fields)
    if request.body is not None:
        try:
            yield from scalars(json.loads(request.body))
        except (ValueError, RecursionError):
            yield request.body.decode("utf-8", "backslashreplace")
            content_type = request.header("content-type") or ""
            for pair in form_data.decoded(content_type, request.body):
                yield from pair


def scalars(value: Any) -> Iterator[str]:
    """Yield each scalar and name inside a JSON value, as text."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from scalars(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from scalars(inner)
    else:
        yield value if isinstance(value, str) else json.dumps(value)


def complaint(outcome: Outcome, sent: Sent) -> str:
    """Return the first thing that a refusal complains about, in the order of its places.

    The first alone: an answer that lists three faults has none that others of these lists lack.
    """
    if not isinstance(outcome, Answer) or not ERROR <= outcome.status < BROKEN:
        return ""
    try:
        found = sorted(entries("", json.loads(outcome.body)))
    except (ValueError, RecursionError):
        return ""
    nested = [entry for entry in found if entry[0].count("/") > 1]
    pointer, texts = next(iter(nested or found), ("", ()))
    return " ".join([pointer, *map(sent.masked, texts)]).strip()


def entries(pointer: str, value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the texts of a problem's body, those of one entry of a list together."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from entries(f"{pointer}/{name}", inner)
    elif isinstance(value, list):
        for inner in value:
            texts = tuple(text for _, found in sorted(entries("", inner)) for text in found)
            if texts:
                yield f"{pointer}/*", texts
    elif isinstance(value, str):
        yield pointer, (value,)


def kind_of_problem(outcome: Outcome) -> str:
    """Return the type of problem that a refusal names (RFC 9457, section 3.1.1), or a code."""
    if not isinstance(outcome, Answer):
        return ""
    try:
        body = json.loads(outcome.body)
    except (ValueError, RecursionError):
        return ""
    for name in ("type", "code", "error"):
        found = body.get(name) if isinstance(body, dict) else None
        if isinstance(found, str) and found != "about:blank" and " " not in found:
            return found
    return ""


def json_type(value: object) -> str:
    """Name a value's type as JSON Schema does."""
    kinds = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return kinds.get(type(value), "null")


def relation(old: object, new: object) -> str:
    """Say in a word how two values differ that vary from answer to answer."""
    if isinstance(old, str) and isinstance(new, str):
        return next((name for name, same in SAME_BUT_FOR.items() if same(old, new)), "another text")
    if isinstance(old, bool) or old is None or isinstance(new, bool) or new is None:
        return f"{json.dumps(old, default=repr)} → {json.dumps(new, default=repr)}"
    if isinstance(old, int | float) and isinstance(new, int | float):
        places = range(7)
        is_rounded = any(round(old, n) == new or old == round(new, n) for n in places)
        return "rounded" if is_rounded else "another number"
    return "another value"


def _empty(old: str, new: str) -> bool:
    return not old or not new


def _case(old: str, new: str) -> bool:
    return old.casefold() == new.casefold()


def _spaces(old: str, new: str) -> bool:
    return "".join(old.split()) == "".join(new.split())


def _normalized(old: str, new: str) -> bool:
    return unicodedata.normalize("NFKC", old) == unicodedata.normalize("NFKC", new)


def _escaped(old: str, new: str) -> bool:
    return html.unescape(old) == html.unescape(new) or unquote(old) == unquote(new)


def _number(old: str, new: str) -> bool:
    try:
        return float(old) == float(new)
    except ValueError:
        return False


def _cut(old: str, new: str) -> bool:
    return old.startswith(new) or new.startswith(old)


SAME_BUT_FOR = {
    "empty": _empty,
    "case": _case,
    "spaces": _spaces,
    "Unicode normalization": _normalized,
    "escapes": _escaped,
    "form of a number": _number,
    "cut short": _cut,
}


def clipped(text: str) -> str:
    """Shorten a text to what fits on two lines."""
    return text if len(text) <= LONGEST_DETAIL else f"{text[: LONGEST_DETAIL - 1]}{MASKED}"
