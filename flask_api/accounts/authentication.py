"""Passwords and bearer tokens (contract: Authentication; RFC 6750)."""

from datetime import timedelta
from functools import wraps
from typing import Any

from flask import g, request
from flask.typing import RouteCallable
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from flask_api.accounts.models import Token, User, verify_password
from flask_api.contract.database import db, now, transaction
from flask_api.contract.errors import bearer_problem
from flask_api.contract.throttling import check_logins, count_failed_login, forget_failed_logins

USE_PRECISION = timedelta(seconds=60)


def authenticate(username: str, password: str) -> User | None:
    """Find the active user with these credentials."""
    user = db.session.scalar(select(User).where(User.username == username, User.is_active))
    is_right = check_password(username, password, user.password if user else None)
    return user if is_right else None


def check_password(username: str, password: str, stored: str | None) -> bool:
    """Verify a password; wrong ones count, and too many of them are refused with 429."""
    check_logins(username)
    if not verify_password(password, stored):
        count_failed_login(username)
        return False
    forget_failed_logins(username)
    return True


def authenticated(view: RouteCallable) -> RouteCallable:
    """Answer nobody but an active user with a valid token: they are `g.user` and `g.token`."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        g.token = find_token(bearer_token())
        g.user = g.token.user
        touch(g.token)
        return view(*args, **kwargs)

    return wrapper


def bearer_token() -> str:
    """Read the token from the request."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise bearer_problem("authentication-required")
    return token.lstrip(" ")


def find_token(text: str) -> Token:
    """Find a valid token with its active user."""
    token = db.session.scalar(
        select(Token)
        .join(Token.user)
        .options(contains_eager(Token.user))
        .where(Token.digest == Token.digest_of(text), Token.is_valid(), User.is_active)
    )
    if token is None:
        raise bearer_problem("invalid-token")
    return token


def touch(token: Token) -> None:
    """Renew `last_used_at`, but not with every request."""
    moment = now()
    if token.last_used_at is None or moment - token.last_used_at > USE_PRECISION:
        with transaction():
            token.last_used_at = moment
