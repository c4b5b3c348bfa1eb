"""Where Django looks for the models of an app."""

from drf_api.contract.idempotency import IdempotencyKey

__all__ = ["IdempotencyKey"]
