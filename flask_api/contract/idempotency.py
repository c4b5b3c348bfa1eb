"""Repeating a request without repeating its effect (contract: Idempotency)."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, request
from sqlalchemy import (
    ColumnElement,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from flask_api.contract.database import Model, PrimaryKey, insert, now
from flask_api.contract.errors import Code, InputError, Problem
from flask_api.contract.rendering import JSON, output_json
from flask_api.contract.rows import columns, execute, update_row

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


REMEMBERED_ANSWER = select(*columns(IdempotencyKey)).where(
    IdempotencyKey.scope == bindparam("scope"), IdempotencyKey.key == bindparam("key")
)


def idempotent(view: Callable[..., Any]) -> Callable[..., Any]:
    """Replay the answer to an earlier request with the same key, or remember the answer.

    To be used within a transaction: the key is reserved first, so that of requests at the same
    time all but one wait for that one's answer. A request that fails leaves no key.
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(*args, **kwargs)
        scope = str(g.caller.user_id) if "caller" in g else "anonymous"
        reserved = reserve(scope, key)
        if reserved is None:
            return replay(scope, key)
        response = output_json(*view(*args, **kwargs))
        remember(reserved, response)
        return response

    return wrapper


def fingerprint() -> str:
    """Identify the request; without the secret key nobody can search a body by trying values."""
    text = f"{request.method}\n{request.path}\n".encode() + request.get_data()
    return hmac.digest(str(current_app.secret_key).encode(), text, "sha256").hex()


def reserve(scope: str, key: str) -> UUID | None:
    """Take a key that is new or no longer remembered, and tell the id of its row."""
    values = {"fingerprint": fingerprint(), "status": 0, "location": "", "body": ""}
    values["created_at"] = now()
    statement = insert(IdempotencyKey).values(scope=scope, key=key, **values)
    return execute(
        statement.on_conflict_do_update(
            index_elements=["scope", "key"],
            set_=values,
            where=IdempotencyKey.is_forgotten(),
        ).returning(IdempotencyKey.id)
    ).scalar_one_or_none()


def remember(reserved: UUID, response: Response) -> None:
    """Keep an answer, in the transaction that made what it tells of."""
    answer = {
        "status": response.status_code,
        "location": response.headers.get("Location", ""),
        "body": response.get_data(as_text=True),
    }
    update_row(IdempotencyKey, reserved, answer)


def replay(scope: str, key: str) -> Response:
    """Give the remembered answer, if this is the request that it belongs to."""
    row = execute(REMEMBERED_ANSWER, {"scope": scope, "key": key}).one()
    if row.fingerprint != fingerprint():
        raise Problem(
            "idempotency-key-reused", [InputError("header", "Idempotency-Key", Code("key_reused"))]
        )
    headers = {"Idempotency-Replayed": "true"}
    if row.location:
        headers["Location"] = row.location
    return Response(row.body, row.status, headers, mimetype=JSON)


def forget(user_id: UUID) -> None:
    """Forget what a user's keys stand for."""
    execute(delete(IdempotencyKey).where(IdempotencyKey.scope == str(user_id)))
