"""How a serializer's instances are shown, worked out once from its fields.

DRF asks each field of each instance anew. What a field of DRF's own does is known beforehand; one
that overrides `get_attribute` is asked as DRF asks it. A field that overrides `to_representation`
is shared by all serializers of the class, until it asks for the one that it is in.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
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
    AskedError,
    blueprints,
    build_declared,
    build_of_model,
    get_fields,
    get_fields_of_model,
)
from drf_api.tuned.prefetching import Unbuilt
from drf_api.tuned.replacement import MOST, Replacement

Show = Callable[[Any], Any] | None  # `None` shows a value as it is
Serializer, ListSerializer = serializers.Serializer, serializers.ListSerializer
KeyField, MethodField = serializers.PrimaryKeyRelatedField, serializers.SerializerMethodField

# What a key may be; anything else DRF looks at more closely.
KEYS = {UUID, int, str, type(None)}
# Lists and dictionaries of a field that DRF fills, and nobody to show something.
KNOWN_STATE = {"__dict__", "_choices", "choice_strings_to_values", "choices", "source_attrs"}


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


def boolean(field: Any) -> Show:
    """Show a boolean as it is; DRF also looks for other ways to write one."""
    show = field.to_representation
    return lambda value: value if type(value) is bool else show(value)


def as_field(field: Any) -> Show:
    """Show what the field shows, which depends on nothing but the field."""
    show: Show = field.to_representation
    return show


# By DRF's method: what does the same, in most cases more quickly.
SHOWN: dict[Any, Callable[[Any], Show]] = {
    serializers.ReadOnlyField.to_representation: lambda _: None,
    serializers.CharField.to_representation: lambda _: str,
    serializers.IntegerField.to_representation: lambda _: int,
    serializers.FloatField.to_representation: lambda _: float,
    serializers.BooleanField.to_representation: boolean,
    serializers.UUIDField.to_representation: as_field,
    serializers.DecimalField.to_representation: as_field,
    serializers.DateTimeField.to_representation: as_field,
    serializers.ChoiceField.to_representation: as_field,
    serializers.SlugRelatedField.to_representation: lambda field: attrgetter(
        field.slug_field.replace("__", ".")
    ),
}


def watched(field: Any) -> Any:
    """Copy a field that all serializers of a class share: it can't tell them apart or remember."""

    def __getattribute__(self: Any, name: str) -> Any:  # noqa: N807 - a method
        value = object.__getattribute__(self, name)
        is_state = type(value) in (list, dict, set) and name not in KNOWN_STATE
        if name in {"parent", "root", "context"} or is_state:
            raise AskedError(name)
        return value

    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: ARG001, N807 - a method
        raise AskedError(name)

    kind = type(field)
    methods = {"__getattribute__": __getattribute__, "__setattr__": __setattr__}
    copy: Any = object.__new__(type(kind.__name__, (kind,), methods))
    state = object.__getattribute__(copy, "__dict__")
    for name, value in vars(field).items():
        is_child = isinstance(value, Field) and name != "parent"
        state[name] = watched(value) if is_child else value
    return copy


def show_of(field: Any, *, is_shared: bool) -> Show:
    """Return how a field shows a value."""
    method = type(field).to_representation
    if "to_representation" not in vars(field) and method in SHOWN:
        return SHOWN[method](field)
    child = field.child if method is ListSerializer.to_representation else field
    if is_shared and isinstance(child, serializers.BaseSerializer):
        plan = plan_of_class(child)
        if (
            plan is None
            or type(child).to_representation is not to_representation
            or any(step.method for step in plan.steps)
        ):
            raise AskedError(field.field_name)
        one = partial(represent, plan.steps, None)
        return one if child is field else partial(represent_all, one)
    return as_field(watched(field) if is_shared else field)


def represent_all(one: Callable[[Any], Any], rows: Any) -> list[Any]:
    """Show related objects as a `ListSerializer` does."""
    return [one(row) for row in (rows.all() if isinstance(rows, BaseManager) else rows)]


def step_for(field: Any, *, is_shared: bool) -> Step:
    """Return how a field is shown."""
    kind, path = type(field), field.source_attrs
    if kind is MethodField:
        return Step(field.field_name, field, None, method=field.method_name)
    show = show_of(field, is_shared=is_shared)
    step = Step(field.field_name, watched(field) if is_shared else field, show)
    if "get_attribute" not in vars(field) and len(path) == 1:
        if kind.get_attribute is Field.get_attribute:
            is_list = kind.to_representation is ListSerializer.to_representation
            return step._replace(source=path[0], relation=path[0] if is_list else None)
        if kind.get_attribute is ManyRelatedField.get_attribute:
            return step._replace(relation=path[0])
        if (
            kind.get_attribute is RelatedField.get_attribute
            and kind.use_pk_only_optimization is KeyField.use_pk_only_optimization
            and kind.to_representation is KeyField.to_representation
        ):
            show = show_of(field.pk_field, is_shared=is_shared) if field.pk_field else None
            return step._replace(key=path[0], show=show)
    return step


def plan_of(serializer: Any) -> Plan | None:
    """Return how a serializer shows instances; nothing if it has its own way to choose fields."""
    plan: Plan | None = vars(serializer).get("_plan")
    own = vars(serializer).get("fields")
    if plan and (own is plan.fields if own is None else [*own.fields.values()] == plan.fields):
        return plan
    plan, serializer_class = plan_of_class(serializer), cast("Any", type(serializer))
    if plan is None and chooses_as_drf(serializer_class):
        fields = [*serializer.fields.values()]
        steps = [step_for(each, is_shared=False) for each in fields if not each.write_only]
        plan = Plan(steps, fields)
    serializer._plan = plan
    return plan


@lru_cache(MOST)
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
        try:
            fields = serializer_class().fields.values()
            shown = [each for each in fields if not each.write_only]
            found.plan = Plan([step_for(each, is_shared=True) for each in shown], None)
        except AskedError:
            found.plan = False
    return found.plan or None


@lru_cache(MOST)
def column(model: type[Model], name: str) -> str:
    """Return the attribute that has a relation's key, as `Model.serializable_value` finds it."""
    try:
        attribute: str = model._meta.get_field(name).attname  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name
    return attribute


is_mapping = lru_cache(MOST)(lambda instance_class: issubclass(instance_class, Mapping))
represent_as_drf = Serializer.to_representation
BUILT_BY = {get_fields: build_declared, get_fields_of_model: build_of_model}


def to_representation(self: Any, instance: Any) -> Any:
    """Show an instance as DRF does."""
    plan = plan_of(self)
    if plan is None:
        return represent_as_drf(self, instance)
    try:
        return represent(plan.steps, self, instance)
    except AskedError:  # not by a plan that was made for this serializer
        found = blueprints(self, BUILT_BY[type(self).get_fields])
        found.plan = False  # type: ignore[union-attr] # it has just made the plan
        del self._plan
        return to_representation(self, instance)


def represent(steps: list[Step], serializer: Any, instance: Any) -> Any:
    """Show an instance; `serializer` is `None` within a plan that many share."""
    instance_class: Any = type(instance)
    has_items = is_mapping(instance_class)
    take: Any = getitem if has_items else getattr
    prefetched = {} if has_items else getattr(instance, "_prefetched_objects_cache", {})
    result: dict[str, Any] = {}
    for name, field, show, source, relation, key, method in steps:
        if method is not None:
            result[name] = getattr(serializer, method)(instance)
            continue
        if relation is not None and isinstance(value := prefetched.get(relation), Unbuilt):
            result[name] = show(value)  # type: ignore[misc] # it's a list's
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
