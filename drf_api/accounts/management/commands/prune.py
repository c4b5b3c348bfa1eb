"""Delete what is of no use any more."""

from typing import Any

from django.core.management.base import BaseCommand

from drf_api.accounts.models import Token
from drf_api.contract.idempotency import IdempotencyKey


class Command(BaseCommand):
    """Deletes expired tokens, and idempotency keys that no repeat may use any more."""

    help = "Delete expired tokens and idempotency keys older than 24 hours."
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        tokens, _ = Token.objects.expired().delete()
        keys, _ = IdempotencyKey.objects.expired().delete()
        self.stdout.write(f"Deleted {tokens} expired tokens and {keys} idempotency keys.")
