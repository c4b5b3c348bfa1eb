"""What is stored, and what the database itself refuses."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from drf_api.accounts.models import Token, User
from drf_api.products.models import Product, StockAdjustment
from drf_api.tests.conftest import Call
from drf_api.todos.models import ChecklistItem, Todo

# No time at all is left for work; where there is no limit, the statement ends by itself.
LONG_STATEMENT = """
from django.conf import settings
from django.db import OperationalError, connection

settings.DATABASE_TIMEOUT = 0
if WRAPPED:
    with connection.execute_wrapper(lambda execute, *args: execute(*args)):
        connection.ensure_connection()
with connection.cursor() as cursor:
    cursor.execute('''
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 100000)
        SELECT n FROM numbers WHERE n < 10 OR n = 100000
    ''')
    try:  # The first rows are there at once; what takes long is fetching the last.
        print(len(cursor.fetchall()), "rows")
    except OperationalError as error:
        print(error)
    cursor.execute("SELECT 1")
    print(cursor.fetchall())
"""
ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def stored(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def a_product(**values: Any) -> Product:
    given = {"sku": "MUG", "name": "Mug", "category": "kitchen", "currency": "EUR"}
    return Product.objects.create(**{**given, "price": Decimal("1.00"), **values})


def test_migrations_are_in_step_with_the_models(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_passwords_are_stored_as_argon2id(alice: User) -> None:
    assert alice.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert alice.check_password("alice-password")
    assert not alice.check_password("Alice-password")


def test_of_a_token_only_the_digest_is_stored(alice: User) -> None:
    token = Token.objects.issue(alice)
    assert re.fullmatch("[0-9a-f]{64}", token.digest)
    assert len(token.secret) == 43
    columns = [column.attname for column in Token._meta.concrete_fields]
    row = Token.objects.values_list(*columns).get()
    assert token.secret not in map(str, row)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL stores no text")
def test_times_are_stored_with_six_digits(db: None) -> None:
    a_product(created_at=ZERO)
    assert stored("SELECT created_at || '' FROM products") == "2026-01-01 00:00:00.000000"
    assert Product.objects.filter(created_at=ZERO).count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"priority": 0},
        {"priority": 5},
        {"completed": True, "completed_at": None},
        {"completed": False, "completed_at": ZERO},
    ],
)
def test_the_database_refuses_wrong_todos(alice: User, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Todo.objects.bulk_create([Todo(owner=alice, title="x", updated_at=ZERO, **values)])


def test_the_database_refuses_wrong_products(sam: User) -> None:
    product = a_product()
    for change in ({"stock": -1}, {"price": Decimal(-1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Product.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_product(name="Another with the same sku")
    for wrong in ({"delta": 0, "balance": 0}, {"delta": 1, "balance": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StockAdjustment.objects.create(product=product, created_at=ZERO, **wrong)


def test_the_database_refuses_the_same_email_in_other_letters(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="alice2", email="ALICE@example.com", password="x")


def test_the_database_refuses_two_items_at_one_position(alice: User) -> None:
    [todo] = Todo.objects.create_all(alice, [{"title": "x", "tags": [], "items": []}])
    ChecklistItem.objects.create(todo=todo, position=0, text="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        ChecklistItem.objects.create(todo=todo, position=0, text="b")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows")
@pytest.mark.django_db(transaction=True)
def test_writes_take_the_lock_at_once_and_reads_never(call: Call, alice_token: str) -> None:
    assert connection.features.supports_json_field  # which Django asks the database once
    with CaptureQueriesContext(
        connection,
    ) as writes:
        assert call("POST", "/api/todos", {"title": "x"}, alice_token).status == 201
    with CaptureQueriesContext(connection) as reads:
        assert call("GET", "/api/todos", token=alice_token).status == 200
    begins = [query["sql"] for query in writes if query["sql"].startswith("BEGIN")]
    assert begins == ["BEGIN IMMEDIATE"]
    assert not [query["sql"] for query in reads if not query["sql"].startswith("SELECT")]


@pytest.mark.parametrize(
    ("program", "printed"),
    [
        (["-c", f"import drf_api.wsgi; WRAPPED = False; {LONG_STATEMENT}"], "interrupted"),
        (["-c", f"import drf_api.wsgi; WRAPPED = True; {LONG_STATEMENT}"], "interrupted"),
        (
            ["-m", "drf_api.manage", "shell", "-c", f"WRAPPED = False; {LONG_STATEMENT}"],
            "10 rows",
        ),
    ],
    ids=["a server", "a server that has connected amid a wrapper", "a command"],
)
def test_a_servers_statement_on_sqlite_ends_when_its_time_is_over(
    program: list[str], printed: str, tmp_path: Path
) -> None:
    env = {**os.environ, "APP_ENV": "development", "DATABASE_URL": f"sqlite:///{tmp_path}/new"}
    said = subprocess.check_output([sys.executable, *program], env=env, text=True)
    assert said.splitlines()[-2:] == [printed, "[(1,)]"]


def test_the_summary_is_exact_beyond_64_bits(db: None, call: Call) -> None:
    for sku in ("MUG-1", "MUG-2"):
        a_product(sku=sku, price=Decimal("99999999.99"), stock=4 * 10**12)
    [figures] = call("GET", "/api/products/summary").json["items"]
    assert figures["stock_value"] == "799999999920000000000.00"
    assert figures["mean_price"] == "99999999.99"
