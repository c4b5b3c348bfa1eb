"""Who is asking (contract, section "Authentication"; RFC 6750)."""

import re

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from drf_api.accounts.models import Token, User

BEARER = re.compile(r"bearer(?: +(.*))?", re.IGNORECASE | re.DOTALL)


class BearerAuthentication(BaseAuthentication):
    """Knows a user by the bearer token of a login."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """Return the token and its user; `None` if no bearer token was sent."""
        match = BEARER.fullmatch(request.headers.get("Authorization", ""))
        if match is None:
            return None
        token = Token.objects.with_secret(match[1] or "")
        if token is None:
            raise AuthenticationFailed
        token.note_use()
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Say whether a token is missing or wrong (RFC 6750, section 3.1)."""
        is_sent = BEARER.fullmatch(request.headers.get("Authorization", ""))
        return 'Bearer error="invalid_token"' if is_sent else "Bearer"


def confirm(request: Request) -> None:
    """Make sure that the caller's token still stands, after something has changed meanwhile."""
    if request.auth is None:
        return
    if not Token.objects.valid(timezone.now()).filter(pk=request.auth.pk).exists():
        raise AuthenticationFailed
