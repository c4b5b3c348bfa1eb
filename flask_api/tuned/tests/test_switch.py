"""The ring is there when every library is of a version that it knows, and else not at all."""

import logging
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from marshmallow import Schema

from flask_api import tuned
from flask_api.tuned import serializing
from flask_api.tuned.reading import ReadingSession


@pytest.fixture(autouse=True)
def own_serialize() -> Iterator[None]:
    before = Schema._serialize
    Schema._serialize = serializing.library_serialize  # type: ignore[method-assign]
    yield
    Schema._serialize = before  # type: ignore[method-assign]


def make_app(**session_options: Any) -> tuple[Flask, SQLAlchemy]:
    app, db = Flask("tried"), SQLAlchemy(session_options=session_options)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    return app, db


def is_tuned(app: Flask, db: SQLAlchemy) -> list[bool]:
    with app.app_context():
        return [
            Schema._serialize is serializing.serialize,
            isinstance(db.session(), ReadingSession),
            "ensure_sync" in vars(app),
        ]


def test_it_is_there() -> None:
    app, db = make_app()
    for _ in range(2):
        tuned.init_app(app)
        assert is_tuned(app, db) == [True, True, True]


@pytest.mark.parametrize("name", ["execute", "get", "scalar", "scalars"])
def test_a_session_class_that_reads_in_its_own_way(name: str) -> None:
    own = type("Own", (Session,), {name: lambda *_: "heard"})
    app, db = make_app(class_=own)
    tuned.init_app(app)
    assert is_tuned(app, db) == [True, False, True]
    with app.app_context():
        assert getattr(db.session(), name)(None) == "heard"


@pytest.mark.parametrize("name", tuned.KNOWN)
def test_other_versions(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    monkeypatch.setattr(tuned, "version", lambda each: "99.0" if each == name else version(each))
    app, db = make_app()
    with caplog.at_level(logging.WARNING):
        tuned.init_app(app)
    assert name in caplog.text
    assert is_tuned(app, db) == [False, False, False]
