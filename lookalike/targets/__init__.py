"""Servers under test, over the network or inside this process."""

from lookalike.targets.asgi import AsgiTarget
from lookalike.targets.base import IMPORT_PATH, AddressError, Application, Target, Wrapper
from lookalike.targets.environment import environment_proxies, is_loopback, tls_context
from lookalike.targets.network import HttpTarget
from lookalike.targets.wsgi import WsgiTarget

__all__ = [
    "IMPORT_PATH",
    "AddressError",
    "Application",
    "AsgiTarget",
    "HttpTarget",
    "Target",
    "Wrapper",
    "WsgiTarget",
    "environment_proxies",
    "is_loopback",
    "tls_context",
]
