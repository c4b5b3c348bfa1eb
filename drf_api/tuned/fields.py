"""A serializer's fields, copied instead of built anew.

DRF gives each serializer its own fields, so that a program may change them: it builds or
deep-copies them all, which for a small model takes a third of a millisecond. What it builds depends
on the class alone unless a method that takes part in it is overridden; so it's built once, and each
serializer gets cheap copies of its own.
"""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from dis import get_instructions
from functools import cached_property, lru_cache
from inspect import getattr_static
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType
from typing import Any
from uuid import UUID

from django.core.signals import setting_changed
from django.db import models
from django.db.models.manager import BaseManager
from django.utils.choices import CallableChoiceIterator
from django.utils.functional import Promise
from rest_framework import serializers

from drf_api.tuned.replacement import MOST, Replacement

# Nobody changes these, and no field has them for itself.
ATOMS = (
    *(str, int, float, type(None), type, tuple, frozenset, re.Pattern, FunctionType, Promise),
    *(BuiltinFunctionType, Decimal, date, time, timedelta, UUID),
    *(models.QuerySet, BaseManager, models.Field),
)
CONTAINERS = (list, dict, set)
# What a model serializer's fields are built of, besides its methods.
META = ("model", "fields", "exclude", "depth", "read_only_fields", "extra_kwargs")


class Blueprint:
    """Makes copies of one field."""

    def __init__(self, field: Any) -> None:
        self.field = field
        self.children: dict[str, Blueprint] = {}
        self.containers: list[str] = []
        self.can_copy = not is_made_its_own_way(type(field))
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


def is_made_its_own_way(field_class: type) -> bool:
    """Tell whether copying or making a field does more than DRF: a file path's lists a folder."""
    return (
        issubclass(field_class, serializers.FilePathField)
        or field_class.__deepcopy__ is not serializers.Field.__deepcopy__  # type: ignore[attr-defined]
        or not field_class.__new__.__module__.startswith("rest_framework.")
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
    """The fields of a serializer class."""

    def __init__(self, serializer_class: Any, sources: list[Any], build: Any) -> None:
        self.sources = [copied(source) for source in sources]
        self.fields: dict[str, Blueprint] = {}
        if serializer_class and is_static(serializer_class):
            watching = watched(serializer_class)
            fields = build(watching.__new__(watching))
            self.fields = {name: Blueprint(field) for name, field in fields.items()}
        self.plan: Any = None  # how they are shown, see `representations`


kept: dict[tuple[type, Any], Blueprints] = {}
setting_changed.connect(lambda **_: kept.clear(), weak=False)


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


class AskedError(Exception):
    """What is built may differ from one serializer to the next."""


def watched(serializer_class: Any) -> Any:
    """Make a subclass that refuses to tell what isn't its class's alone."""

    def __getattribute__(self: Any, name: str) -> Any:  # noqa: N807 - a method
        attribute = getattr_static(serializer_class, name, None)
        is_own = name in object.__getattribute__(self, "__dict__") and name != "url_field_name"
        if is_own or isinstance(attribute, (property, cached_property)):
            raise AskedError(name)
        if not is_pure(serializer_class, name):
            raise AskedError(name)
        return object.__getattribute__(self, name)

    return type(
        serializer_class.__name__, (serializer_class,), {"__getattribute__": __getattribute__}
    )


def is_pure(serializer_class: type, name: str, *seen: str) -> bool:
    """Tell whether a program's own methods of this name see nothing but what they are handed.

    They may use constants and classes of fields. Functions, modules, models and other objects may
    know the time, a thread's user, or a flag.
    """
    return name in seen or all(
        all(is_fixed(method.__globals__.get(used)) for used in method.__code__.co_names)
        and {*method.__code__.co_freevars} <= {"__class__"}
        and not any(isinstance(constant, CodeType) for constant in method.__code__.co_consts)
        and not any(step.opname == "IMPORT_NAME" for step in get_instructions(method))
        and all(is_pure(serializer_class, used, name, *seen) for used in method.__code__.co_names)
        for each in serializer_class.__mro__
        if isinstance(method := vars(each).get(name), FunctionType)
        and not method.__module__.startswith("rest_framework.")
    )


def is_fixed(value: Any) -> bool:
    """Tell whether a global is the same each time; `None` may also be a builtin's."""
    if isinstance(value, type):
        return issubclass(value, (serializers.Field, models.Field, Exception))
    return value is None or isinstance(value, (str, int, tuple, frozenset))


@lru_cache(MOST)
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


def blueprints(serializer: Any, build: Any) -> Blueprints | None:
    """Return those of a serializer's class, or nothing if its fields may differ each time."""
    serializer_class = type(serializer)
    found = kept.get((serializer_class, build))
    sources = sources_of(serializer_class)
    if found is None or found.sources != sources:
        try:
            found = Blueprints(serializer_class, sources, build)
        except AskedError:
            found = Blueprints(None, sources, build)
        if len(kept) >= MOST:
            kept.clear()
        kept[serializer_class, build] = found
    return found if found.fields else None


def sharing(build: Any) -> Any:
    """Return a `get_fields` that copies what `build` has built for the class."""

    def get_fields(self: Any) -> dict[str, Any]:
        found = blueprints(self, build)
        if found is None:
            return build(self)  # type: ignore[no-any-return]
        return {name: blueprint.make() for name, blueprint in found.fields.items()}

    return get_fields


build_declared = serializers.Serializer.get_fields
build_of_model = serializers.ModelSerializer.get_fields


get_fields, get_fields_of_model = sharing(build_declared), sharing(build_of_model)
REPLACED = [
    Replacement(serializers.Serializer, "get_fields", get_fields),
    Replacement(serializers.ModelSerializer, "get_fields", get_fields_of_model),
]
