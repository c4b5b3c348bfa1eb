"""Where in an answer a value stands, and what the name of a place says of it."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Scalar = str | int | float | bool | None
Role = Literal["id", "opaque", "count", "open"]

# Numbers at places of these names tell things apart; at places of those, they count or measure.
NAMING = re.compile(r"id|pk|uuid|guid|key|slug|ref|reference|code|after|before|since")
# Texts there mean something to their server alone (RFC 9110, section 8.8.3, says so of ETag).
OPAQUE = re.compile(r"etag|cursor|token|continuation|signature|sig|nonce|csrf")
COUNTING = re.compile(
    r"count|total|length|size|limit|offset|page|per|index|position|rank|order"
    r"|version|revision|quantity|amount|price|cost|sum|min|max|average|score|age|year|duration"
    r"|width|height|weight|percent|progress|remaining|retry|retrie|status|sold|stock|view|like"
)


class Place(NamedTuple):
    """Where a value stands: `("GET /todos", 200, "body", "/items/*/id")`."""

    operation: str
    status: int
    part: str  # "body", a header field's name in lower case, "status" or "answer"
    pointer: str = ""  # `#3` at its end is the third part of a text

    def __str__(self) -> str:
        return f"{self.part} {self.pointer}".strip()

    @property
    def name(self) -> str:
        """The last name on the way to the value, or the header field's."""
        names = [
            name for name in self.pointer.partition("#")[0].split("/") if name not in {"", "*"}
        ]
        return names[-1] if names else self.part

    @property
    def words(self) -> frozenset[str]:
        """The words of the operation's path and of the place itself, in the singular."""
        path = re.sub(r"\{[^}]*\}", "", self.operation.partition(" ")[2])
        return frozenset(words_of(f"{path} {self.part} {self.pointer}"))


class Difference(NamedTuple):
    """Two values, or what is missing on one side, at one place."""

    place: Place
    # "value", "type", "missing", "length", "order", "correspondence" or "time", or one of FORMS
    what: str
    old: object
    new: object


def words_of(text: str) -> list[str]:
    """Split a name at its case, digits and punctuation: `productIds` is `product` and `id`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", text)
    return [re.sub(r"(?<=[a-z]{2})(?<![su])s$", "", word.lower()) for word in words]


@lru_cache(4096)  # of each value, and APIs have few names
def role_of(name: str) -> Role:
    """Tell by a member's or parameter's name what numbers there are for."""
    words = words_of(name)
    if words and NAMING.fullmatch(words[-1]):
        return "id"
    if words and OPAQUE.fullmatch(words[-1]):
        return "opaque"
    return "count" if any(COUNTING.fullmatch(word) for word in words) else "open"
