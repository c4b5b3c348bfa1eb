"""Texts that servers were sent in different forms, and repeat: in error messages, say."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from urllib.parse import parse_qsl, unquote

from lookalike.http import Request, texts_in
from lookalike.places import Difference


def sent_apart(old: Request, new: Request) -> list[tuple[str, str]]:
    """Return the texts of two requests for one call that aren't equal: ids, and what has them.

    The longest come first: a shorter one may be part of them.
    """
    paths = [each.target.partition("?")[0] for each in (old, new)]
    end_apart = paths[0].endswith("/") != paths[1].endswith("/")
    pairs = chain(
        [(paths[0], paths[1])] if end_apart else [],
        zip(*(path.split("/") for path in paths), strict=False),
        zip(*(parameters(each) for each in (old, new)), strict=False),
        zip(*(body_texts(each) for each in (old, new)), strict=False),
    )
    unequal = {(unquote(one), unquote(other)) for one, other in pairs if one != other}
    return sorted(unequal, key=lambda pair: (-len(pair[0]), pair))


def parameters(request: Request) -> Iterator[str]:
    """Yield the values of a query."""
    query = request.target.partition("?")[2]
    yield from (value for _, value in parse_qsl(query, keep_blank_values=True))


def body_texts(request: Request) -> Iterator[str]:
    """Yield the texts of a JSON body."""
    try:
        yield from texts_in(json.loads(request.body or b"null"))
    except (ValueError, RecursionError):
        return


def is_echo(difference: Difference, pairs: Sequence[tuple[str, str]]) -> bool:
    """Tell whether two texts differ by what each server was sent, and by nothing else."""
    old, new = difference.old, difference.new
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    return any(one and one in old and old.replace(one, other) == new for one, other in pairs)
