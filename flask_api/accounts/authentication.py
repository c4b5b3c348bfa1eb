"""Bearer tokens (contract: Authentication; RFC 6750)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple
from uuid import UUID

from flask import g, request
from sqlalchemy import bindparam, select

from flask_api.accounts.models import Token, User
from flask_api.contract.database import now, transaction
from flask_api.contract.errors import bearer_problem
from flask_api.contract.rows import execute, update_row

USE_PRECISION = timedelta(seconds=60)
FIND_CALLER = (
    select(User.id, User.username, User.is_staff, Token.id, Token.last_used_at)
    .join(User, Token.user_id == User.id)
    .where(Token.digest == bindparam("digest"), Token.is_valid(), User.is_active)
)


class Caller(NamedTuple):
    """Who sends a request, and with which token."""

    user_id: UUID
    username: str
    is_staff: bool
    token_id: UUID
    last_used_at: datetime | None


def authenticated(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer nobody but an active user with a valid token, who is then `g.caller`."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        g.caller = find_caller(bearer_token())
        note_use(g.caller)
        return view(*args, **kwargs)

    return wrapper


def bearer_token() -> str:
    """Read the token from the request."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise bearer_problem("authentication-required")
    return token.lstrip(" ")


def find_caller(token: str) -> Caller:
    """Find the active user that a token stands for."""
    row = execute(FIND_CALLER, {"digest": Token.digest_of(token)}).one_or_none()
    if row is None:
        raise bearer_problem("invalid-token")
    return Caller(*row)


def note_use(caller: Caller) -> None:
    """Renew `last_used_at`, but not with every request."""
    moment = now()
    if caller.last_used_at is None or moment - caller.last_used_at > USE_PRECISION:
        with transaction():
            update_row(Token, caller.token_id, {"last_used_at": moment})
