"""What a reader adds by the documentation of Flask, Flask-RESTful or webargs works."""

import pytest
from flask import Flask, Response, abort, g, make_response
from flask.testing import FlaskClient
from marshmallow import fields
from webargs.flaskparser import use_args
from werkzeug.exceptions import Conflict

from flask_api.contract.rendering import Api, Resource, api

JSON = "application/json"


def test_representations(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def output_text(data: object, code: int, headers: object = None) -> Response:
        return make_response(str(data), code)

    # As the decorator does it, which would be for good.
    monkeypatch.setitem(api.representations, "text/plain", output_text)
    answer = client.get("/api/health", headers={"Accept": "text/plain"})
    assert (answer.mimetype, answer.text) == ("text/plain", "{'status': 'healthy'}")
    assert "ETag" in answer.headers
    assert client.get("/api/health", headers={"Accept": "text/csv"}).status_code == 406
    assert client.get("/api/health").mimetype == JSON


def test_hooks(app: Flask) -> None:
    @app.before_request
    def remember() -> None:
        g.remembered = "yes"

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["X-Remembered"] = g.remembered
        return response

    for path in ("/api/health", "/api/nowhere"):
        assert app.test_client().get(path).headers["X-Remembered"] == "yes"


def test_a_view_of_flasks_own(app: Flask) -> None:
    @app.get("/teapot")
    def teapot() -> str:
        abort(418)

    answer = app.test_client().get("/teapot")
    assert (answer.status_code, answer.headers["X-Frame-Options"]) == (418, "DENY")


@pytest.mark.parametrize(
    ("status", "problem"), [(400, "malformed-request"), (403, "forbidden"), (404, "not-found")]
)
def test_abort_in_a_resource(app: Flask, status: int, problem: str) -> None:
    class Refusing(Resource):
        def get(self) -> None:
            abort(status)

    Api(app).add_resource(Refusing, "/refusing")  # type: ignore[no-untyped-call]
    answer = app.test_client().get("/refusing")
    assert answer.status_code == status
    assert answer.get_json()["type"] == f"/api/problems/{problem}"


def test_error_handlers(app: Flask) -> None:
    class Conflicting(Resource):
        def get(self) -> None:
            raise Conflict

    @app.errorhandler(Conflict)
    def handle_conflict(_: Conflict) -> tuple[str, int]:
        return "someone else was first", 409

    @app.errorhandler(404)
    def handle_not_found(_: Exception) -> tuple[str, int]:
        return "not here", 404

    Api(app).add_resource(Conflicting, "/conflicting")  # type: ignore[no-untyped-call]
    client = app.test_client()
    assert client.get("/conflicting").text == "someone else was first"
    assert client.get("/api/nowhere").text == "not here"


def test_decorators_and_webargs(app: Flask) -> None:
    class Adding(Resource):
        @use_args({"term": fields.Integer(load_default=1)}, location="query")
        def get(self, args: dict[str, int]) -> dict[str, int]:
            return {"sum": args["term"] + 1}

    Api(app).add_resource(Adding, "/adding")  # type: ignore[no-untyped-call]
    client = app.test_client()
    assert client.get("/adding?term=2").get_json() == {"sum": 3}
    assert client.get("/adding?term=x").status_code == 422
