"""The API's routes are those of openapi.yaml, with its methods: none is missing, none added."""

import re
from typing import Any

import pytest
from flask import Flask

from flask_api.contract.openapi import contract

CONVERTERS = {"todo_id": "id", "product_id": "id", "token_id": "id", "name": ""}


@pytest.fixture
def paths(app: Flask) -> dict[str, Any]:
    with app.app_context():
        found: dict[str, Any] = contract().document["paths"]
    return found


def test_each_path_has_one_rule_with_its_methods(app: Flask, paths: dict[str, Any]) -> None:
    methods = {"get", "put", "post", "delete", "patch"}
    declared = {
        path: {method.upper() for method in methods & {*item}} for path, item in paths.items()
    }
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


def test_what_is_variable_in_a_path_has_its_form(app: Flask) -> None:
    found = {
        (name, converter)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", rule.rule)
    }
    assert found == {*CONVERTERS.items()}
