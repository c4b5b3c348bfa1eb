import pytest
from flask import Flask


@pytest.fixture
def app():
    app = Flask(__name__)
    app.config.update({"TESTING": True})
    app.add_url_rule("/health", view_func=lambda: {"status": "ok"})
    return app


@pytest.fixture
def client(app):
    return app.test_client()


def test_health(client):
    assert client.get("/health").json == {"status": "ok"}
