"""Users and their tokens."""

import secrets
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import ColumnElement, Index, String, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flask_api.contract.database import Model, PrimaryKey, db, deferred_fk, now

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # Argon2id, in KiB
SCHEME = "argon2"  # what Django puts in front of the standard form


def hash_password(password: str) -> str:
    """Derive what is stored of a password."""
    return SCHEME + HASHER.hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Tell whether a password is the stored one; none at all takes just as long."""
    try:
        HASHER.verify((stored or dummy_hash()).removeprefix(SCHEME), password)
    except VerificationError:
        return False
    return stored is not None


@cache
def dummy_hash() -> str:
    """Derive a password that nobody knows, once: it takes as long to verify as a real one."""
    return hash_password(secrets.token_urlsafe())


class User(Model):
    """Somebody with an account; staff may change the catalogue and its stock."""

    __tablename__ = "users"

    id: Mapped[PrimaryKey]
    username: Mapped[str] = mapped_column(String(30), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    password: Mapped[str] = mapped_column(String(128))
    is_staff: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    tokens: Mapped[list["Token"]] = relationship(
        back_populates="user", cascade="all, delete-orphan"
    )
    # By their names, as their modules import this one.
    todos: Mapped[list[Any]] = relationship(
        "Todo", back_populates="owner", cascade="all, delete-orphan"
    )
    stock_adjustments: Mapped[list[Any]] = relationship(
        "StockAdjustment", back_populates="created_by"
    )

    __table_args__ = (Index("uq_users_email", func.lower(email), unique=True),)

    @classmethod
    def find_conflicts(
        cls, username: str | None, email: str | None, exclude: UUID | None = None
    ) -> list[str]:
        """List which of the values other users have; the email's case doesn't count."""
        lower_email = func.lower(cls.email)
        statement = select(cls.username, lower_email).where(
            or_(cls.username == username, lower_email == (email and email.lower()))
        )
        if exclude:
            statement = statement.where(cls.id != exclude)
        rows = db.session.execute(statement).all()
        usernames, emails = {row[0] for row in rows}, {row[1] for row in rows}
        taken = {"username": username in usernames, "email": (email or "").lower() in emails}
        return [name for name, is_taken in taken.items() if is_taken]


class Token(Model):
    """Bearer token; only its digest is stored."""

    __tablename__ = "tokens"

    token = ""  # the text of a new one; no column

    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(deferred_fk("users.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship(back_populates="tokens")

    __table_args__ = (Index(None, "user_id", "created_at", "id"),)

    @classmethod
    def issue(cls, user: User, seconds: int) -> "Token":
        """Make a token that is valid for so long; its text is known to this object only."""
        text = secrets.token_urlsafe(32)
        moment = now()
        token = cls(
            user_id=user.id,
            digest=cls.digest_of(text),
            created_at=moment,
            expires_at=moment + timedelta(seconds=seconds),
        )
        token.token = text
        return token

    @staticmethod
    def digest_of(token: str) -> str:
        """Derive what is stored of a token (a header's text is Latin-1)."""
        return sha256(token.encode("latin-1")).hexdigest()

    @classmethod
    def is_valid(cls) -> ColumnElement[bool]:
        """Select the tokens that haven't expired."""
        return cls.expires_at > now()
