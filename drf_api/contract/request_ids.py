"""The request's name in the logs; LOGGING imports this, so it must need nothing of the project."""

import logging
from contextvars import ContextVar

current_request_id = ContextVar("current_request_id", default="-")


class RequestIDFilter(logging.Filter):
    """Gives each log record the name of the request during which it is written.

    Django logs an error when all middleware is done, but says of which request.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        meta = getattr(getattr(record, "request", None), "META", {})
        record.request_id = meta.get("drf_api.request_id", current_request_id.get())
        return True
