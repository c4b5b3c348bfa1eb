"""Where Django looks for the models of an app."""

from drf_api.core.idempotency import IdempotencyKey

__all__ = ["IdempotencyKey"]
