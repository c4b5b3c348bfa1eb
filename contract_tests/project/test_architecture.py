"""The rings of a twin are separate, beyond the imports that the import linter checks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract_tests.conftest import ROOT

# Names that begin with an underscore although their library documents them for its users.
DOCUMENTED = {
    "_deserialize": "marshmallow: what a custom field overrides",
    "_meta": "Django: the API of a model's options",
    "_replace": "Python: a copy of a named tuple, whose methods are underscored beside its fields",
    "_serialize": "marshmallow: what a custom field overrides",
    "_state": "Django: whether an instance is stored",
}
PRIVATE = re.compile(r"_[^_]")
# `tuned/` may use private names, each with its reason; migrations are written by tools.
LEFT_OUT = {"migrations", "tests", "tuned"}


def modules(twin: str) -> list[Path]:
    folder = ROOT / twin
    found = [path.relative_to(folder) for path in folder.rglob("*.py")]
    return sorted(folder / path for path in found if not LEFT_OUT & {*path.parts})


def private_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the names with one underscore that a module takes from others or overrides."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, lineno=line):
                yield from [(line, name)] if PRIVATE.match(name) else []
            case ast.ClassDef():
                members = [each for each in node.body if isinstance(each, ast.FunctionDef)]
                yield from [
                    (each.lineno, each.name) for each in members if PRIVATE.match(each.name)
                ]
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                module = getattr(node, "module", None) or ""
                parts = [
                    *module.split("."),
                    *(part for each in names for part in each.name.split(".")),
                ]
                yield from [(node.lineno, part) for part in parts if PRIVATE.match(part)]


@pytest.mark.parametrize("twin", ["flask_api", "drf_api"])
def test_no_private_name_of_a_library_is_used(twin: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in modules(twin)
        for line, name in private_names(ast.parse(path.read_text()))
        if name not in DOCUMENTED
    }
    assert not found


def test_each_documented_name_is_used() -> None:
    used = {
        name
        for twin in ("flask_api", "drf_api")
        for path in modules(twin)
        for _, name in private_names(ast.parse(path.read_text()))
    }
    assert {*DOCUMENTED} <= used


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("instance._prefetched_objects_cache", ["_prefetched_objects_cache"]),
        ("from library._internal import thing", ["_internal"]),
        ("from library import _thing", ["_thing"]),
        ("import library._internal", ["_internal"]),
        ("class Field(Base):\n    def _load(self): ...", ["_load"]),
        ("class Field(Base):\n    def __init__(self): ...\nvalue.__dict__", []),
    ],
)
def test_private_names_are_found(source: str, names: list[str]) -> None:
    assert [name for _, name in private_names(ast.parse(source))] == names
