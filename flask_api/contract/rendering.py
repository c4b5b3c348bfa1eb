"""Responses: which media types there are, and which of them a request accepts."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

import flask_restful
import orjson
from flask import request
from flask.views import MethodView

from flask_api.contract.database import repeated
from flask_api.contract.errors import PROBLEM, Problem
from flask_api.contract.etags import entity_tag
from flask_api.contract.headers import Response
from flask_api.contract.throttling import limited

JSON = "application/json"

# RFC 9110, sections 5.6.2, 5.6.4, 12.4.2 and 12.5.1
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 – RFC 9110's token, no secret
QUOTED = r'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
PARAMETER = rf"{TOKEN}=(?:{TOKEN}|{QUOTED})"
# A string that isn't closed ends with the field: tried again at each quote in it, it would take the
# square of its length.
ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|\\?\Z))+', re.DOTALL)
MEDIA_RANGE = re.compile(rf"({TOKEN}/{TOKEN})((?:[ \t]*;(?:[ \t]*{PARAMETER})?)*)")
WEIGHT = re.compile(rf";[ \t]*q=({TOKEN}|{QUOTED})|{QUOTED}", re.IGNORECASE)
QVALUE = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")

View = Callable[..., Any]


def accepting(*media_types: str) -> Callable[[View], View]:
    """Refuse a request that accepts none of what the handler answers with."""

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if accepted(*media_types) is None:
                raise Problem("not-acceptable")
            return view(*args, **kwargs)

        return wrapper

    return decorator


class Resource(flask_restful.Resource):
    """What answers at an address, within the general limit and in a media type that is accepted."""

    decorators = [repeated, limited, accepting(JSON)]  # the last one comes first
    # Flask-RESTful's own would look at `Accept` once more.
    dispatch_request = MethodView.dispatch_request


class Api(flask_restful.Api):
    """Flask-RESTful without its own errors and its own content negotiation."""

    def error_router(self, original_handler: Callable[..., Any], e: Exception) -> Any:
        """Leave every error to the application; Flask-RESTful would answer with its own JSON."""
        return original_handler(e)

    def make_response(self, data: Any, *args: Any, **kwargs: Any) -> Response:
        """Represent what a handler returns; `Accept` was looked at before the handler ran."""
        return output_json(data, *args, **kwargs)


def output_json(data: Any, code: int, headers: Mapping[str, str] | None = None) -> Response:
    """Write compact JSON in UTF-8."""
    return output(orjson.dumps(data), JSON, code, headers)


def output(
    body: bytes, content_type: str, code: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Send a representation with its entity tag."""
    response = Response(body, code, headers, content_type=content_type)
    response.set_etag(entity_tag(body))
    return response


def no_content() -> Response:
    """Say that it is done."""
    return Response(status=HTTPStatus.NO_CONTENT)


def accepted(*media_types: str) -> str | None:
    """Return the media type that `Accept` prefers, or None (contract: Media types)."""
    weights = list(media_ranges(request.headers.get("Accept", "")))
    # Of equal weights the first: without `Accept`, too, and where it admits a problem only.
    best = max(media_types, key=lambda media_type: weight_of(media_type, weights))
    is_admitted = not weights or weight_of(best, weights) or weight_of(PROBLEM, weights)
    return best if is_admitted else None


def weight_of(media_type: str, weights: list[tuple[str, float]]) -> float:
    """Let the most specific of the ranges decide, of equal ones the first."""
    for candidate in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        for media_range, weight in weights:
            if media_range == candidate:
                return weight
    return 0.0


def media_ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Yield each well-formed range with its weight."""
    for element in ELEMENT.findall(accept):
        match = MEDIA_RANGE.fullmatch(element.strip(" \t"))
        if match is None:
            continue
        found = [each[1] for each in WEIGHT.finditer(match[2]) if each[1]] or ["1"]
        if len(found) == 1 and QVALUE.fullmatch(found[0]):
            yield match[1].lower(), float(found[0])
