"""Who is logged in on the pages: one row for each login, which ends when the row goes."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from flask_api.accounts.models import User
from flask_api.contract.database import Model, PrimaryKey, db, now

LIFETIME = timedelta(weeks=2)


class LoginSession(UserMixin, Model):
    """A login, in the place of Flask-Login's user: its id is a secret that the cookie holds.

    The database removes it with the user, as the other program on it may delete users, too.
    """

    __tablename__ = "login_sessions"

    secret = ""  # known while a request with it is answered; no column

    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    password_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship()

    def get_id(self) -> str:
        return self.secret

    @classmethod
    def start(cls, user: User) -> Self:
        """Make a login of a user; their expired ones go."""
        moment = now()
        db.session.execute(delete(cls).where(cls.user_id == user.id, cls.expires_at <= moment))
        secret = secrets.token_urlsafe(32)
        login = cls(
            user=user,
            digest=digest_of(secret),
            password_digest=digest_of(user.password),
            created_at=moment,
            expires_at=moment + LIFETIME,
        )
        login.secret = secret
        db.session.add(login)
        return login

    @classmethod
    def find(cls, secret: str) -> Self | None:
        """Find a login that has neither ended nor expired, of an active user."""
        login: Self | None = db.session.scalar(
            select(cls)
            .join(cls.user)
            .options(contains_eager(cls.user))
            .where(cls.digest == digest_of(secret), cls.expires_at > now(), User.is_active)
        )
        # Whoever has changed the password, here, by the API or by a command, has ended it.
        if login is None or login.password_digest != digest_of(login.user.password):
            return None
        # Without a session both stay as they are now; a rollback would have them read again.
        for found in (login, login.user):
            db.session.expunge(found)
        login.secret = secret
        return login


def digest_of(secret: str) -> str:
    """Derive what is stored of a secret."""
    return sha256(secret.encode()).hexdigest()
