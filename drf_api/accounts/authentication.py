"""Bearer tokens (contract, section "Authentication"; RFC 6750)."""

import re

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from drf_api.accounts.models import Token, User, digest

BEARER = re.compile(r"bearer(?: +(.*))?", re.IGNORECASE | re.DOTALL)


class BearerAuthentication(BaseAuthentication):
    """Knows a user by the bearer token of a login."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """Return the user and the token; `None` if no bearer token was sent."""
        match = BEARER.fullmatch(request.headers.get("Authorization", ""))
        if match is None:
            return None
        tokens = Token.objects.valid().select_related("user")
        token = tokens.filter(digest=digest(match[1] or "")).first()
        if token is None:
            raise AuthenticationFailed
        token.touch()
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Say whether a token is missing or wrong (RFC 6750, section 3.1)."""
        is_sent = BEARER.fullmatch(request.headers.get("Authorization", ""))
        return 'Bearer error="invalid_token"' if is_sent else "Bearer"
