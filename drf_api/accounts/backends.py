"""Logging in with a session, on the pages and the admin site, by the rules of the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from drf_api.accounts.models import User
from drf_api.contract.throttling import LoginThrottle


class AccountBackend(BaseBackend):
    """Knows the users that the API knows; the admin site lets in those who are staff."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        return User.objects.get_by_credentials(username or "", password or "")

    def get_user(self, user_id: UUID) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


@contextmanager
def counted_login(request: HttpRequest, username: str) -> Iterator[None]:
    """Count a password that does not validate as a failed login.

    Raises `Throttled` after too many, here or at `POST /api/tokens`.
    """
    throttle = LoginThrottle(request, username)
    throttle.check()
    try:
        yield
    except ValidationError:
        throttle.count_failure()
        raise
    throttle.forget_failures()
