"""An application with a database of its own, and the three people of the demo data."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine

from flask_api import create_app
from flask_api.accounts.models import Token, User
from flask_api.config import Config
from flask_api.contract.database import db, transaction

KEY = "a-secret-key-for-tests-0123456789-abcdef"


def environment(folder: Path) -> dict[str, str]:
    return {
        "SECRET_KEY": KEY,
        "DATABASE_URL": f"sqlite:///{folder}/test.sqlite3",
        "TUNED": os.environ.get("TUNED", ""),
    }


class CompiledTemplates(BytecodeCache):
    """Templates of all applications of this process, each of which is compiled once."""

    def __init__(self) -> None:
        self.codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self.codes.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


@cache
def migrated() -> bytes:
    """Return a database file that has all tables and no rows."""
    with TemporaryDirectory() as folder:
        app = create_app(Config.from_environment(environment(Path(folder))))
        with app.app_context():
            upgrade()
            db.engine.dispose()
        return (Path(folder) / "test.sqlite3").read_bytes()


def make_app(folder: Path, **settings: str) -> Flask:
    """Make an application with a database of its own, a copy of one that was migrated once."""
    (folder / "test.sqlite3").write_bytes(migrated())
    app = create_app(Config.from_environment({**environment(folder), **settings}))
    app.jinja_env.bytecode_cache = COMPILED
    return app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def engine(app: Flask) -> Engine:
    """Give the database as it is, beside the application's requests."""
    with app.app_context():
        return db.engine


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def make_user(app: Flask, username: str, *, is_staff: bool = False) -> dict[str, str]:
    """Make a user, and give the header that stands for them."""
    with app.app_context(), transaction():
        user = User(
            username=username, email=f"{username}@example.com", password="", is_staff=is_staff
        )
        db.session.add(user)
        db.session.flush()
        token = Token.issue(user, 60)
        db.session.add(token)
    return {"Authorization": f"Bearer {token.token}"}


@pytest.fixture
def alice(app: Flask) -> dict[str, str]:
    return make_user(app, "alice")


@pytest.fixture
def sam(app: Flask) -> dict[str, str]:
    return make_user(app, "sam", is_staff=True)
