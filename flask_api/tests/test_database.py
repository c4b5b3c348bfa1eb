"""Migrations, constraints, stored forms, transactions, races and outages."""

import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import Engine, Result, event, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from flask_api import create_app
from flask_api.accounts import authentication
from flask_api.accounts.models import Token, User, verify_password
from flask_api.config import Config
from flask_api.contract.database import ATTEMPTS, ConflictError, db, now, transaction
from flask_api.products.models import Product
from flask_api.tests.conftest import environment
from flask_api.todos import schemas

PRODUCT = {"sku": "MUG", "name": "Mug", "category": "kitchen", "price": "14.50", "currency": "EUR"}
LONG_STATEMENT = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 100000)
    SELECT n FROM numbers WHERE n < 10 OR n = 100000
"""
USER = {"username": "bob", "email": "Bob@example.com", "password": "bob-demo-password"}


def execute(engine: Engine, statement: str) -> Result[Any]:
    """Run a statement in a transaction of its own, and check that it does anything at all."""
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        assert result.rowcount
        return result.freeze()() if result.returns_rows else result


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_are_in_step_with_the_models(app: Flask) -> None:
    with app.app_context():
        check()


def test_migrations_leave_existing_tables_alone(
    app: Flask, engine: Engine, sam: dict[str, str]
) -> None:
    execute(engine, "DROP TABLE alembic_version")
    with app.app_context():
        upgrade()
    assert execute(engine, "SELECT count(*) FROM users").scalar() == 1


def test_migrations_can_be_undone(app: Flask, engine: Engine) -> None:
    with app.app_context():
        downgrade(revision="base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE products SET stock = -1",
        "UPDATE products SET price = -1",
        "UPDATE products SET attributes = '{'",
        "UPDATE todos SET completed = 1",
        "UPDATE todos SET priority = 5",
        "UPDATE todos SET product_id = '00000000000000000000000000000000'",
        "UPDATE stock_adjustments SET delta = 0",
        "UPDATE stock_adjustments SET balance = -1",
        "UPDATE checklist_items SET position = -1",
        "UPDATE checklist_items SET position = 0",
        "UPDATE users SET email = 'ALICE@example.com'",
        "DELETE FROM users",
    ],
)
def test_constraints(
    client: FlaskClient,
    engine: Engine,
    alice: dict[str, str],
    sam: dict[str, str],
    statement: str,
) -> None:
    product = client.post("/api/products", json=PRODUCT, headers=sam)
    adjustment = {"delta": 1, "reason": "received"}
    client.post(f"{product.location}/stock-adjustments", json=adjustment, headers=sam)
    todo = {"title": "x", "items": [{"text": "a"}, {"text": "b"}]}
    client.post("/api/todos", json=todo, headers=alice)
    with pytest.raises(IntegrityError):
        execute(engine, statement)


def test_stored_forms(client: FlaskClient, engine: Engine) -> None:
    client.post("/api/users", json=USER)
    token = client.post("/api/tokens", json={k: USER[k] for k in ("username", "password")}).json
    assert token is not None
    row = execute(engine, "SELECT * FROM users").mappings().one()
    assert row["password"].startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert re.fullmatch(r"[0-9a-f]{12}7[0-9a-f]{19}", row["id"])
    assert re.fullmatch(r"[0-9-]{10} [0-9:]{8}\.[0-9]{6}", row["created_at"])
    stored = execute(engine, "SELECT * FROM tokens").mappings().one()
    assert stored["digest"] == sha256(token["token"].encode()).hexdigest()
    assert token["token"] not in str(dict(stored))


def test_a_time_without_microseconds_is_stored_with_six_digits(
    app: Flask, engine: Engine, sam: dict[str, str]
) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(User).values(created_at=now().replace(microsecond=0)))
    stored = execute(engine, "SELECT created_at FROM users").scalar()
    assert str(stored).endswith(".000000")


def test_passwords() -> None:
    # As Django stores it.
    stored = "argon2$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$bkwbM0rdTB6nVVZKWYdBWQ"
    assert not verify_password("wrong", stored)
    assert not verify_password("any", None)


def test_writes_take_the_lock_at_once_and_reads_never_do(
    client: FlaskClient, engine: Engine, sam: dict[str, str]
) -> None:
    begun: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    client.get("/api/products", headers=sam)
    assert begun == ["BEGIN"]
    begun.clear()
    client.get("/api/users/me", headers=sam)  # renews the token's last use
    client.get("/api/users/me", headers=sam)
    assert begun == ["BEGIN", "BEGIN IMMEDIATE", "BEGIN"]
    begun.clear()
    client.post("/api/products", json=PRODUCT, headers=sam)
    assert begun == ["BEGIN", "BEGIN IMMEDIATE"]


def test_a_value_that_is_taken_meanwhile_is_answered_as_one_that_was_taken_before(
    client: FlaskClient, alice: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    look = User.find_conflicts
    looks = []

    def late(*args: Any) -> list[str]:
        looks.append(args)
        return look(*args) if len(looks) > 1 else []

    monkeypatch.setattr(User, "find_conflicts", late)
    sent = {"username": "alice", "email": "Alice@example.com", "password": "12345678"}
    response = client.post("/api/users", json=sent, headers={"Idempotency-Key": "k"})
    assert response.status_code == 409
    errors = response.get_json()["errors"]
    assert [error["pointer"] for error in errors] == ["/email", "/username"]
    assert len(looks) == 2


def test_a_product_that_goes_meanwhile_is_answered_as_one_that_was_not_there(
    client: FlaskClient, engine: Engine, alice: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    look = schemas.missing_products
    gone = UUID(int=1)
    answers: list[set[UUID]] = [set()]
    monkeypatch.setattr(
        schemas, "missing_products", lambda ids: answers.pop() if answers else look(ids)
    )
    sent = {"title": "x", "product_id": str(gone)}
    response = client.post("/api/todos", json=sent, headers=alice)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["code"] == "not_found"
    assert execute(engine, "SELECT count(*) FROM todos").scalar() == 0


def test_a_database_that_fails_is_unavailable(
    client: FlaskClient,
    engine: Engine,
    alice: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(engine.pool, "connect", fail_to_connect)
        response = client.get("/api/todos", headers={**alice, "X-Request-ID": "r-1"})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "[r-1] The database failed" in capsys.readouterr().err
    assert client.get("/api/health").status_code == 200
    assert client.get("/api/health/ready").status_code == 200


def fail_to_connect() -> None:
    raise OperationalError("", {}, sqlite3.OperationalError("unable to open database file"))


def test_a_statement_that_is_wrong_is_a_fault(
    client: FlaskClient, engine: Engine, alice: dict[str, str]
) -> None:
    execute(engine, "DROP TABLE tokens")
    assert client.get("/api/todos", headers=alice).status_code == 500


def test_a_value_that_breaks_a_check_is_a_fault_and_not_tried_again(
    client: FlaskClient, sam: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def sell(product: Product, **_: Any) -> None:
        tried.append(product)
        product.stock = -1

    monkeypatch.setattr(Product, "adjust", sell)
    product = client.post("/api/products", json=PRODUCT, headers=sam).location
    sent = {"delta": 1, "reason": "received"}
    answer = client.post(f"{product}/stock-adjustments", json=sent, headers=sam)
    assert (answer.status_code, len(tried)) == (500, 1)


def violation(code: str) -> IntegrityError:
    """Make an error as SQLAlchemy does of the driver's."""
    cause = sqlite3.IntegrityError(code)
    cause.sqlite_errorname = code
    return IntegrityError("", {}, cause)


