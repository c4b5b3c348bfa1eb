"""Users and the tokens that their logins result in."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from drf_api.contract.database import TimeField, new_id
from drf_api.contract.idempotency import IdempotencyKey
from drf_api.contract.openapi import FORMATS

USE_INTERVAL = timedelta(seconds=60)

USERNAME = RegexValidator(r"\A[a-z0-9_]+\Z", FORMATS["username"])
LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = RegexValidator(
    rf"\A[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@({LABEL}\.)+{LABEL}\Z", FORMATS["email"]
)

# The stored form of a password that nobody knows, to be verified where there is no user.
DUMMY_HASH = (
    "argon2$argon2id$v=19$m=19456,t=2,p=1$"
    "d3Jhb1puWVdLVXFqclBhMmNjS1hOMw$9rfBUccr0d4FHTBiNYOg0XNb5BSJg50q41aLFmMMTUc"
)


class UserManager(BaseUserManager["User"]):
    """Users, also by their credentials."""

    def create_user(self, username: str, email: str, password: str, **fields: Any) -> "User":
        """Create a user who logs in with this password."""
        encoded = make_password(password)
        return self.create(username=username, email=email, password=encoded, **fields)

    def get_by_credentials(self, username: str, password: str) -> "User | None":
        """Return the active user with these credentials, after the same time in any case."""
        user = self.filter(username=username).first()
        is_right = check_password(password, user.password if user else DUMMY_HASH)
        return user if user and user.is_active and is_right else None


class User(AbstractBaseUser):
    """Somebody who can log in; staff may change the catalogue and its stock."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=30, validators=[MinLengthValidator(3), USERNAME])
    email = models.CharField(max_length=254, validators=[EMAIL])
    password = models.CharField(max_length=128)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = TimeField(default=timezone.now)

    last_login = None  # Django's, which the contract has no use for

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    objects = UserManager()

    class Meta:
        db_table = "users"
        constraints = [
            models.UniqueConstraint(fields=["username"], name="uq_users_username"),
            models.UniqueConstraint(Lower("email"), name="uq_users_email"),
        ]

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the user with all that is the user's own."""
        # Wait for whoever is writing one of the todos, before a part of it is deleted.
        list(self.todos.select_for_update().order_by("pk").values_list("pk"))
        IdempotencyKey.objects.filter(scope=str(self.pk)).delete()
        return super().delete(*args, **kwargs)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Let staff do everything on the admin site, where that is enabled."""
        return self.is_staff

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        """Tell whether the user may do each; DRF's permission classes for models ask this."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Let staff see every app on the admin site."""
        return self.is_staff

    def check_password(self, raw_password: str | None) -> bool:
        """Verify a password, without Django's silent rehash, which would end sessions."""
        return check_password(raw_password, self.password)

    def change_password(self, password: str, keep: "Token | None" = None) -> bool:
        """Store a new password and revoke other tokens, unless it has been changed meanwhile."""
        encoded = make_password(password)
        with transaction.atomic():
            row = User.objects.filter(pk=self.pk, password=self.password)
            if not row.update(password=encoded):
                return False
            (self.tokens.exclude(pk=keep.pk) if keep else self.tokens.all()).delete()
        self.password = encoded
        return True


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens; a secret itself is never stored."""

    def valid(self) -> "TokenQuerySet":
        """Select those that have not expired, of users who are active."""
        return self.filter(expires_at__gt=timezone.now(), user__is_active=True)

    def expired(self) -> "TokenQuerySet":
        """Select those that are of no use any more."""
        return self.filter(expires_at__lte=timezone.now())

    def issue(self, user: User) -> "Token":
        """Make a token; its `secret` is known this once.

        Raise `User.DoesNotExist` if the user has gone, or has another password than `user` has: a
        change of the password, which revokes tokens, comes before or after, never in between.
        """
        secret = secrets.token_urlsafe(32)
        now = timezone.now()
        expires_at = now + timedelta(seconds=settings.TOKEN_TTL)
        with transaction.atomic():
            unchanged = User.objects.filter(password=user.password, is_active=True)
            unchanged.select_for_update().get(pk=user.pk)
            token = self.create(
                user=user, digest=digest(secret), created_at=now, expires_at=expires_at
            )
        token.secret = secret
        return token


def digest(secret: str) -> str:
    """Return what is stored in place of a token's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Token(models.Model):
    """A login that has not been ended."""

    secret: str  # of a new token only

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens", db_index=False)
    digest = models.CharField(max_length=64)
    created_at = TimeField()
    last_used_at = TimeField(null=True)
    expires_at = TimeField()

    objects = TokenQuerySet.as_manager()

    class Meta:
        db_table = "tokens"
        constraints = [models.UniqueConstraint(fields=["digest"], name="uq_tokens_digest")]
        indexes = [
            models.Index(
                fields=["user", "created_at", "id"], name="ix_tokens_user_id_created_at_id"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def touch(self) -> None:
        """Renew `last_used_at`, to within a minute."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at < now - USE_INTERVAL:
            self.last_used_at = now
            Token.objects.filter(pk=self.pk).update(last_used_at=now)
