"""A serializer's fields, copied instead of built anew.

DRF gives each serializer its own fields, so that a program may change them: it builds or
deep-copies them all, which for a small model takes a third of a millisecond. What it builds depends
on the class alone if DRF's own methods build it; then it's built once, and each serializer gets
cheap copies of its own. A class that overrides one of these methods is left to DRF.
"""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from inspect import getattr_static
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.core.signals import setting_changed
from django.db import models
from django.db.models.manager import BaseManager
from django.utils.choices import CallableChoiceIterator
from django.utils.functional import Promise
from rest_framework import serializers

from drf_api.contract.serializers import StrictModelSerializer
from drf_api.contract.strict import CharField, PrimaryKeyRelatedField
from drf_api.tuned.replacement import Replacement

# What DRF builds a serializer's fields with, besides `get_fields`, which may call `super()`.
METHODS = (
    *("__getattribute__", "_get_model_fields", "build_field", "build_nested_field"),
    *("build_property_field", "build_relational_field", "build_standard_field"),
    *("build_unknown_field", "build_url_field", "get_default_field_names", "get_extra_kwargs"),
    *("get_field_names", "get_unique_together_constraints", "get_uniqueness_extra_kwargs"),
    "include_extra_kwargs",
)
ATTRIBUTES = (
    *("Meta", "_declared_fields", "serializer_choice_field", "serializer_field_mapping"),
    *("serializer_related_field", "serializer_related_to_field", "serializer_url_field"),
    "url_field_name",
)
# What a model serializer's fields are built of, besides.
META = ("model", "fields", "exclude", "depth", "read_only_fields", "extra_kwargs")
# The contract's own, which look at nothing but what they are handed.
READ = {
    StrictModelSerializer.build_standard_field,
    StrictModelSerializer.include_extra_kwargs,
    CharField.__init__,
    PrimaryKeyRelatedField.__init__,
}
# Nobody changes these, and no field has them for itself. A queryset isn't one: it keeps its rows.
ATOMS = (
    *(str, int, float, type(None), type, tuple, frozenset, re.Pattern, FunctionType, Promise),
    *(BuiltinFunctionType, Decimal, date, time, timedelta, UUID, BaseManager, models.Field),
)
CONTAINERS = (list, dict, set)


class Blueprint:
    """Makes copies of one field."""

    def __init__(self, field: Any) -> None:
        self.field = field
        self.children: dict[str, Blueprint] = {}
        self.containers: list[str] = []
        self.can_copy = is_made_as_drf_does(field)
        for name, value in vars(field).items():
            if name == "parent":
                continue
            if isinstance(value, serializers.Field):
                self.children[name] = Blueprint(value)
                self.can_copy &= value.parent in (field, None)
            elif type(value) in CONTAINERS:
                self.containers.append(name)
                entries = value.values() if isinstance(value, dict) else value
                self.can_copy &= not any(may_know(entry, field) for entry in entries)
            else:
                self.can_copy &= isinstance(value, ATOMS) and not may_know(value, field)

    def make(self) -> Any:
        """Return a field like this one that shares nothing that could be changed."""
        if not self.can_copy:
            return self.field.__deepcopy__({})
        new = object.__new__(type(self.field))
        state = vars(new)
        state.update(vars(self.field))
        for name in self.containers:
            state[name] = state[name].copy()
        for name, child in self.children.items():
            state[name] = made = child.make()
            made.parent = None if child.field.parent is None else new
        return new


def is_made_as_drf_does(field: Any) -> bool:
    """Tell whether making a field, as DRF does for each copy, asks nothing but its arguments."""
    kind = type(field)
    return (
        not issubclass(kind, serializers.FilePathField)  # lists a folder
        and kind.__deepcopy__ is serializers.Field.__deepcopy__
        and kind.__new__.__module__.startswith("rest_framework.")
        and (kind.__init__ in READ or kind.__init__.__module__.startswith("rest_framework."))
        and isinstance(field._kwargs.get("choices", ()), (list, tuple, dict))
    )


def may_know(value: Any, field: Any) -> bool:
    """Tell whether a value may lead back to the field, as a method of it does."""
    if isinstance(value, serializers.Field):  # an argument, of which a child was made
        return False
    if isinstance(value, FunctionType):
        return value.__closure__ is not None
    known = getattr(value, "__dict__", {}).values()
    return isinstance(value, MethodType) or any(each is field for each in known)


class Blueprints:
    """The fields of a serializer class; none if they may differ from one serializer to the next."""

    def __init__(self, serializer_class: Any, sources: list[Any], build: Any) -> None:
        self.sources = [copied(source) for source in sources]
        self.fields: dict[str, Blueprint] = {}
        if builds_as_drf(serializer_class) and is_static(serializer_class):
            fields = build(object.__new__(serializer_class))
            self.fields = {name: Blueprint(field) for name, field in fields.items()}


def builds_as_drf(serializer_class: type) -> bool:
    """Tell whether nothing that takes part in building fields is a program's own."""

    def is_known(name: str) -> bool:
        attribute = getattr_static(serializer_class, name, None)
        return (
            attribute is None
            or attribute is getattr_static(serializers.ModelSerializer, name)
            or attribute in READ
        )

    return all(is_known(name) for name in METHODS) and not any(
        hasattr(getattr_static(serializer_class, name, None), "__get__")  # such as a property
        for name in ATTRIBUTES
    )


def is_static(serializer_class: Any) -> bool:
    """Tell whether a model's fields are the same at all times; choices may be a function's."""
    if not issubclass(serializer_class, serializers.ModelSerializer):
        return True
    model = getattr(getattr(serializer_class, "Meta", None), "model", None)
    return model is not None and not any(
        callable(getattr(getattr(each, "remote_field", None), "limit_choices_to", None))
        or isinstance(getattr(each, "choices", None), CallableChoiceIterator)
        for each in model._meta.get_fields()
    )


def sources_of(serializer_class: Any) -> list[Any]:
    """Return what the class declares; programs change even that at times."""
    meta = getattr(serializer_class, "Meta", None)
    return [serializer_class._declared_fields, meta, *(getattr(meta, name, None) for name in META)]


def copied(source: Any) -> Any:
    """Copy what a declaration consists of, as deep as it is changed."""
    if isinstance(source, dict):
        return {
            name: dict(value) if type(value) is dict else value for name, value in source.items()
        }
    return list(source) if type(source) is list else source


def sharing(build: Any) -> Any:
    """Return a `get_fields` that copies what `build` has built for the class."""
    kept: WeakKeyDictionary[Any, Blueprints] = WeakKeyDictionary()
    setting_changed.connect(lambda **_: kept.clear(), weak=False)

    def get_fields(self: Any) -> dict[str, Any]:
        serializer_class = type(self)
        found, sources = kept.get(serializer_class), sources_of(serializer_class)
        if found is None or found.sources != sources:
            found = kept[serializer_class] = Blueprints(serializer_class, sources, build)
        if not found.fields or not vars(self).keys().isdisjoint((*METHODS, *ATTRIBUTES)):
            return build(self)  # type: ignore[no-any-return]
        return {name: blueprint.make() for name, blueprint in found.fields.items()}

    return get_fields


REPLACED = [
    Replacement(each, "get_fields", sharing(each.get_fields))
    for each in (serializers.Serializer, serializers.ModelSerializer)
]