@pytest.mark.parametrize(
    "conflict",
    [
        ConflictError(),
        StaleDataError(),
        violation("SQLITE_CONSTRAINT_FOREIGNKEY"),
        violation("SQLITE_CONSTRAINT_PRIMARYKEY"),
        violation("SQLITE_CONSTRAINT_UNIQUE"),
    ],
    ids=repr,
)
def test_a_conflict_that_persists_is_unavailable(
    client: FlaskClient,
    sam: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    conflict: Exception,
) -> None:
    tried = []

    def sell(product: Product, **_: Any) -> None:
        tried.append(product)
        raise conflict

    monkeypatch.setattr(Product, "adjust", sell)
    product = client.post("/api/products", json=PRODUCT, headers=sam).location
    sent = {"delta": 1, "reason": "received"}
    answer = client.post(f"{product}/stock-adjustments", json=sent, headers=sam)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.get_json()["type"] == "/api/problems/service-unavailable"
    assert len(tried) == ATTEMPTS
    assert type(conflict).__name__ in capsys.readouterr().err


def test_a_transaction_is_part_of_no_other(app: Flask) -> None:
    @transaction()
    def add(name: str) -> None:
        db.session.add(User(username=name, email=f"{name}@example.com", password=""))

    @transaction()
    def add_in_one_more() -> None:
        db.session.add(User(username="outer", email="outer@example.com", password=""))
        add("inner")

    with app.app_context():
        with pytest.raises(RuntimeError):
            add_in_one_more()
        assert not db.session.scalars(select(User)).all()
        add("later")
        assert [user.username for user in db.session.scalars(select(User))] == ["later"]


