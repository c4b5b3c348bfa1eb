"""What a WSGI server runs: `drf_api.wsgi:application`."""

from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http.response import HttpResponseBase

from drf_api.startup import configure

configure()
django.setup(set_prefix=False)

from drf_api.core.headers import by_name  # noqa: E402 - needs the settings
from drf_api.core.parsing import ContractRequest  # noqa: E402 - as above


class Handler(WSGIHandler):
    """Django's handler, for requests as the contract reads them, and with sorted fields."""

    request_class = ContractRequest

    def __call__(self, environ: dict[str, Any], start_response: Any) -> HttpResponseBase:
        """Answer a request; the fields of Django's own response can't be put in order."""

        def start_sorted(status: str, fields: list[tuple[str, str]], _: Any = None, /) -> Any:
            return start_response(status, sorted(fields, key=by_name))

        return super().__call__(environ, start_sorted)


application = Handler()
