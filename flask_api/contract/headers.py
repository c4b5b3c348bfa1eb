"""What every response carries, and which hosts are served (contract: Headers)."""

import logging
import re
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, current_app, g, has_request_context, request
from uuid_utils.compat import uuid7
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import get_path_info

from flask_api.contract.errors import ProblemError

CACHE_PUBLIC = {"Cache-Control": "public, no-cache"}  # for what everybody may read
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
CORS_EXPOSE_HEADERS = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "X-Request-ID"
)
CORS_ALLOW_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-ID"
)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def request_id() -> str:
    """Return the request ID: the client's, or a new one."""
    if "request_id" not in g:
        sent = request.headers.get("X-Request-ID", "")
        g.request_id = sent if REQUEST_ID.fullmatch(sent) else str(uuid7())
    return str(g.request_id)


class RequestIDFilter(logging.Filter):
    """Gives each log record the ID of the request during which it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id() if has_request_context() else "-"
        return True


REQUEST_ID_FILTER = RequestIDFilter()


def check_host() -> None:
    """Refuse other hosts; Flask's TRUSTED_HOSTS cuts an IPv6 address off at its first colon."""
    host = re.sub(r"\.?(:[0-9]+)?$", "", request.host.lower())
    allowed = current_app.config["ALLOWED_HOSTS"]
    domains = tuple(name for name in allowed if name.startswith("."))
    if not host or not ({host, "*"} & allowed or f".{host}".endswith(domains)):
        raise ProblemError("bad-host")


class WrittenRequest(Request):
    """Keeps the path as it is written: Werkzeug reads `//api` as `/api`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.path = get_path_info(self.environ)


def check_path() -> None:
    """Lead nowhere from a path that begins with two slashes, which Werkzeug has routed as one."""
    if request.path.startswith("//"):
        raise NotFound


def finalize_headers(response: Response) -> Response:
    """Add what every response carries."""
    for name, value in {**SECURITY_HEADERS, "X-Request-ID": request_id()}.items():
        response.headers.setdefault(name, value)
    response.vary.add("Origin")
    if request.is_secure and (seconds := current_app.config["HSTS_SECONDS"]):
        response.headers["Strict-Transport-Security"] = f"max-age={seconds}"
    if response.status_code == HTTPStatus.NO_CONTENT:
        del response.headers["Content-Type"]
    return response


def allow_origin(response: Response) -> Response:
    """Let scripts of the listed origins read the response, or send the request they ask for."""
    origin = request.headers.get("Origin", "")
    if origin not in current_app.config["CORS_ORIGINS"]:
        return response
    response.access_control_allow_origin = origin
    response.headers["Access-Control-Expose-Headers"] = CORS_EXPOSE_HEADERS
    answers_preflight = request.method == "OPTIONS" and "Allow" in response.headers
    if answers_preflight and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = response.headers["Allow"]
        response.headers["Access-Control-Allow-Headers"] = CORS_ALLOW_HEADERS
        response.access_control_max_age = 600
    return response


def init_app(app: Flask) -> None:
    """Have every request checked and every response completed."""
    app.request_class = WrittenRequest
    app.before_request(check_host)
    app.before_request(check_path)
    app.after_request(finalize_headers)
    app.after_request(allow_origin)
