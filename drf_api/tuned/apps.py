"""Speed: ways of Django and DRF replaced by quicker ones that give the same, or give way.

Deleting this folder and the line of the settings that names it leaves a program that does the same,
more slowly. All that is private in Django or DRF and used here is named in
`tests/test_libraries.py`, which fails when it changes.
"""

import logging

import django
import rest_framework
from django.apps import AppConfig
from django.db import connections

from drf_api.tuned.replacement import Replacement

KNOWN = (5, 2), "3.18"

logger = logging.getLogger(__name__)


class TunedConfig(AppConfig):
    """Replaces them, once the models are there."""

    name = "drf_api.tuned"

    def ready(self) -> None:
        versions = django.VERSION[:2], rest_framework.VERSION.rpartition(".")[0]
        if versions != KNOWN:
            logger.warning(
                "TUNED changes nothing: it knows Django and DRF %s, not %s", KNOWN, versions
            )
            return
        for replacement in replacements():
            replacement.install()


def replacements() -> list[Replacement]:
    """List them; what they import reads the settings, so it's done here."""
    from drf_api.tuned import fields, prefetching, queries, representations  # noqa: PLC0415

    modules = [queries, prefetching, fields, representations]
    if any(each.vendor == "postgresql" for each in connections.all()):
        from drf_api.tuned import connections as postgresql  # noqa: PLC0415 - slow to import

        modules.append(postgresql)
    return [each for module in modules for each in module.REPLACED]
