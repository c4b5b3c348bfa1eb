"""What browsers need and programs don't: sessions, tokens against forgery, messages.

Requests to the API pass none of it: they read no cookie, and none is set.
"""

import logging
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.cache import patch_vary_headers

from drf_api.contract.errors import OUTAGES, is_for_api, is_outage, problem_name, problem_response
from drf_api.contract.headers import GetResponse, is_debug_page

# From the outermost to the innermost.
FOR_BROWSERS = [
    SessionMiddleware,
    CsrfViewMiddleware,  # reads and sets the cookie; pages and the admin's views are `csrf_protect`
    AuthenticationMiddleware,
    MessageMiddleware,
]
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

logger = logging.getLogger(__name__)


class BrowserMiddleware:
    """Takes requests outside /api through Django's middleware, and their errors to pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.for_browsers: Any = get_response
        for middleware in reversed(FOR_BROWSERS):
            self.for_browsers = middleware(self.for_browsers)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_for_api(request):
            return self.get_response(request)
        try:
            response: HttpResponse = self.for_browsers(request)
        except OUTAGES as error:  # a session couldn't be stored
            found = self.process_exception(request, error)
            if found is None:
                raise
            response = found
        if not is_debug_page(response):
            response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        # By "no-referrer" browsers send forms with `Origin: null`, which Django refuses.
        response["Referrer-Policy"] = "same-origin"
        if not response.streaming:  # a style sheet is the same for all
            patch_vary_headers(response, ["Cookie"])
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what the contract has a name for; DRF's views have done so by themselves."""
        name = problem_name(exception)
        if name is None or is_for_api(request):
            return None
        if is_outage(exception):
            logger.error("The database failed", exc_info=exception, extra={"request": request})
        wait = getattr(exception, "wait", None)  # of DRF's `Throttled`
        return problem_response(request, name, headers={"Retry-After": str(wait)} if wait else {})
