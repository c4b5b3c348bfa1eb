"""The routes are those of openapi.yaml, with its methods: none is missing, none added."""

import re
from collections import defaultdict
from typing import Any

import pytest
from flask import Flask

from flask_api.contract.openapi import contract

CONVERTERS = {"todo_id": "id", "product_id": "id", "token_id": "id", "name": ""}


@pytest.fixture
def paths(app: Flask) -> dict[str, set[str]]:
    """Return the methods of each declared path."""
    methods = {"get", "put", "post", "delete", "patch"}
    with app.app_context():
        found: dict[str, Any] = contract().document["paths"]
    return {path: {method.upper() for method in methods & {*item}} for path, item in found.items()}


def test_each_path_of_the_api_has_one_rule_with_its_methods(
    app: Flask, paths: dict[str, set[str]]
) -> None:
    declared = {path: methods for path, methods in paths.items() if path.startswith("/api/")}
    routed = [
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), {*(rule.methods or ())})
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
    ]
    assert sorted(path for path, _ in routed) == sorted(declared)
    assert {path: found - {"HEAD", "OPTIONS"} for path, found in routed} == declared
    assert all("OPTIONS" in found for _, found in routed)
    for path, found in routed:
        assert ("HEAD" in found) == ("GET" in found), path


def test_the_pages_have_their_addresses_with_their_methods(
    app: Flask, paths: dict[str, set[str]]
) -> None:
    routed: dict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/api/", "/static/")):
            continue
        for way in ("up", "down"):
            path = rule.rule.replace("<any(up, down):way>", way)
            routed[re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)] |= {*(rule.methods or ())}
    declared = {path: methods for path, methods in paths.items() if not path.startswith("/api/")}
    assert {path: found - {"HEAD", "OPTIONS"} for path, found in routed.items()} == declared


def test_what_is_variable_in_a_path_has_its_form(app: Flask) -> None:
    found = {
        (name, converter)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", rule.rule)
    }
    assert found == {*CONVERTERS.items()}
