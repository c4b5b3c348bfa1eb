"""What a reader adds by the documentation of Flask, Flask-RESTful or webargs works."""

from io import BytesIO
from typing import Any

import pytest
from flask import (
    Flask,
    Response,
    abort,
    got_request_exception,
    make_response,
    redirect,
    request,
    send_file,
)
from flask.testing import FlaskClient
from marshmallow import ValidationError, fields, validates_schema
from webargs.fields import DelimitedList
from webargs.flaskparser import use_kwargs
from werkzeug.exceptions import ServiceUnavailable

from flask_api.contract.database import transaction
from flask_api.contract.idempotency import idempotent
from flask_api.contract.parameters import HeaderSchema, QuerySchema, parameters
from flask_api.contract.parsing import json_body
from flask_api.contract.rendering import Api, Resource, api
from flask_api.contract.schemas import Schema

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

    Api(app).add_resource(Refusing, "/api/refusing")  # type: ignore[no-untyped-call]
    answer = app.test_client().get("/api/refusing")
    assert answer.status_code == status
    assert answer.get_json()["type"] == f"/api/problems/{problem}"


def answer_of(app: Flask, view: Any) -> Any:
    """Send a GET that a resource answers with what the view returns."""

    class Answering(Resource):
        def get(self) -> Any:
            return view()

    Api(app).add_resource(Answering, "/api/answering")  # type: ignore[no-untyped-call]
    return app.test_client().get("/api/answering")


def test_a_file(app: Flask) -> None:
    answer = answer_of(app, lambda: send_file(BytesIO(b"hello"), mimetype="text/plain"))
    assert (answer.status_code, answer.text) == (200, "hello")


def test_a_stream_is_not_read_ahead(app: Flask) -> None:
    read = []

    def generate() -> Any:
        for part in ("a", "b"):
            read.append(part)
            yield part

    @app.after_request
    def look(response: Response) -> Response:
        assert read == []
        return response

    assert answer_of(app, lambda: Response(generate())).text == "ab"


def test_an_entity_tag_of_the_handlers_own(app: Flask) -> None:
    answer = answer_of(app, lambda: ({}, 200, {"ETag": '"mine"'}))
    assert answer.headers["ETag"] == '"mine"'
    condition = {"If-None-Match": '"mine"'}
    assert app.test_client().get("/api/answering", headers=condition).status_code == 304


def test_vary_of_the_handlers_own(app: Flask) -> None:
    answer = answer_of(app, lambda: ({}, 200, {"Vary": "Accept-Language"}))
    assert answer.vary.as_set() == {"accept-language", "origin"}


def test_url_value_preprocessor(app: Flask) -> None:
    @app.url_value_preprocessor
    def refuse(endpoint: str | None, values: Any) -> None:
        abort(404)

    answer = app.test_client().get("/api/health", headers={"X-Request-ID": "r-1"})
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (404, "r-1")


@pytest.mark.parametrize("debug", [False, True])
def test_signal_of_a_fault(app: Flask, monkeypatch: pytest.MonkeyPatch, *, debug: bool) -> None:
    seen: list[BaseException] = []

    def note(_sender: Flask, exception: BaseException, **_: Any) -> None:
        seen.append(exception)

    app.debug = debug
    app.config["APP_ENV"] = "development"
    with got_request_exception.connected_to(note, app):
        answer = answer_of(app, lambda: 1 // 0)
    assert (answer.status_code, answer.json["type"]) == (500, "/api/problems/internal-error")
    assert [type(error) for error in seen] == [ZeroDivisionError]
    monkeypatch.setattr(app, "testing", True)
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/api/answering")


def test_abort_with_what_the_contract_has_no_problem_for(app: Flask) -> None:
    answer = answer_of(app, lambda: abort(410, "It was here."))
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "detail": "It was here.",
        "instance": "/api/answering",
    }


def test_abort_with_a_response(app: Flask) -> None:
    answer = answer_of(app, lambda: abort(make_response("mine", 409)))
    assert (answer.status_code, answer.text) == (409, "mine")


def test_a_redirect(app: Flask) -> None:
    answer = answer_of(app, lambda: abort(redirect("/new", 303)))
    assert (answer.status_code, answer.location) == (303, "/new")


