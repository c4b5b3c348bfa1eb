"""The routes are those of openapi.yaml, with its methods: none is missing, none is added."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from drf_api.contract.openapi import DOCUMENT

CONVERTERS = {"todo_id": "uuid", "product_id": "uuid", "token_id": "uuid", "name": ""}


@pytest.fixture(scope="module")
def paths() -> dict[str, set[str]]:
    """Return the methods of each declared path."""
    methods = {"get", "put", "post", "delete", "patch"}
    found: dict[str, Any] = DOCUMENT["paths"]
    return {path: {method.upper() for method in methods & {*item}} for path, item in found.items()}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield each route, whole, with where it leads."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


def routes() -> list[tuple[str, set[str]]]:
    """Return each route of a class as the contract writes paths, with its methods."""
    return [
        (
            "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route),
            {*pattern.callback.view_class().allowed_methods},
        )
        for route, pattern in patterns(get_resolver(), "")
        if hasattr(pattern.callback, "view_class")
    ]


def test_each_path_of_the_api_has_one_route_with_its_methods(paths: dict[str, set[str]]) -> None:
    declared = {path: methods for path, methods in paths.items() if path.startswith("/api/")}
    routed = [(path, found) for path, found in routes() if path.startswith("/api/")]
    assert sorted(path for path, _ in routed) == sorted(declared)
    assert {path: found - {"HEAD", "OPTIONS"} for path, found in routed} == declared
    # HEAD is added to an instance for each request that asks a view with GET.
    assert all("OPTIONS" in found for _, found in routed)


def test_the_pages_have_their_addresses_with_their_methods(paths: dict[str, set[str]]) -> None:
    declared = {path: methods for path, methods in paths.items() if not path.startswith("/api/")}
    routed = [(path, found) for path, found in routes() if not path.startswith("/api/")]
    assert sorted(path for path, _ in routed) == sorted(declared)
    assert {path: found - {"HEAD", "OPTIONS"} for path, found in routed} == declared


def test_what_is_variable_in_a_path_has_its_form() -> None:
    found = {
        (name, converter)
        for route, _ in patterns(get_resolver(), "")
        if route.startswith("api/")
        for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", route)
    }
    assert found == {*CONVERTERS.items()}
