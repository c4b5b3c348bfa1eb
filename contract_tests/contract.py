"""The contract, decoded once for all tests that read it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CONTRACT_FILE = Path(__file__).resolve().parent.parent / "openapi.yaml"
CONTRACT: dict[str, Any] = yaml.load(
    CONTRACT_FILE.read_bytes(),
    Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # noqa: S506 – safe, and fast if possible
)

PAGES = "pages"  # the tag of operations for people; all others are the API's
METHODS = ("get", "put", "post", "delete", "patch")


def without_pages(contract: dict[str, Any]) -> dict[str, Any]:
    """Return a decoded contract less the operations for people."""
    return {
        **contract,
        "paths": {
            path: item for path, item in contract["paths"].items() if not is_for_people(item)
        },
    }


def is_for_people(item: dict[str, Any]) -> bool:
    """Tell whether a path is of pages, which holds for all of its methods or none."""
    return any(PAGES in declared["tags"] for name, declared in item.items() if name in METHODS)


def operation(method: str, target: str) -> dict[str, Any]:
    """Return the operation that a request is for, or nothing; HEAD is for GET's."""
    item = path_item(target.partition("?")[0])
    found: dict[str, Any] = item.get("get" if method == "HEAD" else method.lower(), {})
    return found


def path_item(path: str) -> dict[str, Any]:
    """Find what a path leads to; a path without parameters goes before one with them."""
    paths: dict[str, dict[str, Any]] = CONTRACT["paths"]
    if path in paths:
        return paths[path]
    for template, item in paths.items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return item
    return {}


def operations_in_order() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each of the API's operations in the file's order: path, method, what is declared."""
    for path, item in without_pages(CONTRACT)["paths"].items():
        for method, declared in item.items():
            if method in METHODS:
                yield path, method, declared
