"""How a serializer's instances are shown, worked out once from its fields.

DRF asks each field of each instance anew. What a field of DRF's own does is known beforehand; one
that overrides `get_attribute` or `to_representation` is asked as DRF asks it.
"""

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter, getitem
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Model
from django.db.models.manager import BaseManager
from rest_framework import serializers
from rest_framework.fields import Field, SkipField
from rest_framework.relations import ManyRelatedField, PKOnlyObject, RelatedField

from drf_api.tuned.fields import (
    blueprints,
    build_declared,
    build_of_model,
    get_fields,
    get_fields_of_model,
)
from drf_api.tuned.prefetching import Unbuilt
from drf_api.tuned.replacement import Replacement

Show = Callable[[Any], Any] | None  # `None` shows a value as it is
Serializer, ListSerializer = serializers.Serializer, serializers.ListSerializer
KeyField, MethodField = serializers.PrimaryKeyRelatedField, serializers.SerializerMethodField

# What a key may be; anything else DRF looks at more closely.
KEYS = {UUID, int, str, type(None)}


class Step(NamedTuple):
    """How one field is shown."""

    name: str
    field: Any
    show: Show
    source: str | None = None  # the attribute or key; `None`: the field gets the value itself
    relation: str | None = None  # whose objects may have been prefetched
    key: str | None = None  # a relation of which only the key is shown
    method: str | None = None  # of the serializer


class Plan(NamedTuple):
    """How all fields are shown, and the fields that it was made for."""

    steps: list[Step]
    fields: list[Any] | None  # `None`: those of any serializer whose fields are as declared


def as_field(field: Any) -> Show:
    """Show what the field shows."""
    show: Show = field.to_representation
    return show


def boolean(field: Any) -> Show:
    """Show a boolean as it is; DRF also looks for other ways to write one."""
    show = field.to_representation
    return lambda value: value if type(value) is bool else show(value)


# By DRF's method: what does the same, and needs neither the serializer nor its context.
SHOWN: dict[Any, Callable[[Any], Show]] = {
    serializers.ReadOnlyField.to_representation: lambda _: None,
    serializers.CharField.to_representation: lambda _: str,
    serializers.IntegerField.to_representation: lambda _: int,
    serializers.FloatField.to_representation: lambda _: float,
    serializers.BooleanField.to_representation: boolean,
    serializers.SlugRelatedField.to_representation: lambda field: attrgetter(
        field.slug_field.replace("__", ".")
    ),
    serializers.UUIDField.to_representation: as_field,
    serializers.DecimalField.to_representation: as_field,
    serializers.DateTimeField.to_representation: as_field,
    serializers.DateField.to_representation: as_field,
    serializers.TimeField.to_representation: as_field,
    serializers.DurationField.to_representation: as_field,
    serializers.ChoiceField.to_representation: as_field,
    serializers.MultipleChoiceField.to_representation: as_field,
    serializers.JSONField.to_representation: as_field,
}


def show_of(field: Any) -> tuple[Show, bool]:
    """Return how a field shows a value, and whether all serializers of the class may share it."""
    method = type(field).to_representation
    if "to_representation" in vars(field):
        return field.to_representation, False
    if method in SHOWN:
        return SHOWN[method](field), True
    if method is ManyRelatedField.to_representation:
        show, is_shared = show_of(field.child_relation)
        return (lambda rows: [*map(show, rows)]) if show else list, is_shared
    child = field.child if method is ListSerializer.to_representation else field
    is_nested = type(child).to_representation in {to_representation, represent_as_drf}
    return field.to_representation, is_nested and plan_of_class(child) is not None


def step_for(field: Any) -> tuple[Step, bool]:
    """Return how a field is shown, and whether all serializers of the class may share it."""
    kind, path = type(field), field.source_attrs
    if kind is MethodField:
        return Step(field.field_name, field, None, method=field.method_name), True
    show, is_shared = show_of(field)
    step = Step(field.field_name, field, show)
    if "get_attribute" in vars(field) or len(path) != 1:
        return step, False
    if kind.get_attribute is Field.get_attribute:
        is_list = kind.to_representation is ListSerializer.to_representation
        return step._replace(source=path[0], relation=path[0] if is_list else None), is_shared
    if kind.get_attribute is ManyRelatedField.get_attribute:
        return step._replace(relation=path[0]), is_shared
    if (
        kind.get_attribute is RelatedField.get_attribute
        and kind.use_pk_only_optimization is KeyField.use_pk_only_optimization
        and kind.to_representation is KeyField.to_representation
    ):
        show, is_shared = show_of(field.pk_field) if field.pk_field else (None, True)
        return step._replace(key=path[0], show=show), is_shared
    return step, False


