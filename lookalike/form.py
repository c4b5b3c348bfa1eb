"""How JSON is written, apart from its values: white space, order of members, numbers, escapes."""

import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from lookalike.places import Difference, Place

# RFC 8259, sections 2 to 7.
TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*")(?P<colon>[ \t\r\n]*:)?'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>[A-Za-z]+)|(?P<mark>[\[\]{},])|(?P<space>[ \t\r\n]+)"
)
SPACE, NAME, VALUE, MARK = "space", "name", "value", "mark"
WHAT = {SPACE: "white space", NAME: "member order", VALUE: "notation", MARK: "member order"}
FORMS = frozenset(WHAT.values())
SHOWN = 60  # characters around the first place where two texts are written in other ways


class Token(NamedTuple):
    """A part of a JSON text that is written in one way of several."""

    kind: str
    text: str
    start: int


def compare_form(place: Place, old: str, new: str) -> Iterator[Difference]:
    """Say where two JSON texts of corresponding values are first written in other ways.

    Values of which one server made another than the other are no difference here, and neither are
    texts of other structure, which is no matter of form.
    """
    ours, theirs = [*tokens(old)], [*tokens(new)]
    if sum(each.kind != SPACE for each in ours) != sum(each.kind != SPACE for each in theirs):
        return
    for mine, yours in zip_longest(ours, theirs, fillvalue=Token(SPACE, "", len(old))):
        if not is_written_alike(mine, yours):
            kinds = {mine.kind, yours.kind}
            what = next(WHAT[kind] for kind in (SPACE, NAME, VALUE, MARK) if kind in kinds)
            yield Difference(place, what, excerpt(old, mine), excerpt(new, yours))
            return


def is_written_alike(mine: Token, yours: Token) -> bool:
    """Tell whether two tokens are equal, or differ by their value alone."""
    if mine.kind != yours.kind:
        return False
    if mine.kind != VALUE or mine.text == yours.text:
        return mine.text == yours.text
    try:
        return bool(json.loads(mine.text) != json.loads(yours.text))
    except ValueError:
        return False


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a JSON text."""
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind in {"text", "number", "word"}:
            kind = VALUE
        elif kind == "colon":
            kind = NAME
        yield Token(kind, match[0], match.start())


def excerpt(text: str, token: Token) -> str:
    """Return what is around a token."""
    return text[max(token.start - SHOWN // 3, 0) : token.start + SHOWN]
