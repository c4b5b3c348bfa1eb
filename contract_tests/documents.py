"""JSON documents as tests read them: a missing member fails the test, and shows the document.

A test asks for `answer.json["id"]` because the contract promises it. Where it is missing the answer
is wrong, not the test: in place of a KeyError it gets an assertion that shows the answer.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, SupportsIndex

# Makes the error to be raised of what an answer lacks.
Lacks = Callable[[str], AssertionError]


class UnexpectedAnswerError(AssertionError):
    """An answer lacks what a test reads in it, or there is none."""


class Fields(dict[str, str]):
    """Header fields by their lower-case names; no field of this API is sent twice."""

    def __init__(self, fields: Iterable[tuple[str, str]], lacks: Lacks) -> None:
        super().__init__((name.lower(), value) for name, value in fields)
        self._lacks = lacks

    def __missing__(self, name: str) -> str:
        raise self._lacks(f"has no header field {name}")


# Members that hold an array wherever they are.
ARRAYS = {"items", "errors", "tags", "todos"}


class Members(dict[str, Any]):
    """A JSON object."""

    def __init__(self, members: dict[str, Any], lacks: Lacks) -> None:
        super().__init__((name, checked(value, lacks)) for name, value in members.items())
        self._lacks = lacks

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if name in ARRAYS and not isinstance(value, list):
            raise self._lacks(f"has a member {name!r} that is no array")
        return value

    def __missing__(self, name: str) -> Any:
        raise self._lacks(f"has no member {name!r}, only {sorted(self)}")


class Elements(list[Any]):
    """A JSON array."""

    def __init__(self, elements: list[Any], lacks: Lacks) -> None:
        super().__init__(checked(value, lacks) for value in elements)
        self._lacks = lacks

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        try:
            return super().__getitem__(index)
        except (IndexError, TypeError):
            raise self._lacks(f"has no {index!r} in an array of {len(self)} elements") from None


def exactly(number: int, elements: Sequence[Any]) -> Sequence[Any]:
    """Return so many elements, to be unpacked."""
    assert len(elements) == number, f"not {number} of them: {elements}"
    return elements


def checked(value: Any, lacks: Lacks) -> Any:
    """Return a value of JSON that knows what to raise."""
    if isinstance(value, dict):
        return Members(value, lacks)
    return Elements(value, lacks) if isinstance(value, list) else value


def decoded(body: bytes, lacks: Lacks) -> Any:
    """Return a body that is to be a JSON object, as all of this API are."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise lacks("has a body that is no JSON") from None
    if not isinstance(value, dict):
        raise lacks("has a body that is no JSON object")
    return checked(value, lacks)
