"""What is counted in the code is all of the code, once."""

import ast
import sys

import pytest

from comparison import counts
from comparison.bench.code import count


@pytest.mark.parametrize("twin", counts.TWINS)
def test_every_line_belongs_to_one_concept(twin: str) -> None:
    assert counts.lines(twin) == count(counts.modules(twin))
    assert 0 < counts.lines(twin, "routes") < counts.lines(twin)


# Drivers and helpers that are no framework's, whichever twin uses them.
HELPERS = {
    *("argon2", "orjson", "psycopg", "psycopg_pool", "redis", "uuid_utils", "yaml"),
    *("deploy", *counts.TWINS),
}


@pytest.mark.parametrize("twin", counts.TWINS)
def test_what_a_twin_imports_is_a_framework_or_named_as_a_helper(twin: str) -> None:
    packages = {
        full.partition(".")[0]
        for path in counts.modules(twin)
        for node in ast.walk(ast.parse(path.read_text()))
        for _, full in counts.imported(node)
    }
    assert packages - sys.stdlib_module_names - HELPERS == counts.FRAMEWORKS[twin]


def test_names_of_a_module_count_where_they_are_used() -> None:
    tree = ast.parse(
        "import click\nfrom django.db import models, transaction\nfrom django.http import Http404\n"
        "import os\nclick.echo(models.Q, models.Q, models.F, os.path)\n"
    )
    found = counts.used_names(tree, {"click", "django"})
    assert found == {
        "click.echo",
        "django.db.models.Q",
        "django.db.models.F",
        "django.http.Http404",
        "django.db.transaction",
    } - {"django.db.transaction"}


def test_dependencies_include_what_these_need() -> None:
    assert {"flask", "alembic", "werkzeug"} <= set(counts.dependencies("flask"))
    assert {"django", "asgiref"} <= set(counts.dependencies("drf"))
    assert "django" not in counts.dependencies("flask")


def test_what_is_not_installed_has_no_version() -> None:
    assert counts.version("marshmallow")
    assert counts.version("no-such-distribution") == ""
