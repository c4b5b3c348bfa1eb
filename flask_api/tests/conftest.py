"""An application with a database of its own, and the three people of the demo data."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
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


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(Config.from_environment(environment(tmp_path)))
    with app.app_context():
        upgrade()
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
