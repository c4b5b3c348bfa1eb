"""Model instances of rows, made as quickly as dictionaries."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

from drf_api.tuned.replacement import MOST, Replacement

# These leave a value where `__init__` puts it; others, such as a file's, do more.
PLAIN = {DeferredAttribute, ForeignKeyDeferredAttribute}
OWN_WAY = ("__new__", "__init__", "__setattr__")

from_db_as_django = Model.from_db.__func__  # type: ignore[attr-defined] # it's a class method


@lru_cache(MOST)
def can_skip_init(model: type[Model]) -> bool:
    """Tell whether `__init__` does nothing but keep values."""
    mro = model.__mro__
    return (
        all(getattr(model, name) is getattr(Model, name) for name in OWN_WAY)
        and mro[mro.index(Model) :] == Model.__mro__
        and all(
            type(getattr(model, each.attname, None)) in PLAIN
            for each in model._meta.concrete_fields
        )
    )


@lru_cache(MOST)
def in_order(model: type[Model], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in the order in which `from_db` takes their values."""
    fields = model._meta.concrete_fields
    return tuple(
        each.attname for each in fields if len(names) == len(fields) or each.attname in names
    )


def from_db(cls: type[Model], db: str | None, field_names: Iterable[str], values: Any) -> Model:
    """Make an instance of a row without `__init__`, unless that would be noticed."""
    if pre_init.receivers or post_init.receivers or not can_skip_init(cls):
        return from_db_as_django(cls, db, field_names, values)  # type: ignore[no-any-return]
    new = cls.__new__(cls)
    new._state = state = ModelState()
    state.adding, state.db = False, db
    vars(new).update(zip(in_order(cls, tuple(field_names)), values, strict=True))
    return new


# `select_related` and raw queries make instances so, too.
REPLACED = [Replacement(Model, "from_db", classmethod(from_db))]
