"""Entity tags and conditional requests (contract: Conditional requests; RFC 9110, section 13)."""

import re
from hashlib import sha256
from http import HTTPStatus

import orjson
from flask import Flask, Response, g

from flask_api.contract.errors import Problem
from flask_api.contract.parsing import ENTITY_TAG
from flask_api.contract.schemas import Schema


def entity_tag(body: bytes) -> str:
    """Make the strong tag of a body."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def tags(condition: str) -> list[str]:
    """List the tags of a well-formed condition."""
    return [match[0] for match in re.finditer(ENTITY_TAG, condition)]


def require_match(schema: Schema, resource: object) -> None:
    """Refuse a write unless If-Match is absent, `*` or names the current representation's tag."""
    condition = g.headers.get("if_match", "*")
    if condition == "*":
        return
    if entity_tag(orjson.dumps(schema.dump(resource))) not in tags(condition):
        raise Problem("precondition-failed")


def not_modified(response: Response) -> Response:
    """Turn a 200 whose tag is in If-None-Match, weak or strong, into a 304."""
    condition = g.get("headers", {}).get("if_none_match")
    if condition and response.status_code == HTTPStatus.OK:
        strong = [tag.removeprefix("W/") for tag in tags(condition)]
        if condition == "*" or response.headers["ETag"] in strong:
            response.status_code = HTTPStatus.NOT_MODIFIED
            response.set_data(b"")
    return response


def init_app(app: Flask) -> None:
    """Answer conditional requests."""
    app.after_request(not_modified)
