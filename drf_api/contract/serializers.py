"""What all objects have in common, as they are read and shown (contract, "Strict input")."""

from collections.abc import Callable
from copy import copy
from functools import cache
from heapq import nsmallest
from operator import attrgetter
from typing import Any, cast

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from drf_api.contract.errors import DETAILS, MAX_ERRORS, escaped
from drf_api.contract.strict import StrictField, StrictMixin


class StrictSerializer(StrictMixin, serializers.Serializer[Any]):
    """An object whose properties are all known."""

    unknown = "unknown_property"
    # By which text errors are sorted; those that no answer would list aren't even made.
    order: Callable[[str], str] = staticmethod(escaped)

    @classmethod
    @cache
    def declared_fields(cls) -> dict[str, Any]:
        """Return the fields that DRF makes of the declarations."""
        return super(StrictSerializer, cls()).get_fields()

    def get_fields(self) -> dict[str, Any]:
        """Copy the fields; to construct each anew, as DRF does, takes six times as long."""
        return {name: copy(field) for name, field in self.declared_fields().items()}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("invalid_type", type="an object")
        errors: dict[str, Any] = {
            name: [ErrorDetail(DETAILS[self.unknown], code=self.unknown)]
            for name in nsmallest(
                MAX_ERRORS, data.keys() - self.declared_fields().keys(), key=self.order
            )
        }
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            # A new exception would copy all that this one holds, at each level of a body anew.
            error.detail = {**errors, **cast("dict[str, Any]", error.detail)}
            raise
        if errors:
            raise ValidationError(errors)
        return value


class RowSerializer(StrictSerializer):
    """The same, shown of an object or a row."""

    @classmethod
    @cache
    def plan(cls) -> list[tuple[str, Callable[[Any], Any], Callable[[Any], Any] | None]]:
        """For each property: its name, how it is got, and how it is shown if not as it is."""
        return [
            (str(field.field_name), attrgetter(str(field.source)), shown_by(field))
            for field in cls().fields.values()
            if not field.write_only
        ]

    @classmethod
    @cache
    def columns(cls) -> list[str]:
        """Name what an object or a row must have."""
        shown = [str(field.source) for field in cls().fields.values() if not field.write_only]
        return list(dict.fromkeys(shown))

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Show a row as DRF does, but without finding out anew for each row how to."""
        return {
            name: value if (value := get(instance)) is None or show is None else show(value)
            for name, get, show in self.plan()
        }


class StrictModelSerializer(RowSerializer, serializers.ModelSerializer[Any]):
    """The same for a model, whose data rules are the database's to keep."""

    def get_validators(self) -> list[Any]:
        return []


def shown_by(field: serializers.Field[Any, Any, Any, Any]) -> Callable[[Any], Any] | None:
    """Return what shows a field's values, unless it shows them as they are."""
    is_as_it_is = type(field).to_representation is StrictField.to_representation
    return None if is_as_it_is else field.to_representation
