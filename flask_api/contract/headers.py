"""What every response carries, and which hosts are served (contract: Headers)."""

import logging
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import flask
from flask import Flask, current_app, g, has_request_context, request
from uuid_utils.compat import uuid7
from werkzeug.datastructures import Headers

from flask_api.contract.errors import Problem

PUBLIC = {"Cache-Control": "public, no-cache"}  # for what everybody may read
FIXED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
EXPOSED = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "X-Request-ID"
)
ALLOWED = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-ID"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
LABEL = "[a-z0-9-]{1,63}"
HOST = re.compile(rf"((?:{LABEL}\.)*{LABEL}\.?|\[[0-9a-f]*:[0-9a-f.:]+\])(:[0-9]+)?")
WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Response(flask.Response):
    """Flask's, whose header fields are sent as they are."""

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
        """Return the fields that `finish` has completed.

        werkzeug would copy them, to encode a Location and to add a Content-Length.
        """
        return self.headers


def name_request() -> None:
    """Take over the client's name for the request, or make one."""
    sent = request.headers.get("X-Request-ID", "")
    g.request_id = sent if REQUEST_ID.fullmatch(sent) else str(uuid7())


class RequestIDFilter(logging.Filter):
    """Gives each log record the name of the request during which it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = g.get("request_id", "-") if has_request_context() else "-"
        return True


REQUEST_ID_FILTER = RequestIDFilter()


def check_host() -> None:
    """Refuse other hosts; Flask's TRUSTED_HOSTS knows neither IPv6 addresses nor upper case."""
    match = HOST.fullmatch(request.headers.get("Host", "").lower())
    if not match or not is_allowed(match[1].removesuffix("."), current_app.config["ALLOWED_HOSTS"]):
        raise Problem("bad-host")


def is_allowed(host: str, allowed: frozenset[str]) -> bool:
    """Tell whether a host is listed, by its name or by a domain that it is in."""
    if host in allowed or "*" in allowed:
        return True
    return any(name[0] == "." and f".{host}".endswith(name) for name in allowed)


def check_path() -> None:
    """Refuse a path that doesn't begin with one slash; werkzeug takes it for one that does."""
    if not re.match("/(?!/)", request.environ["PATH_INFO"]):
        raise Problem("not-found")


def finish(response: Response) -> Response:
    """Complete a response's header fields."""
    # In a dict, as each change of werkzeug's headers looks through all of them.
    fields = {**FIXED, **dict(response.headers), "X-Request-ID": g.request_id, **cors(response)}
    if response.status_code in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
        fields.pop("Content-Type", None)
        fields.pop("Content-Length", None)
    else:
        # Nothing adds it later (see Response).
        fields["Content-Length"] = str(response.calculate_content_length())
    response.headers = Headers(fields)
    return response


def cors(response: Response) -> dict[str, str]:
    """Let scripts of the listed origins read the response, or send the request they ask for."""
    origin = request.headers.get("Origin", "")
    if origin not in current_app.config["CORS_ORIGINS"]:
        return {}
    fields = {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED}
    answered = request.method == "OPTIONS" and "Allow" in response.headers
    if answered and "Access-Control-Request-Method" in request.headers:
        fields["Access-Control-Allow-Methods"] = response.headers["Allow"]
        fields["Access-Control-Allow-Headers"] = ALLOWED
        fields["Access-Control-Max-Age"] = "600"
    return fields


def without_upgrade(wsgi_app: WSGIApp) -> WSGIApp:
    """Ignore offers to speak another protocol; werkzeug would look for a WebSocket's route."""

    def wrapper(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop("HTTP_UPGRADE", None)
        return wsgi_app(environ, start_response)

    return wrapper


def init_app(app: Flask) -> None:
    """Have every request checked and every response completed."""
    app.wsgi_app = without_upgrade(app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.before_request(name_request)
    app.before_request(check_host)
    app.before_request(check_path)
    app.after_request(finish)