def test_a_login_that_meets_a_change_of_the_password_issues_no_token(
    client: FlaskClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/api/users", json=USER)

    def change(_username: str) -> None:  # as another request does, after the old one is verified
        execute(engine, "UPDATE users SET password = ''")

    monkeypatch.setattr(authentication, "forget_failed_logins", change)
    answer = client.post("/api/tokens", json={k: USER[k] for k in ("username", "password")})
    assert answer.status_code == 401
    assert execute(engine, "SELECT count(*) FROM tokens").scalar() == 0


def test_a_fault_tells_nothing_but_is_logged(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Product, "summary", lambda: 1 // 0)
    response = client.get("/api/products/summary")
    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert b"division" not in response.data
    logged = capsys.readouterr().err
    assert "ZeroDivisionError" in logged
    assert (
        f"[{response.headers['X-Request-ID']}] Exception on /api/products/summary [GET]" in logged
    )


def test_an_expired_token_is_no_token(
    app: Flask, client: FlaskClient, alice: dict[str, str]
) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Token).values(expires_at=now() - timedelta(seconds=1)))
    assert client.get("/api/todos", headers=alice).status_code == 401


def test_the_summary_is_exact_beyond_64_bits(
    engine: Engine, client: FlaskClient, sam: dict[str, str]
) -> None:
    for sku in ("MUG-1", "MUG-2"):
        client.post("/api/products", json={**PRODUCT, "sku": sku}, headers=sam)
    execute(engine, "UPDATE products SET price = 99999999.99, stock = 4000000000000")
    [figures] = client.get("/api/products/summary").get_json()["items"]
    assert figures["stock_value"] == "799999999920000000000.00"
    assert figures["mean_price"] == "99999999.99"


def test_a_requests_statement_on_sqlite_ends_when_its_time_is_over(tmp_path: Path) -> None:
    # No time at all is left for work; where there is no limit, the statement ends by itself.
    config = replace(Config.from_environment(environment(tmp_path)), DATABASE_TIMEOUT=0)
    app = create_app(config)
    with app.app_context():
        with app.test_request_context(), pytest.raises(OperationalError, match="interrupted"):
            # The first rows are there at once; what takes long is fetching the last.
            db.session.execute(text(LONG_STATEMENT)).all()
        db.session.rollback()
        # A command, on the same connection.
        assert len(db.session.execute(text(LONG_STATEMENT)).all()) == 10
        db.session.remove()
        db.engine.dispose()
