"""Prefetched objects, kept without building a queryset's query for each instance."""

import copy
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

from django.db.models import QuerySet, query
from django.db.models.constants import LOOKUP_SEP
from django.db.models.manager import BaseManager

from drf_api.tuned.replacement import Replacement

KNOWN_MANAGERS = {
    "create_reverse_many_to_one_manager.<locals>.RelatedManager",
    "create_forward_many_to_many_manager.<locals>.ManyRelatedManager",
}
ROWS = "_prefetched_rows"

prefetch_as_django = query.prefetch_one_level
lock = Lock()  # several threads may read one instance


class Unbuilt:
    """A queryset whose result is known already, and whose query is built when it is asked for.

    It becomes the very queryset that Django would have made, class and all: until then its class
    is a subclass.
    """

    _result_cache: list[Any]
    _build: Callable[[], "QuerySet[Any]"]

    def __init__(self, build: Callable[[], "QuerySet[Any]"], rows: list[Any]) -> None:
        vars(self).update(
            _build=build, _result_cache=rows, _prefetch_done=True, _prefetch_related_lookups=()
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(become_built(self), name)

    # These begin with the class.
    def _clone(self) -> Any:
        return become_built(self)._clone()

    def __deepcopy__(self, memo: Any) -> Any:
        return become_built(self).__deepcopy__(memo)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return become_built(self).__reduce_ex__(protocol)


def become_built(self: Any) -> Any:
    """Build a queryset's query; no method, since another thread may take its class away."""
    state = vars(self)
    build = state.get("_build")
    if build is None:  # by another thread
        return self
    built: Any = build()
    with lock:
        if isinstance(self, Unbuilt):
            # What has been set stays. Threads that read rows find them at all times.
            state.update({name: each for name, each in vars(built).items() if name not in state})
            state["_prefetch_related_lookups"] = built._prefetch_related_lookups
            self.__class__ = built.__class__
            del state["_build"]
    return self


def unbuilt(queryset_class: Any) -> Any:
    """Return the class that stands for one of querysets, which has it as long as it lives."""
    if "_unbuilt" not in vars(queryset_class):
        queryset_class._unbuilt = type(queryset_class.__name__, (Unbuilt, queryset_class), {})
    return queryset_class._unbuilt


def is_known(manager_class: type) -> bool:
    """Tell whether a related manager is Django's own, whose `all()` is what is prefetched."""
    under: Any = manager_class.__mro__[1]
    return (
        manager_class.__qualname__ in KNOWN_MANAGERS
        and manager_class.__module__ == "django.db.models.fields.related_descriptors"
        and under.all is BaseManager.all
    )


def prefetch_one_level(
    instances: list[Any], prefetcher: Any, lookup: Any, level: int
) -> tuple[list[Any], list[Any]]:
    """Fetch as Django does; keep rows in place of a queryset for each instance."""
    name, has_to_attr = lookup.get_current_to_attr(level)
    manager_class: Any = type(prefetcher)
    is_kept_elsewhere = getattr(prefetcher, "prefetch_cache_name", name) != name
    if has_to_attr or is_kept_elsewhere or not is_known(manager_class):
        return prefetch_as_django(instances, prefetcher, lookup, level)
    as_list = copy.copy(lookup)
    as_list.get_current_to_attr = lambda _: (ROWS, True)
    result: tuple[list[Any], list[Any]] = prefetch_as_django(instances, prefetcher, as_list, level)
    is_leaf = level == lookup.prefetch_through.count(LOOKUP_SEP)
    within = lookup.queryset if is_leaf else None
    queryset_class: Any = prefetcher._queryset_class if within is None else type(within)
    made: Any = unbuilt(queryset_class)
    for instance in instances:
        rows = vars(instance).pop(ROWS)
        cache = instance._prefetched_objects_cache
        cache[name] = made(partial(build, instance, name, within), rows)
    return result


def build(instance: Any, name: str, within: "QuerySet[Any] | None") -> "QuerySet[Any]":
    """Make the queryset of one instance's related objects, as Django does for each."""
    manager = getattr(instance, name)
    # The manager's own `get_queryset` would find what is prefetched.
    queryset = super(type(manager), manager).get_queryset() if within is None else within
    built: QuerySet[Any] = manager._apply_rel_filters(queryset)
    return built


REPLACED = [Replacement(query, "prefetch_one_level", prefetch_one_level)]
