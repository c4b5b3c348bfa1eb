"""Entity tags and conditional requests (contract: Conditional requests; RFC 9110, section 13)."""

from hashlib import sha256
from http import HTTPStatus

import orjson
from flask import Flask, Response, request

from flask_api.contract.errors import HTML, ProblemError
from flask_api.contract.schemas import Schema


def entity_tag(body: bytes) -> str:
    """Make the strong tag of a body, without its quotes."""
    return sha256(body).hexdigest()[:32]


def require_match(schema: Schema, resource: object) -> None:
    """Refuse a write unless If-Match is absent, `*` or names the current representation's tag."""
    condition = request.if_match
    if condition and entity_tag(orjson.dumps(schema.dump(resource))) not in condition:
        raise ProblemError("precondition-failed")


def add_etag(response: Response) -> Response:
    """Tag what represents a resource, but for files and streams, and what has a tag already.

    A page shows more than a resource: who has logged in, what has just been done.
    """
    is_streamed = response.is_streamed or response.direct_passthrough
    if is_streamed or "ETag" in response.headers or response.mimetype == HTML:
        return response
    if response.status_code in {HTTPStatus.OK, HTTPStatus.CREATED}:
        response.set_etag(entity_tag(response.get_data()))
    return response


def not_modified(response: Response) -> Response:
    """Turn a 200 whose tag is in If-None-Match, weak or strong, into a 304.

    Not by `make_conditional`, which looks at If-Match as well and answers a GET with 412.
    """
    if request.method in {"GET", "HEAD"} and response.status_code == HTTPStatus.OK:
        tag, _ = response.get_etag()
        if tag and request.if_none_match.contains_weak(tag):
            response.status_code = HTTPStatus.NOT_MODIFIED
            response.set_data(b"")
    return response


def init_app(app: Flask) -> None:
    """Tag representations, and answer conditional requests."""
    app.after_request(not_modified)
    app.after_request(add_etag)  # what is registered last sees the response first
