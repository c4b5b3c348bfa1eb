"""How a serializer's instances are shown, worked out once for each serializer.

DRF asks each field of each instance anew. What a field of DRF's own does is known beforehand; one
that overrides `get_attribute` or `to_representation` is asked as DRF asks it.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter, getitem
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.db.models.manager import BaseManager
from rest_framework import serializers
from rest_framework.fields import Field, SkipField
from rest_framework.relations import PKOnlyObject, RelatedField

from drf_api.tuned.replacement import Replacement

Show = Callable[[Any], Any] | None  # `None` shows a value as it is
Serializer = serializers.Serializer
KeyField, MethodField = serializers.PrimaryKeyRelatedField, serializers.SerializerMethodField

# What a key may be; anything else DRF looks at more closely.
KEYS = {UUID, int, str, type(None)}


class Step(NamedTuple):
    """How one field is shown."""

    name: str
    field: Any
    show: Show
    source: str | None = None  # the attribute or key
    key: str | None = None  # a relation of which only the key is shown
    method: str | None = None  # of the serializer


class Plan(NamedTuple):
    """How all fields are shown, and the fields that it was made for."""

    steps: list[Step]
    fields: list[Any]


def boolean(field: Any) -> Show:
    """Show a boolean as it is; DRF also looks for other ways to write one."""
    show = field.to_representation
    return lambda value: value if type(value) is bool else show(value)


# By DRF's method: what does the same more quickly.
SHOWN: dict[Any, Callable[[Any], Show]] = {
    serializers.ReadOnlyField.to_representation: lambda _: None,
    serializers.CharField.to_representation: lambda _: str,
    serializers.IntegerField.to_representation: lambda _: int,
    serializers.FloatField.to_representation: lambda _: float,
    serializers.BooleanField.to_representation: boolean,
    serializers.SlugRelatedField.to_representation: lambda field: attrgetter(
        field.slug_field.replace("__", ".")
    ),
}


def show_of(field: Any) -> Show:
    """Return how a field shows a value."""
    method = type(field).to_representation
    if "to_representation" not in vars(field) and method in SHOWN:
        return SHOWN[method](field)
    show: Show = field.to_representation
    return show


def step_for(field: Any) -> Step:
    """Return how a field is shown."""
    kind, path = type(field), field.source_attrs
    if kind is MethodField:
        return Step(field.field_name, field, None, method=field.method_name)
    step = Step(field.field_name, field, show_of(field))
    if "get_attribute" not in vars(field) and len(path) == 1:
        if kind.get_attribute is Field.get_attribute:
            return step._replace(source=path[0])
        if (
            kind.get_attribute is RelatedField.get_attribute
            and kind.use_pk_only_optimization is KeyField.use_pk_only_optimization
            and kind.to_representation is KeyField.to_representation
        ):
            return step._replace(
                key=path[0], show=show_of(field.pk_field) if field.pk_field else None
            )
    return step


def plan_of(serializer: Any) -> Plan:
    """Return how a serializer shows instances; its fields may change from one to the next."""
    fields = [*serializer._readable_fields]
    plan: Plan | None = vars(serializer).get("_plan")
    if plan is None or plan.fields != fields:
        plan = vars(serializer)["_plan"] = Plan([step_for(each) for each in fields], fields)
    return plan


def to_representation(self: Any, instance: Any) -> Any:
    """Show an instance as DRF does."""
    take: Any = getitem if isinstance(instance, Mapping) else getattr
    result: dict[str, Any] = {}
    for name, field, show, source, key, method in plan_of(self).steps:
        if method is not None:
            result[name] = getattr(self, method)(instance)
            continue
        try:
            if source is not None:
                value = take(instance, source)
                is_known = not callable(value) or isinstance(value, BaseManager)
            else:
                is_known = key is not None and isinstance(instance, Model)
                if is_known:
                    value = instance.serializable_value(key)
                    is_known = type(value) in KEYS
        except (ObjectDoesNotExist, AttributeError, KeyError):
            is_known = False
        if not is_known:
            try:
                value = field.get_attribute(instance)
            except SkipField:
                continue
            if isinstance(value, PKOnlyObject):
                value = value.pk
        result[name] = value if value is None or show is None else show(value)
    return result


REPLACED = [Replacement(Serializer, "to_representation", to_representation)]
