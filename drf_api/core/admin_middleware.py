"""What the admin site needs of Django's middleware, and the API must not be touched by.

Django's would answer a request to the API that has a bad cookie by another cookie.
"""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin


class AdminOnly(MiddlewareMixin):
    """Leaves requests alone that are not for the admin site."""

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith("/admin/"):
            return super().__call__(request)
        return self.get_response(request)


class AdminSessionMiddleware(AdminOnly, SessionMiddleware):
    """Sessions."""


class AdminCsrfMiddleware(AdminOnly, CsrfViewMiddleware):
    """Forms of other origins; the API's views are exempt."""


class AdminAuthenticationMiddleware(AdminOnly, AuthenticationMiddleware):
    """Who is logged in."""


class AdminMessageMiddleware(AdminOnly, MessageMiddleware):
    """What is said after a change."""
