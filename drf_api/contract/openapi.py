"""openapi.yaml, where each problem and code is said: the twin reads them there and repeats none."""

from typing import Any, NamedTuple

import yaml
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class ProblemType(NamedTuple):
    """What all problems of one name have in common: an entry of `x-problems`."""

    status: int
    title: str
    detail: str
    text: str


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, in a tenth of the time

try:
    CONTRACT = settings.OPENAPI_FILE.read_bytes()
    DOCUMENT: dict[str, Any] = yaml.load(CONTRACT, LOADER)  # noqa: S506 – both loaders are safe
    PROBLEMS = {name: ProblemType(**row) for name, row in DOCUMENT["x-problems"].items()}
    CODES: dict[str, Any] = DOCUMENT["x-error-codes"]
    FORMATS: dict[str, str] = CODES["invalid_format"]
    CALENDAR: str = CODES["out_of_range"]["date-time"]
    NUMBER_RANGE: str = CODES["out_of_range"]["number"]
    DEMO_DATA: dict[str, Any] = DOCUMENT["x-demo-data"]
except (AttributeError, KeyError, OSError, TypeError, ValueError, yaml.YAMLError):
    raise ImproperlyConfigured(
        f"OPENAPI_FILE must name this API's contract; {str(settings.OPENAPI_FILE)!r} is not"
    ) from None
