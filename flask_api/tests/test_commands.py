"""The commands."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, text, update

from flask_api import create_app
from flask_api.accounts.models import Token, User
from flask_api.config import ROOT, Config
from flask_api.contract.database import db, now, transaction
from flask_api.contract.idempotency import IdempotencyKey
from flask_api.tests.conftest import environment, make_user


def run(app: Flask, command: str) -> str:
    result = app.test_cli_runner().invoke(args=[command])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    "command",
    ["seed", "prune", "create-staff --username bob --email b@example.com --password long-enough"],
)
def test_a_missing_table_is_one_line(command: str, tmp_path: Path) -> None:
    app = create_app(Config.from_environment(environment(tmp_path)))
    result = app.test_cli_runner().invoke(args=command.split())
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the database can't be used: no such table")
    assert "db upgrade" in result.stderr
    assert result.stderr.count("\n") == 1
    with app.app_context():
        db.engine.dispose()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_seed_names_what_is_in_its_way(app: Flask) -> None:
    make_user(app, "alice")
    result = app.test_cli_runner().invoke(args=["seed"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: something in the database has a name of the demo data")
    assert "uq_users_" in result.stderr
    assert result.stderr.count("\n") == 1
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_seed_loads_the_demo_data_once(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    demo = yaml.safe_load((ROOT / "openapi.yaml").read_bytes())["x-demo-data"]
    printed = run(app, "seed")
    for user in demo["users"]:
        assert f"{user['username']}: {user['password']}" in printed
        credentials = {name: user[name] for name in ("username", "password")}
        assert client.post("/api/tokens", json=credentials).status_code == 201
    for product in demo["products"]:
        shown = client.get(f"/api/products/{product['id']}").json
        assert shown is not None
        stock = sum(movement["delta"] for movement in product.pop("stock_adjustments"))
        assert shown == {**product, "stock": stock}
    before = dump(tmp_path / "test.sqlite3")
    assert "already" in run(app, "seed")
    assert dump(tmp_path / "test.sqlite3") == before


def test_every_stock_is_the_sum_of_its_adjustments(app: Flask, engine: Engine) -> None:
    run(app, "seed")
    statement = """
        SELECT stock, (SELECT coalesce(sum(delta), 0) FROM stock_adjustments
        WHERE product_id = products.id) FROM products"""
    with engine.begin() as connection:
        rows = connection.execute(text(statement)).all()
    assert len(rows) == 60
    assert all(stock == total for stock, total in rows)


def test_prune(app: Flask, client: FlaskClient, alice: dict[str, str], sam: dict[str, str]) -> None:
    for key in ("new", "old"):
        client.post("/api/todos", json={"title": key}, headers={**alice, "Idempotency-Key": key})
    old = now() - timedelta(hours=24, seconds=1)
    with app.app_context(), transaction():
        db.session.execute(
            update(IdempotencyKey).where(IdempotencyKey.key == "old").values(created_at=old)
        )
        first = db.session.scalars(select(Token.id)).first()
        db.session.execute(update(Token).where(Token.id == first).values(expires_at=now()))
    assert run(app, "prune") == "Deleted 1 tokens and 1 idempotency keys.\n"
    with app.app_context():
        assert db.session.scalars(select(IdempotencyKey.key)).all() == ["new"]
        assert db.session.scalar(select(func.count(Token.id))) == 1
