"""Repeating a request without repeating its effect (contract: Idempotency)."""

import hmac
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import orjson
from flask import Response, current_app, g, request
from flask.typing import RouteCallable
from flask_restful.utils import unpack
from sqlalchemy import ColumnElement, SmallInteger, String, Text, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from flask_api.contract.database import Model, PrimaryKey, db, insert, now
from flask_api.contract.errors import Code, InputError, ProblemError

REMEMBERED = timedelta(hours=24)


class IdempotencyKey(Model):
    """A key that was used, and the answer to the request that it was used for."""

    __tablename__ = "idempotency_keys"

    id: Mapped[PrimaryKey]
    scope: Mapped[str] = mapped_column(String(36))  # a user's id, or `anonymous`
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(SmallInteger)
    location: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("scope", "key"),)

    @classmethod
    def is_forgotten(cls) -> ColumnElement[bool]:
        """Select the keys that are too old to be replayed."""
        return cls.created_at < now() - REMEMBERED


def idempotent(view: RouteCallable) -> RouteCallable:
    """Replay the answer, which is JSON, to an earlier request with the same key, or remember it.

    To be used within a transaction: the key is reserved first, so that of requests at the same
    time all but one wait for that one's answer. A request that fails leaves no key. Raises
    RuntimeError where a form has been read before: what it was made of is gone then.
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(*args, **kwargs)
        scope = str(g.user.id) if "user" in g else "anonymous"
        reserved = reserve(scope, key)
        if reserved is None:
            return replay(scope, key)
        answer = view(*args, **kwargs)
        if isinstance(answer, Response):
            data, status, headers = answer.get_json(), answer.status_code, answer.headers
        else:
            data, status, headers = unpack(answer)
        reserved.status, reserved.location = status, headers.get("Location", "")
        reserved.body = orjson.dumps(data).decode()
        return answer

    return wrapper


def fingerprint() -> str:
    """Identify the request; without the secret key nobody can search a body by trying values."""
    text = f"{request.method}\n{request.path}\n".encode() + request.get_data()
    if request.content_length and not request.get_data():
        raise RuntimeError("The body has been read as a form: @idempotent comes first.")
    return hmac.digest(str(current_app.secret_key).encode(), text, "sha256").hex()


def reserve(scope: str, key: str) -> IdempotencyKey | None:
    """Take a key, unless it was used in the last 24 hours."""
    values: dict[str, Any] = {
        "fingerprint": fingerprint(),
        "status": 0,
        "location": "",
        "body": "",
        "created_at": now(),
    }
    statement = insert(IdempotencyKey).values(scope=scope, key=key, **values)
    reserved: IdempotencyKey | None = db.session.scalar(
        statement.on_conflict_do_update(
            index_elements=["scope", "key"],
            set_=values,
            where=IdempotencyKey.is_forgotten(),
        ).returning(IdempotencyKey)
    )
    return reserved


def replay(scope: str, key: str) -> tuple[Any, int, dict[str, str]]:
    """Give the remembered answer, if this is the request that it belongs to."""
    used = db.session.scalars(select(IdempotencyKey).filter_by(scope=scope, key=key)).one()
    if used.fingerprint != fingerprint():
        raise ProblemError(
            "idempotency-key-reused", [InputError("header", "Idempotency-Key", Code("key_reused"))]
        )
    headers = {"Idempotency-Replayed": "true"}
    if used.location:
        headers["Location"] = used.location
    return orjson.loads(used.body), used.status, headers


def forget(scope: str) -> None:
    """Delete the keys of a scope, which is a user's id or `anonymous`."""
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.scope == scope))
