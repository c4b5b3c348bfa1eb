"""What browsers need and programs don't: sessions, tokens against forgery, messages.

Requests to the API pass none of it: they read no cookie, and none is set.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.middleware import csrf
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from drf_api.contract.errors import OUTAGES, is_for_api, is_outage, problem_name, problem_response
from drf_api.contract.headers import GetResponse, is_debug_page

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

logger = logging.getLogger(__name__)


class PageMiddleware:
    """Adds what every page carries, and shows errors as pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if is_for_api(request):
            return response
        if not is_debug_page(response):
            response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        # By "no-referrer" browsers send forms with `Origin: null`, which Django refuses.
        response["Referrer-Policy"] = "same-origin"
        if not response.streaming:  # a style sheet is the same for all
            patch_vary_headers(response, ["Cookie"])
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what the contract has a name for; DRF's views have done so by themselves."""
        return None if is_for_api(request) else exception_page(request, exception)


def exception_page(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """Show an exception as the page of its problem, if the contract has a name for it."""
    name = problem_name(exception)
    if name is None:
        return None
    if is_outage(exception):
        logger.error("The database failed", exc_info=exception, extra={"request": request})
    wait = getattr(exception, "wait", None)  # of DRF's `Throttled`
    return problem_response(request, name, headers={"Retry-After": str(wait)} if wait else {})


class PagesOnlyMixin(MiddlewareMixin):
    """Keeps a middleware of Django's away from the API."""

    get_response: Callable[[HttpRequest], Any]

    def __call__(self, request: HttpRequest) -> Any:
        if is_for_api(request):
            return self.get_response(request)
        try:
            return super().__call__(request)
        except OUTAGES as error:  # a session couldn't be read or stored
            if response := exception_page(request, error):
                return response
            raise


class SessionMiddleware(PagesOnlyMixin, sessions.SessionMiddleware):
    """Django's, for pages."""


class CsrfViewMiddleware(PagesOnlyMixin, csrf.CsrfViewMiddleware):
    """Django's, for pages."""

    def process_view(self, request: HttpRequest, *view: Any) -> Any:
        return None if is_for_api(request) else super().process_view(request, *view)


class AuthenticationMiddleware(PagesOnlyMixin, auth.AuthenticationMiddleware):
    """Django's, for pages."""


class MessageMiddleware(PagesOnlyMixin, messages.MessageMiddleware):
    """Django's, for pages."""
