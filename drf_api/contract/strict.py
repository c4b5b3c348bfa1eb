"""DRF's fields, strict where they would coerce (contract, section "Strict input")."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

from drf_api.contract.openapi import CALENDAR, FORMATS


def require_type(data: Any, *types: type) -> None:
    """Refuse a value of another JSON type, where DRF's own field would convert it."""
    if type(data) not in types:
        raise ValidationError(code="incorrect_type")


def not_blank(value: str) -> None:
    """Validate that a text has a character other than white space."""
    if not value.strip():  # Python's white space is the contract's
        raise ValidationError(code="blank")


def time_text(value: datetime) -> str:
    """Write a moment as responses show it: in UTC with six fractional digits."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class CharField(serializers.CharField):
    """Text, stored as it was sent."""

    def __init__(self, **kwargs: Any) -> None:
        min_length = 0 if kwargs.get("allow_blank") else 1
        super().__init__(**{"trim_whitespace": False, "min_length": min_length, **kwargs})

    def run_validation(self, data: Any = empty) -> Any:
        # DRF's own CharField judges "" before its type and by no validator.
        return serializers.Field.run_validation(self, data)

    def to_internal_value(self, data: Any) -> str:
        require_type(data, str)
        return super().to_internal_value(data)


class BooleanField(serializers.BooleanField):
    """Either `true` or `false`, and nothing like them."""

    def to_internal_value(self, data: Any) -> bool:
        require_type(data, bool)
        return bool(data)


class IntegerField(serializers.IntegerField):
    """A number without a fraction; JSON has one kind of number, so 3.0 is the integer 3."""

    def to_internal_value(self, data: Any) -> int:
        require_type(data, int, float)
        if data % 1:
            raise ValidationError(code="incorrect_type")
        return int(data)


class DecimalField(serializers.DecimalField):
    """Money: a text with all of its decimal places."""

    default_error_messages = {"invalid": FORMATS["price"]}

    def to_internal_value(self, data: Any) -> Decimal:
        require_type(data, str)
        digits = (self.max_digits or 0) - (self.decimal_places or 0) - 1
        if not re.fullmatch(rf"(0|[1-9][0-9]{{0,{digits}}})\.[0-9]{{{self.decimal_places}}}", data):
            self.fail("invalid")
        return super().to_internal_value(data)


class UUIDField(serializers.UUIDField):
    """A UUID in canonical lower-case form."""

    pattern = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
    default_error_messages = {"invalid": FORMATS["uuid"]}

    def to_internal_value(self, data: Any) -> Any:
        require_type(data, str)
        if not self.pattern.fullmatch(data):
            self.fail("invalid")
        return super().to_internal_value(data)


class DateTimeField(serializers.DateTimeField):
    """A moment: RFC 3339 with an offset."""

    pattern = re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
        r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
    )
    default_error_messages = {"invalid": FORMATS["date-time"], "overflow": CALENDAR}

    def to_internal_value(self, data: Any) -> datetime:
        require_type(data, str)
        if not self.pattern.fullmatch(data):
            self.fail("invalid")
        return super().to_internal_value(data)

    def to_representation(self, value: datetime) -> str:
        return time_text(value)


class ChoiceField(serializers.ChoiceField):
    """One of a few texts: the labels of the choices, whose stored values may be others."""

    def to_internal_value(self, data: Any) -> Any:
        require_type(data, str)
        for value, label in self.choices.items():
            if label == data:
                return value
        return self.fail("invalid_choice", input=data)

    def to_representation(self, value: Any) -> Any:
        return self.choices.get(value, value)


class PrimaryKeyRelatedField(serializers.PrimaryKeyRelatedField[Any]):
    """The id of an object that exists."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        queryset: Any = self.queryset  # type: ignore[arg-type] # taken for a model's manager
        if self.pk_field is None and queryset is not None:
            key = queryset.model._meta.pk  # noqa: SLF001 - Django's API
            self.pk_field = UUIDField() if isinstance(key, models.UUIDField) else None

    def run_validation(self, data: Any = empty) -> Any:
        # DRF's own takes "" for null.
        return serializers.Field.run_validation(self, data)


class ListField(serializers.ListField):
    """An array, whose entries are looked at only if there are neither too many nor too few."""

    def to_internal_value(self, data: Any) -> list[Any]:
        # DRF counts the entries once all of them are right.
        if isinstance(data, list):
            if self.max_length is not None and len(data) > self.max_length:
                raise ValidationError(code="max_length")
            if self.min_length is not None and len(data) < self.min_length:
                raise ValidationError(code="min_length")
        return super().to_internal_value(data)


SLUG = RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", FORMATS["slug"])
