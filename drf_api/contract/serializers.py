"""Serializers of this API's objects (contract, section "Strict input")."""

from collections.abc import MutableMapping
from typing import Any, ClassVar, cast

from django.db.models import Field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.settings import api_settings

from drf_api.contract import strict
from drf_api.contract.errors import MAX_ERRORS, escaped

STRICT_FIELDS: dict[Any, Any] = {
    serializers.BigIntegerField: strict.IntegerField,
    serializers.BooleanField: strict.BooleanField,
    serializers.CharField: strict.CharField,
    serializers.DateTimeField: strict.DateTimeField,
    serializers.DecimalField: strict.DecimalField,
    serializers.IntegerField: strict.IntegerField,
    serializers.UUIDField: strict.UUIDField,
}


class StrictSerializer(serializers.Serializer[Any]):
    """An object whose properties are all known."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            wrong = [ErrorDetail("", code="incorrect_type")]
            raise ValidationError({api_settings.NON_FIELD_ERRORS_KEY: wrong})
        errors: dict[str, Any] = {
            name: [ErrorDetail("", code="unknown_property")]
            for name in sorted(data.keys() - self.fields.keys(), key=escaped)[:MAX_ERRORS]
        }
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            errors |= cast("dict[str, Any]", error.detail)
        if errors:
            raise ValidationError(errors)
        return value


class StrictModelSerializer(StrictSerializer, serializers.ModelSerializer[Any]):
    """Derives its fields from a model: strict ones, which PUT sets back to the model's defaults."""

    serializer_field_mapping: ClassVar[Any] = {
        model_field: STRICT_FIELDS.get(field, field)
        for model_field, field in serializers.ModelSerializer.serializer_field_mapping.items()
    }
    serializer_choice_field = strict.ChoiceField
    serializer_related_field = strict.PrimaryKeyRelatedField

    def build_standard_field(
        self, field_name: str, model_field: "Field[Any, Any]"
    ) -> tuple[type[serializers.Field[Any, Any, Any, Any]], dict[str, Any]]:
        """Give an optional field the model's default; DRF would leave the stored value alone."""
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        if kwargs.get("required") is False:
            del kwargs["required"]
            has_default = model_field.has_default()
            kwargs["default"] = model_field.default if has_default else model_field.get_default()
        return field_class, kwargs

    def include_extra_kwargs(
        self, kwargs: MutableMapping[str, Any], extra_kwargs: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Let a field be required that has a default in the model."""
        if extra_kwargs.get("required"):
            kwargs.pop("default", None)
        return super().include_extra_kwargs(kwargs, extra_kwargs)


class ReplacingListSerializer(serializers.ListSerializer[Any]):
    """A nested array: PATCH replaces it whole, so its entries are complete even there."""

    def run_child_validation(self, data: Any) -> Any:
        if not getattr(self.root, "partial", False):
            return super().run_child_validation(data)
        # DRF asks the outermost serializer whether an update is partial: let it be the entry's.
        child: Any = type(self.child)
        return child(context=self.context).run_validation(data)
