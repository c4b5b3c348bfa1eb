"""Figures that are counted in the code when a page is made: lines, files, names, dependencies."""

import ast
import re
import tomllib
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement

from comparison.bench.code import code_lines
from comparison.bench.sizes import LEFT_OUT, Size, measure_sizes
from comparison.source import ROOT, excerpt

TWINS = ("flask_api", "drf_api")
FRAMEWORKS = {
    "flask_api": {
        *("cachelib", "click", "flask", "flask_admin", "flask_caching", "flask_login"),
        *("flask_migrate", "flask_restful", "flask_sqlalchemy", "flask_wtf", "limits"),
        *("marshmallow", "sqlalchemy", "webargs", "werkzeug", "wtforms"),
    },
    "drf_api": {"django", "limits", "rest_framework"},
}


@cache
def sizes() -> dict[str, Size]:
    """Count the files and lines of each concept in both twins, as they are now."""
    return {size.concept: size for size in measure_sizes()}


def lines(twin: str, concept: str = "") -> int:
    """Return a twin's lines of code: of a concept, or of all of the plain twin."""
    chosen = [sizes()[concept]] if concept else sizes().values()
    return sum(each.flask_lines if twin == "flask_api" else each.drf_lines for each in chosen)


def files(twin: str) -> int:
    """Return how many files a twin has, less tests, migrations and empty ones."""
    return sum(
        len(each.flask_files if twin == "flask_api" else each.drf_files)
        for each in sizes().values()
    )


def modules(twin: str) -> list[Path]:
    """List a plain twin's modules, less tests and migrations."""
    folder = ROOT / twin
    return [
        path for path in folder.rglob("*.py") if not LEFT_OUT & {*path.relative_to(folder).parts}
    ]


@cache
def names(twin: str) -> dict[str, int]:
    """Count the distinct names of each of its frameworks that a twin uses.

    Of a module that is imported as such (`from django.db import models`) each name counts that is
    taken from it (`models.CharField`).
    """
    found: set[str] = set()
    for path in modules(twin):
        found |= used_names(ast.parse(path.read_text()), FRAMEWORKS[twin])
    packages = [name.partition(".")[0] for name in found]
    return {package: packages.count(package) for package in sorted(set(packages))}


def used_names(tree: ast.Module, packages: set[str]) -> set[str]:
    """Return what a module uses of some packages, as dotted names."""
    whole: dict[str, str] = {}  # a local name, and the module that it stands for
    found: set[str] = set()
    for node in ast.walk(tree):
        for local, full in imported(node):
            if full.partition(".")[0] not in packages:
                continue
            if is_module(full):
                whole[local] = full
            else:
                found.add(full)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=local)) if local in whole:
                found.add(f"{whole[local]}.{node.attr}")
    return found


def imported(node: ast.AST) -> list[tuple[str, str]]:
    """Return the local names that an import makes, each with what it stands for."""
    match node:
        case ast.Import():
            return [(each.asname or each.name, each.name) for each in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            return [(each.asname or each.name, f"{module}.{each.name}") for each in node.names]
    return []


@cache
def is_module(name: str) -> bool:
    """Tell whether a dotted name is a module's, without importing it."""
    package, *parts = name.split(".")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return False
    place = Path(spec.origin).parent.joinpath(*parts)
    return not parts or place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


@cache
def dependencies(group: str) -> tuple[str, ...]:
    """List the distributions that a twin's group installs, those that these need included."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    waiting = [Requirement(text) for text in groups[group]]
    seen: dict[str, str] = {}
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        key = f"{name}[{','.join(sorted(requirement.extras))}]"
        if key in seen:
            continue
        seen[key] = name
        for text in metadata.requires(name) or ():
            needed = Requirement(text)
            wanted = [{"extra": each} for each in ("", *requirement.extras)]
            if needed.marker is None or any(needed.marker.evaluate(env) for env in wanted):
                waiting.append(needed)
    return tuple(sorted(set(seen.values())))


def version(distribution: str) -> str:
    """Return an installed distribution's version, or the empty text."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


@cache
def installed_mib(group: str) -> float:
    """Sum up what the distributions of a twin's group occupy on this machine's disk."""
    files = [
        Path(str(file.locate()))
        for name in dependencies(group)
        for file in (metadata.files(name) if version(name) else None) or ()
    ]
    return sum(path.stat().st_size for path in files if path.is_file()) / 2**20


@cache
def using(twin: str, *packages: str) -> tuple[int, int]:
    """Count the files of a twin that import some packages, and the lines that name what they give.

    A package is named with dots where only a part of it is meant: `django.db`.
    """
    touched: list[int] = []
    for path in modules(twin):
        tree = ast.parse(path.read_text())
        imports = [
            (node, local)
            for node in ast.walk(tree)
            for local, full in imported(node)
            if any(full == each or full.startswith(f"{each}.") for each in packages)
        ]
        names = {local for _, local in imports}
        uses = [each for each in ast.walk(tree) if isinstance(each, ast.Name) and each.id in names]
        if imports:
            lines = {getattr(node, "lineno", 0) for node, _ in imports}
            touched.append(len(lines | {each.lineno for each in uses}))
    return len(touched), sum(touched)


def program_lines(folder: str) -> int:
    """Count the lines of code of all modules of a folder of the checkout."""
    return sum(len(code_lines(path.read_text())) for path in (ROOT / folder).rglob("*.py"))


def lines_of(twin: str, *references: str) -> int:
    """Count the lines of code of some excerpts."""
    return sum(len(code_lines(excerpt(each, twin).text)) for each in references)
