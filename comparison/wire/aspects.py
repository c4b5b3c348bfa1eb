"""What a row's two answers differ in, and agree in once one program is aligned."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any

from comparison.wire.lab import Answer

NOTHING = "nothing"  # no JSON value is a bare word


def value_at(answer: Answer, pointer: str) -> Any:
    """Return the JSON value at a pointer, or NOTHING."""
    try:
        value = answer.json()
        for token in pointer.split("/")[1:]:
            value = value[int(token)] if isinstance(value, list) else value[token]
    except (KeyError, IndexError, TypeError, ValueError):
        return NOTHING
    return value


def ids(answer: Answer, _: str) -> Any:
    """Return the ids of the entries of a page, whatever its member is called."""
    page: dict[str, Any] = answer.json()
    return [entry["id"] for entry in page.get("items", page.get("results", []))]


def keys(answer: Answer, pointer: str) -> Any:
    """Return the names of an object's members."""
    value = value_at(answer, pointer)
    return sorted(value) if isinstance(value, dict) else NOTHING


ASPECTS: dict[str, Callable[[Answer, str], Any]] = {
    "status": lambda answer, _: answer.status,
    "accepted": lambda answer, _: answer.status < HTTPStatus.BAD_REQUEST,
    "fails": lambda answer, _: answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
    "header": lambda answer, name: answer.header(name),
    "cookies": lambda answer, _: sorted(SimpleCookie(answer.header("Set-Cookie") or "")),
    "body": lambda answer, _: answer.body,
    "matches": lambda answer, pattern: bool(re.search(pattern, answer.body)),
    "json": value_at,
    "type": lambda answer, pointer: type(value_at(answer, pointer)).__name__,
    "keys": keys,
    "ids": ids,
}


def aspect_of(answer: Answer, aspect: str) -> Any:
    """Return an aspect of an answer: `status`, `header Allow` or `json /price`.

    Raises KeyError if there is no such aspect.
    """
    name, _, argument = aspect.partition(" ")
    return ASPECTS[name](answer, argument)


def agree(answers: Mapping[str, Answer], aspects: tuple[str, ...]) -> bool:
    """Tell whether both programs' answers agree in all of some aspects."""
    flask, django = answers["flask"], answers["django"]
    return all(aspect_of(flask, each) == aspect_of(django, each) for each in aspects)
