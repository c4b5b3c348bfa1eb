"""Requests that may be repeated (contract, section "Idempotency")."""

import hashlib
import hmac
from datetime import timedelta
from functools import wraps
from typing import Any, cast

import orjson
from django.conf import settings
from django.db import models
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from drf_api.contract.database import Handler, TimeField, new_id, retry_on_conflict
from drf_api.contract.errors import ProblemError, input_error
from drf_api.contract.rendering import JSONRenderer

LIFETIME = timedelta(hours=24)


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    """The keys that were used."""

    def expired(self) -> "IdempotencyKeyQuerySet":
        """Select those that are older than 24 hours."""
        return self.filter(created_at__lt=timezone.now() - LIFETIME)

    def reserve(self, scope: str, key: str, fingerprint: str) -> "IdempotencyKey":
        """Claim a key, or wait for whoever claims it at the same time; return its record."""
        new = self.model(scope=scope, key=key, fingerprint=fingerprint)
        # Written even where it is known, so that nobody prunes it before it is locked.
        names = ["scope", "key"]
        self.bulk_create([new], update_conflicts=True, update_fields=["key"], unique_fields=names)
        record = self.select_for_update().get(scope=scope, key=key)
        if record.created_at < new.created_at - LIFETIME:
            record.fingerprint, record.status, record.created_at = fingerprint, 0, new.created_at
        return record


class IdempotencyKey(models.Model):
    """A key with the answer that it stands for; status 0 while there is none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scope = models.CharField(max_length=36)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(default=0)
    location = models.CharField(max_length=200, default="")
    body = models.TextField(default="")
    created_at = TimeField(default=timezone.now)

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        db_table = "idempotency_keys"
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="uq_idempotency_keys_scope_key")
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.key}"

    def remember(self, response: Response) -> None:
        """Store what was answered, in the transaction that made it true."""
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        self.body = JSONRenderer().render(response.data).decode()
        self.save()

    def replay(self) -> Response:
        """Answer as before."""
        headers = {"Idempotency-Replayed": "true"}
        if self.location:
            headers["Location"] = self.location
        data = orjson.loads(self.body) if self.body else None
        return Response(data, status=self.status, headers=headers)


def idempotent(handler: Handler) -> Handler:
    """Run a POST handler in one transaction; replay its answer to a repeated request."""

    @retry_on_conflict
    @wraps(handler)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        scope = "anonymous" if request.user is None else str(request.user.pk)
        digest = fingerprint(request)
        record = IdempotencyKey.objects.reserve(scope, key, digest)
        if not hmac.compare_digest(record.fingerprint, digest):
            raise ProblemError(
                "idempotency-key-reused", [input_error("header", "Idempotency-Key", "key_reused")]
            )
        if record.status:
            return record.replay()
        response: Any = handler(view, request, *args, **kwargs)
        record.remember(response)
        return response

    return cast("Handler", run)


def fingerprint(request: Request) -> str:
    """Digest a request; keyed, so that a leaked database can't be searched for passwords."""
    message = f"{request.method}\n{request.path}\n".encode() + request.body
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
