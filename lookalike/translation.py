"""A request in the old server's values, rewritten in those of another, each by where it stands.

A part of a path means what the parts before it say; a parameter or a member what it is called. A
number is a server's own only where a name says so: `product_id`, but not `amount`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from lookalike.alignment import Alignment
from lookalike.http import Request
from lookalike.places import Scalar, role_of, words_of
from lookalike.values import NUMBER, looks_made, parts

CONDITIONS = frozenset({"if-match", "if-none-match", "if-range"})  # RFC 9110, section 13.1
SAFE = "!$&'()*+,;=:@-._~"  # in a part of a path (RFC 3986, section 3.3)


def translated(request: Request, alignment: Alignment) -> Request:
    """Return what another server is sent for a request to the old one."""
    path, question, query = request.target.partition("?")
    words = words_of(re.sub(r"/[^/]*\d[^/]*", "/", path))
    pairs = "&".join(in_query(pair, words, alignment) for pair in query.split("&"))
    fields = tuple((name, in_field(name, value, alignment)) for name, value in request.fields)
    return replace(
        request,
        target=in_path(path, alignment) + question + pairs,
        fields=fields,
        body=in_body(request.body, words, alignment),
    )


def in_path(path: str, alignment: Alignment) -> str:
    """Translate the parts of a path."""
    words: list[str] = []
    found = []
    for part in path.split("/"):
        old = unquote(part)
        new = str(alignment.translated_by_name(words, old))
        found.append(part if new == old else quote(new, safe=SAFE))
        words += words_of(old)
    return "/".join(found)


def in_query(pair: str, words: Iterable[str], alignment: Alignment) -> str:
    """Translate the value of a parameter."""
    name, equals, text = pair.partition("=")
    old = unquote_plus(text)
    new = str(by_name(name, words, old, alignment))
    return pair if new == old else f"{name}{equals}{quote_plus(new)}"


def in_field(name: str, value: str, alignment: Alignment) -> str:
    """Translate the parts of a header field that can't be anything else."""
    if name.lower() not in CONDITIONS:
        return alignment.translated_text(value)
    return "".join(str(alignment.translated_by_name(["etag"], part)) for part in parts(value))


def in_body(body: bytes | None, words: Iterable[str], alignment: Alignment) -> bytes | None:
    """Translate the values of JSON; what is none is sent as it is."""
    try:
        old = json.loads(body or b"")
    except (ValueError, RecursionError):
        return body
    new = inside(old, "", [*words], alignment)
    return body if new == old else json.dumps(new, ensure_ascii=False).encode()


def inside(value: Any, name: str, words: list[str], alignment: Alignment) -> Any:
    """Translate a JSON value that is called by a name."""
    if isinstance(value, dict):
        return {
            key: inside(each, key, words_of(name) or words, alignment)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [inside(each, name, words, alignment) for each in value]
    return by_name(name, words, value, alignment)


def by_name(name: str, words: Iterable[str], value: Scalar, alignment: Alignment) -> Scalar:
    """Translate a value by what it is called, or where that says nothing, by the words around."""
    is_number = not isinstance(value, bool) and NUMBER.fullmatch(str(value))
    if role_of(name) not in {"id", "opaque"} and not looks_made(str(value)):
        # a word may be a slug elsewhere, and a number an id
        if is_number or not isinstance(value, str):
            return value
        return alignment.translated_text(value)
    own = [word for word in words_of(name) if role_of(word) == "open"]
    return alignment.translated_by_name(own or words, value)
