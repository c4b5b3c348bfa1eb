"""What all objects have in common, as they are read and shown (contract, "Strict input")."""

from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Any, cast

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from drf_api.core.fields import StrictMixin
from drf_api.core.problems import DETAILS


class StrictSerializer(StrictMixin, serializers.Serializer[Any]):
    """An object whose properties are all known."""

    unknown = "unknown_property"

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("invalid_type", type="an object")
        errors: dict[str, Any] = {
            name: [ErrorDetail(DETAILS[self.unknown], code=self.unknown)]
            for name in data.keys() - self.fields.keys()
        }
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**errors, **cast("dict[str, Any]", error.detail)}) from error
        if errors:
            raise ValidationError(errors)
        return value


class StrictModelSerializer(StrictSerializer, serializers.ModelSerializer[Any]):
    """The same for a model, whose data rules are the database's to keep."""

    @cached_property
    def plan(self) -> list[tuple[str, Callable[[Any], Any], Callable[[Any], Any]]]:
        """For each property: its name, how it is got, and how it is shown."""
        shown = [field for field in self.fields.values() if not field.write_only]
        return [
            (field.field_name or "", attrgetter(field.source or ""), field.to_representation)
            for field in shown
        ]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Show a row as DRF does, but without finding out anew for each row how to."""
        return {
            name: None if (value := get(instance)) is None else show(value)
            for name, get, show in self.plan
        }


class QuerySerializer(StrictSerializer):
    """The parameters that an operation declares: all of them texts, and optional."""

    unknown = "unknown_parameter"
