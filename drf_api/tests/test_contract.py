"""The tables in the code say what openapi.yaml says."""

from typing import Any

import pytest
import yaml
from django.conf import settings

from drf_api.core.problems import CALENDAR, DETAILS, FORMATS, PROBLEMS
from drf_api.products.models import CURRENCIES, REASONS
from drf_api.todos.models import PRIORITIES


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(settings.OPENAPI_FILE.read_bytes(), loader)  # noqa: S506 – our own file
    return document


def test_problems(contract: dict[str, Any]) -> None:
    assert {name: kind._asdict() for name, kind in PROBLEMS.items()} == contract["x-problems"]
    assert list(PROBLEMS) == list(contract["x-problems"])


def test_codes(contract: dict[str, Any]) -> None:
    codes = contract["x-error-codes"]
    assert list(DETAILS) == list(codes)
    assert codes["invalid_format"] == FORMATS
    assert codes["out_of_range"]["date-time"] == CALENDAR
    for code, detail in DETAILS.items():
        if "{" not in detail:
            assert codes[code] == detail


def test_choices(contract: dict[str, Any]) -> None:
    schemas = contract["components"]["schemas"]
    assert schemas["Currency"]["enum"] == CURRENCIES
    assert schemas["Reason"]["enum"] == REASONS
    assert schemas["Priority"]["enum"] == PRIORITIES
