"""What is private in Django and DRF and used here is as it was when it was looked at.

So are the contract's own methods that build fields: they look at nothing but their arguments.

Where this fails after an upgrade, compare the two versions of what is named, adapt `tuned/`, and
write the new digest down. Until then `TUNED` changes nothing under a version it doesn't know.
"""

import hashlib
import inspect
import os
import subprocess
import sys
from pkgutil import resolve_name

import pytest

from drf_api.tuned.tests.conftest import all_replacements, as_django

DESCRIPTORS = "django.db.models.fields.related_descriptors"
LOOKED_AT = {
    "django.db.models.sql.compiler:SQLCompiler.as_sql": "0f0b77905ec8",
    "django.db.models.sql.compiler:SQLCompiler.execute_sql": "c1be0e0faedc",
    "django.db.models.sql.compiler:SQLCompiler.get_converters": "c6c8c1b71882",
    "django.db.models.sql.compiler:SQLCompiler.pre_sql_setup": "4ab679048d32",
    "django.db.models.sql.compiler:SQLCompiler.results_iter": "d279d61b80a3",
    "django.db.backends.postgresql.compiler:SQLCompiler": "315cc6e5fd6e",
    "django.db.models.sql.query:Query.__init__": "294734cf62c7",
    "django.db.models.sql.query:Query.clone": "94239b114443",
    "django.db.models.sql.where:WhereNode": "b032aa282605",
    "django.db.models.sql.datastructures:Join": "177c0a6591b1",
    "django.db.models.lookups:Lookup": "b91ead42c11b",
    "django.db.models.lookups:BuiltinLookup": "2b633901c25d",
    "django.db.models.lookups:FieldGetDbPrepValueMixin": "f948f05db6e1",
    "django.db.models.lookups:FieldGetDbPrepValueIterableMixin": "d963945dd4ef",
    "django.db.models.lookups:IntegerFieldOverflow": "1b1c7b80e026",
    "django.db.models.lookups:Exact": "35282fcf5fe6",
    "django.db.models.lookups:In": "27e2479997e2",
    "django.db.models.lookups:PatternLookup": "c7e02c399f76",
    "django.db.models.lookups:Range": "2566ebfe9515",
    "django.db.models.lookups:IsNull": "67ad50992b1b",
    "django.db.models.fields.related_lookups:RelatedIn": "daca64c66268",
    "django.db.models.fields.related_lookups:RelatedLookupMixin": "bf7032eaad8e",
    "django.db.models.expressions:BaseExpression": "dd97de051aab",
    "django.db.models.expressions:Expression": "3d52cc4e597c",
    "django.db.models.expressions:Value": "dd0276c9a3c2",
    "django.db.models.expressions:Func": "52b2af2d437f",
    "django.db.models.expressions:CombinedExpression": "7a206db2a162",
    "django.db.models.expressions:OrderBy": "642f953dfae3",
    "django.db.models.expressions:Case": "a42713bd5a75",
    "django.db.models.expressions:When": "11a0f1d7e04f",
    "django.db.models.expressions:Subquery": "725baacd6bdd",
    "django.db.models.expressions:Exists": "e40a1fc20531",
    "django.db.models.query:prefetch_related_objects": "7362a6251629",
    "django.db.models.query:prefetch_one_level": "80f1773ec0be",
    "django.db.models.query:get_prefetcher": "9417e307187d",
    "django.db.models.query:QuerySet.__init__": "35d93a4d074d",
    "django.db.models.query:QuerySet._clone": "05feb83bafd1",
    "django.db.models.query:QuerySet._fetch_all": "42566f1ae6d2",
    f"{DESCRIPTORS}:create_reverse_many_to_one_manager": "3d4329019191",
    f"{DESCRIPTORS}:create_forward_many_to_many_manager": "9daa2aa64d01",
    "rest_framework.serializers:Serializer": "dfaeb7f2bbb5",
    "rest_framework.serializers:ListSerializer": "75380315655c",
    "rest_framework.serializers:BaseSerializer": "18c78739f392",
    "rest_framework.serializers:ModelSerializer": "3e3693cbe5f8",
    "rest_framework.serializers:BindingDict": "24dd83a61fad",
    "rest_framework.fields:Field": "49883714f7ed",
    "rest_framework.fields:get_attribute": "317c25d7087e",
    "rest_framework.fields:is_simple_callable": "c2794894f731",
    "rest_framework.fields:SerializerMethodField": "ba20017c0c70",
    "rest_framework.relations:RelatedField": "68d190426420",
    "rest_framework.relations:ManyRelatedField": "18863fe166bc",
    "rest_framework.relations:PrimaryKeyRelatedField": "0eca225dee10",
    "rest_framework.relations:SlugRelatedField": "af0a24d65307",
    "drf_api.contract.serializers:StrictModelSerializer.build_standard_field": "552fe5ad4599",
    "drf_api.contract.serializers:StrictModelSerializer.include_extra_kwargs": "cf924110af65",
    "drf_api.contract.strict:CharField.__init__": "c7d26ea85b5e",
    "drf_api.contract.strict:PrimaryKeyRelatedField.__init__": "6a668029b19f",
    "django.db.backends.postgresql.psycopg_any:BaseTzLoader": "54da5c943c51",
    "django.db.backends.postgresql.psycopg_any:register_tzloader": "b98320a95484",
    "psycopg_pool:ConnectionPool.check_connection": "5a7c233f4096",
    "psycopg.types.datetime:TimestamptzLoader": "b29652fbe498",
}
VERSION = """
import django
django.VERSION = (5, 9, 0, "final", 0)
django.setup()
from django.db.models.sql.compiler import SQLCompiler
print(SQLCompiler.as_sql.__module__)
"""


@pytest.mark.parametrize("name", LOOKED_AT)
def test_what_was_looked_at_is_as_it_was(name: str) -> None:
    with as_django():
        source = inspect.getsource(resolve_name(name))
    assert hashlib.sha256(source.encode()).hexdigest()[:12] == LOOKED_AT[name]


def test_a_replacement_can_be_called_as_the_original() -> None:
    for each in all_replacements():
        if isinstance(each.original, classmethod | staticmethod):
            original, new = each.original.__func__, each.new.__func__
        else:
            original, new = each.original, each.new
        takes = [*inspect.signature(new).parameters.values()]
        takes_anything = takes[-1].kind is inspect.Parameter.VAR_KEYWORD
        assert takes_anything or [each.name for each in takes] == [
            *inspect.signature(original).parameters
        ]


@pytest.mark.parametrize(
    ("program", "module"),
    [
        (VERSION, "django.db.models.sql.compiler"),
        (VERSION.replace("9", "2"), "drf_api.tuned.queries"),
    ],
)
def test_an_unknown_version_changes_nothing(program: str, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TUNED": "1", "APP_ENV": "development", "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == module
    assert ("TUNED changes nothing" in done.stderr) == (module != "drf_api.tuned.queries")