def plan_of(serializer: Any) -> Plan | None:
    """Return how a serializer shows instances; nothing if it has its own way to choose fields."""
    plan: Plan | None = vars(serializer).get("_plan")
    own = vars(serializer).get("fields")
    if plan and (own is plan.fields if own is None else [*own.fields.values()] == plan.fields):
        return plan
    plan, serializer_class = plan_of_class(serializer), cast("Any", type(serializer))
    if plan is None and chooses_as_drf(serializer_class):
        fields = [*serializer.fields.values()]
        plan = Plan([step_for(each)[0] for each in fields if not each.write_only], fields)
    serializer._plan = plan
    return plan


@cache
def chooses_as_drf(serializer_class: Any) -> bool:
    """Tell whether what is shown are the fields."""
    return all(
        getattr(serializer_class, name) is getattr(Serializer, name)
        for name in ("fields", "_readable_fields")
    )


def plan_of_class(serializer: Any) -> Plan | None:
    """Return the plan that all serializers of a class share whose fields are as declared."""
    serializer_class: Any = type(serializer)
    build = BUILT_BY.get(serializer_class.get_fields)
    if (
        build is None
        or "fields" in vars(serializer)
        or not chooses_as_drf(serializer_class)
        or serializer_class.__init__ is not serializers.BaseSerializer.__init__
        or (found := blueprints(serializer, build)) is None
    ):
        return None
    if found.plan is None:
        fields = serializer_class().fields.values()
        steps = [step_for(each) for each in fields if not each.write_only]
        found.plan = all(is_shared for _, is_shared in steps) and Plan(
            [step for step, _ in steps], None
        )
    return found.plan or None


@cache
def column(model: type[Model], name: str) -> str:
    """Return the attribute that has a relation's key, as `Model.serializable_value` finds it."""
    try:
        attribute: str = model._meta.get_field(name).attname  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name
    return attribute


is_mapping = cache(lambda instance_class: issubclass(instance_class, Mapping))
represent_as_drf = Serializer.to_representation
BUILT_BY = {get_fields: build_declared, get_fields_of_model: build_of_model}


def to_representation(self: Any, instance: Any) -> dict[str, Any]:
    """Show an instance as DRF does."""
    plan = plan_of(self)
    instance_class: Any = type(instance)
    is_dict = instance_class is dict
    if plan is None or (not is_dict and is_mapping(instance_class)):
        return represent_as_drf(self, instance)
    take: Any = getitem if is_dict else getattr
    prefetched = {} if is_dict else getattr(instance, "_prefetched_objects_cache", {})
    result: dict[str, Any] = {}
    for name, field, show, source, relation, key, method in plan.steps:
        if method is not None:
            result[name] = getattr(self, method)(instance)
            continue
        if relation is not None and isinstance(value := prefetched.get(relation), Unbuilt):
            result[name] = show(value) if show else value
            continue
        try:
            if source is not None:
                value = take(instance, source)
                is_known = not callable(value) or isinstance(value, BaseManager)
            else:
                is_known = key is not None and isinstance(instance, Model)
                if is_known:
                    value = getattr(instance, column(instance_class, key))
                    is_known = type(value) in KEYS
        except (ObjectDoesNotExist, AttributeError, KeyError):
            is_known = False
        if is_known:
            result[name] = value if value is None or show is None else show(value)
        else:
            try:
                result[name] = shown_by(field, instance)
            except SkipField:
                continue
    return result


def shown_by(field: Any, instance: Any) -> Any:
    """Ask a field for what it shows; it may raise `SkipField`."""
    value = field.get_attribute(instance)
    is_none = value is None or (isinstance(value, PKOnlyObject) and value.pk is None)
    return None if is_none else field.to_representation(value)


REPLACED = [Replacement(Serializer, "to_representation", to_representation)]
