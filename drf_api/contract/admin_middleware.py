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
        if is_for_admin(request):
            return super().__call__(request)
        return self.get_response(request)


def is_for_admin(request: HttpRequest) -> bool:
    """Tell whether the admin site answers."""
    return request.path_info.startswith("/admin/")


class AdminSessionMiddleware(AdminOnly, SessionMiddleware):
    """Sessions."""


class AdminCsrfMiddleware(AdminOnly, CsrfViewMiddleware):
    """Forms of other origins."""

    def process_view(
        self, request: HttpRequest, callback: Any, callback_args: Any, callback_kwargs: Any
    ) -> Any:
        """Check a form; Django calls this for every request, whatever `__call__` has done."""
        if not is_for_admin(request):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)


class AdminAuthenticationMiddleware(AdminOnly, AuthenticationMiddleware):
    """Who is logged in."""


class AdminMessageMiddleware(AdminOnly, MessageMiddleware):
    """What is said after a change."""