def test_headers_of_an_exception(app: Flask) -> None:
    def refuse() -> None:
        raise ServiceUnavailable(retry_after=7)

    answer = answer_of(app, refuse)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_fields_of_parameters(app: Flask) -> None:
    class Query(QuerySchema):
        ids = DelimitedList(fields.Integer())

    class Key(HeaderSchema):
        key = fields.String(data_key="X-API-Key", required=True)

    @parameters(Query, Key)
    def view(query: dict[str, Any]) -> Any:
        return query

    assert answer_of(app, view).status_code == 400
    client, headers = app.test_client(), {"X-API-Key": "k"}
    assert client.get("/api/answering?ids=1,2", headers=headers).json == {"ids": [1, 2]}
    refused: Any = client.get("/api/answering?ids=1,x", headers=headers).json
    assert [error["parameter"] for error in refused["errors"]] == ["ids"]


def test_a_validation_error_of_a_text(app: Flask) -> None:
    class Range(Schema):
        low = fields.Integer()

        @validates_schema
        def check(self, data: Any, **_: Any) -> None:
            raise ValidationError({"low": "Must be low."})

    answer = answer_of(app, lambda: Range().load({"low": 1}))
    [error] = answer.json["errors"]
    assert (error["pointer"], error["detail"]) == ("/low", "Must be low.")


@pytest.mark.parametrize(
    "returned",
    [
        {"made": 1},
        ({"made": 1}, 201),
        ({"made": 1}, 201, {"Location": "/x"}),
        Response('{"made":1}', 201, mimetype="application/json"),
    ],
)
def test_what_an_idempotent_handler_returns(app: Flask, returned: Any) -> None:
    class Making(Resource):
        @json_body
        @transaction()
        @idempotent
        def post(self, body: Any) -> Any:
            return returned

    Api(app).add_resource(Making, "/api/making")  # type: ignore[no-untyped-call]
    client = app.test_client()
    answers = [
        client.post("/api/making", json={}, headers=headers)
        for headers in ({}, {"Idempotency-Key": "k"}, {"Idempotency-Key": "k"})
    ]
    assert [each.json for each in answers] == [{"made": 1}] * 3
    assert len({(each.status_code, each.location) for each in answers}) == 1
    assert answers[2].headers["Idempotency-Replayed"] == "true"


def form(name: str) -> dict[str, Any]:
    """Return a form with a file, as a browser sends it."""
    parts = {
        'name="name"': name,
        'name="file"; filename="a.txt"': "hello",
    }
    sections = [
        f"--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n"
        for head, text in parts.items()
    ]
    return {
        "data": "".join(sections) + "--X--\r\n",
        "content_type": "multipart/form-data; boundary=X",
    }


def test_a_form_with_an_idempotency_key(app: Flask) -> None:
    class Uploading(Resource):
        @transaction()
        @idempotent
        def post(self) -> Any:
            return {"name": request.form["name"], "size": len(request.files["file"].read())}, 201

    Api(app).add_resource(Uploading, "/api/uploads")  # type: ignore[no-untyped-call]
    client, headers = app.test_client(), {"Idempotency-Key": "k"}
    for replayed in (None, "true"):
        answer = client.post("/api/uploads", headers=headers, **form("mug"))
        assert (answer.status_code, answer.json) == (201, {"name": "mug", "size": 5})
        assert answer.headers.get("Idempotency-Replayed") == replayed
    other: Any = client.post("/api/uploads", headers=headers, **form("cup"))
    assert other.json["type"] == "/api/problems/idempotency-key-reused"


def test_a_form_that_is_read_before_its_key_is_looked_at(app: Flask) -> None:
    made = []

    class Naming(Resource):
        @use_kwargs({"name": fields.String()}, location="form")
        @transaction()
        @idempotent
        def post(self, name: str) -> Any:
            made.append(name)
            return {"name": name}, 201

    Api(app).add_resource(Naming, "/api/names")  # type: ignore[no-untyped-call]
    client = app.test_client()
    assert client.post("/api/names", **form("mug")).status_code == 201
    # A fault, in place of the answer to another form.
    for name in ("mug", "cup"):
        answer = client.post("/api/names", headers={"Idempotency-Key": "k"}, **form(name))
        assert answer.status_code == 500
    assert made == ["mug"]
