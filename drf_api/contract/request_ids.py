"""The request's name in responses and logs; LOGGING imports this before there are models."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar

import uuid_utils.compat as uuid
from django.http import HttpRequest, HttpResponse

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

current_request_id = ContextVar("current_request_id", default="-")


class RequestIDFilter(logging.Filter):
    """Gives each log record the name of the request during which it is written.

    Django logs an error when all middleware is done, but says of which request.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        meta = getattr(getattr(record, "request", None), "META", {})
        record.request_id = meta.get("drf_api.request_id", current_request_id.get())
        return True


def request_id_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Name the request, by the client's own name for it where that is well-formed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else str(uuid.uuid7())
        request.META["drf_api.request_id"] = request_id
        token = current_request_id.set(request_id)
        try:
            response = get_response(request)
        finally:
            current_request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response

    return middleware
