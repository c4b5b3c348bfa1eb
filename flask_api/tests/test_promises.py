"""Extending the twin as the documentation of its libraries describes has the documented effect.

Each test adds something to one of the twin's own resources, schemas or models, or to its
application. `make test-twins` runs them a second time with TUNED=1.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Blueprint, Flask, Response, abort, g, make_response, request
from flask.testing import FlaskClient
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_restful import Resource
from marshmallow import (
    EXCLUDE,
    ValidationError,
    fields,
    post_dump,
    post_load,
    pre_dump,
    pre_load,
    validate,
    validates,
    validates_schema,
)
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import (
    ORMExecuteState,
    immediateload,
    lazyload,
    selectinload,
    subqueryload,
    with_loader_criteria,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from webargs.flaskparser import use_args, use_kwargs
from werkzeug.exceptions import Conflict
from werkzeug.routing import BaseConverter

from flask_api import create_app
from flask_api.config import Config
from flask_api.contract.database import db
from flask_api.contract.rendering import Api
from flask_api.products.models import Product
from flask_api.products.resources import ProductDetail, ProductList
from flask_api.products.schemas import ProductSchema
from flask_api.tests.conftest import environment
from flask_api.todos.models import Todo
from flask_api.todos.schemas import TodoSchema

Headers = dict[str, str]
View = Callable[..., Any]

MUG = {"sku": "MUG", "name": "Mug", "category": "kitchen", "price": "14.50", "currency": "EUR"}
CUP = {**MUG, "sku": "CUP", "name": "Cup"}
TODO = {
    "title": "Restock",
    "tags": ["shelf"],
    "items": [{"text": "Count", "done": True}, {"text": "Order"}],
}


@pytest.fixture
def api(app: Flask) -> Any:
    return Api(app)  # type: ignore[no-untyped-call]  # Flask-RESTful has no types


@pytest.fixture
def other(app: Flask, tmp_path: Path) -> Iterator[FlaskClient]:
    """Give another application on the same database: one that has answered takes no more routes."""
    other = create_app(Config.from_environment(environment(tmp_path)))
    yield other.test_client()
    with other.app_context():
        db.engine.dispose()


@pytest.fixture
def mug(other: FlaskClient, sam: Headers) -> str:
    """Return the path of a product."""
    return other.post("/api/products", json=MUG, headers=sam).headers["Location"]


@pytest.fixture
def todo(other: FlaskClient, alice: Headers) -> str:
    """Return the path of a todo."""
    return other.post("/api/todos", json=TODO, headers=alice).headers["Location"]


def id_in(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


def read(client: FlaskClient, path: str, headers: Headers | None = None) -> Any:
    return client.get(path, headers=headers).json


def test_tuning_is_as_the_environment_says(app: Flask) -> None:
    assert app.config["TUNED"] == (os.environ.get("TUNED") == "1")


# Dumping by schemas


@pytest.fixture
def shown(api: Any, client: FlaskClient, mug: str) -> Callable[[ProductSchema], Any]:
    """Show a product by a schema, alone and in a list."""

    def show(schema: ProductSchema) -> Any:
        class Alone(Resource):
            def get(self) -> Any:
                return schema.dump(db.session.get(Product, id_in(mug)))

        class InAList(Resource):
            def get(self) -> Any:
                return schema.dump([db.session.get(Product, id_in(mug))], many=True)

        api.add_resource(Alone, "/api/promise")
        api.add_resource(InAList, "/api/promises")
        alone = read(client, "/api/promise")
        assert read(client, "/api/promises") == [alone]
        return alone

    return show


Shown = Callable[[ProductSchema], Any]


def test_library_fields(shown: Shown) -> None:
    class Cents(fields.Field[int]):
        def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> int:
            return int(value * 100)

    class Extended(ProductSchema):
        class Meta:
            fields = ("sku", "weight", "kind", "cents", "extras", "shop", "label", "caption")

        weight = fields.Float(attribute="price", dump_only=True)
        kind = fields.String(attribute="category", data_key="kindOf", dump_only=True)
        cents = Cents(attribute="price", dump_only=True)
        extras = fields.Dict(fields.String(), attribute="attributes", dump_only=True)
        shop = fields.Constant("ours")
        label = fields.Function(lambda product: f"{product.sku}: {product.name}")
        caption = fields.Method("get_caption")

        def get_caption(self, product: Product) -> str:
            return product.name.upper()

    assert shown(Extended()) == {
        "sku": "MUG",
        "weight": 14.5,
        "kindOf": "kitchen",
        "cents": 1450,
        "extras": {},
        "shop": "ours",
        "label": "MUG: Mug",
        "caption": "MUG",
    }


def test_missing_attributes(shown: Shown) -> None:
    class Extended(ProductSchema):
        colour = fields.String()
        size = fields.String(dump_default="medium")
        parts = fields.Nested(ProductSchema, many=True)

    found = shown(Extended())
    assert found["size"] == "medium"
    assert not {"colour", "parts"} & {*found}


def test_post_dump(shown: Shown) -> None:
    class Loud(ProductSchema):
        @post_dump(pass_original=True)
        def shout(self, data: dict[str, Any], original: Product, **_: Any) -> dict[str, Any]:
            return {**data, "name": original.name.upper()}

    assert shown(Loud())["name"] == "MUG"


def test_post_dump_of_a_collection(app: Flask) -> None:
    class Enveloped(ProductSchema):
        @post_dump(pass_collection=True)
        def envelop(self, data: Any, *, many: bool, **_: Any) -> Any:
            return {"products": data} if many else data

    with app.app_context():
        assert Enveloped(only=("sku",)).dump([Product(sku="MUG")], many=True) == {
            "products": [{"sku": "MUG"}]
        }


def test_pre_dump(shown: Shown) -> None:
    class Renamed(ProductSchema):
        @pre_dump
        def rename(self, product: Product, **_: Any) -> Any:
            return {"sku": product.sku, "name": "Renamed"}

    assert shown(Renamed()) == {"sku": "MUG", "name": "Renamed"}


def test_only_and_exclude(shown: Shown, app: Flask) -> None:
    assert shown(ProductSchema(only=("sku", "name"))) == {"sku": "MUG", "name": "Mug"}
    with app.app_context():
        product = {"sku": "MUG", "name": "Mug", "stock": 7}
        assert "stock" in ProductSchema().dump(product)
        assert "stock" not in ProductSchema(exclude=("stock",)).dump(product)


def test_dump_of_a_dict_and_of_any_object(app: Flask) -> None:
    class Thing:
        sku = "MUG"

    with app.app_context():
        for value in ({"sku": "MUG"}, Thing()):
            assert ProductSchema(only=("sku", "name")).dump(value) == {"sku": "MUG"}
        assert ProductSchema(many=True, only=("sku",)).dump([Thing()]) == [{"sku": "MUG"}]


def test_get_attribute(shown: Shown) -> None:
    class Loud(ProductSchema):
        def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
            value = super().get_attribute(obj, attr, default)
            return value.upper() if attr == "name" else value

    assert shown(Loud())["name"] == "MUG"


def test_on_bind_field(shown: Shown) -> None:
    class CamelCase(ProductSchema):
        def on_bind_field(self, field_name: str, field_obj: Any) -> None:
            field_obj.data_key = field_name.title().replace("_", "")

    found = shown(CamelCase())
    assert (found["Sku"], found["Stock"]) == ("MUG", 0)
    assert "CreatedAt" in found


def test_related_objects(api: Any, client: FlaskClient, todo: str) -> None:
    class Related(TodoSchema):
        urgency = fields.String(attribute="priority.name")
        number = fields.Function(lambda todo: len(todo.items))

    class Shown(Resource):
        def get(self) -> Any:
            return Related().dump(db.session.get(Todo, id_in(todo)))

    api.add_resource(Shown, "/api/promise")
    found = read(client, "/api/promise")
    assert (found["urgency"], found["number"]) == ("normal", 2)


# Loading by schemas


@pytest.fixture
def loaded(api: Any, client: FlaskClient) -> Callable[[ProductSchema, Any], Any]:
    """Load a body by a schema, and return the answer."""

    def load(schema: ProductSchema, body: Any) -> Any:
        class Loaded(Resource):
            def post(self) -> Any:
                return {name: str(value) for name, value in schema.load(request.json).items()}

        api.add_resource(Loaded, "/api/promise")
        return client.post("/api/promise", json=body)

    return load


Loaded = Callable[[ProductSchema, Any], Any]


def test_library_fields_are_loaded(loaded: Loaded) -> None:
    class Extended(ProductSchema):
        mail = fields.Email(data_key="e-mail", attribute="contact")
        weight = fields.Float(load_default=1.5)

    found = loaded(Extended(), {**MUG, "e-mail": "a@example.com"}).json
    assert (found["contact"], found["weight"]) == ("a@example.com", "1.5")


def test_pre_load_and_post_load(loaded: Loaded) -> None:
    class Trimming(ProductSchema):
        @pre_load
        def trim(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
            return {**data, "name": data["name"].strip()}

        @post_load
        def shout(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
            return {**data, "name": data["name"].upper()}

    assert loaded(Trimming(), {**MUG, "name": " Cup "}).json["name"] == "CUP"


class RefusedByValidator(ProductSchema):
    name = fields.String(validate=validate.Length(max=2))  # type: ignore[assignment]  # not strict


class RefusedByName(ProductSchema):
    @validates("name")
    def refuse(self, value: str, **_: Any) -> None:
        raise ValidationError("Nobody likes it.")


class RefusedBySchema(ProductSchema):
    @validates_schema
    def refuse(self, data: dict[str, Any], **_: Any) -> None:
        raise ValidationError("Nobody likes it.", "name")


class RefusedAsAWhole(ProductSchema):
    @validates_schema
    def refuse(self, data: dict[str, Any], **_: Any) -> None:
        raise ValidationError("Nobody likes it.")


class RefusedByField(ProductSchema):
    name = fields.Email()  # type: ignore[assignment]  # not strict


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        (RefusedByValidator, "/name"),
        (RefusedByField, "/name"),
        (RefusedByName, "/name"),
        (RefusedBySchema, "/name"),
        (RefusedAsAWhole, ""),
    ],
)
def test_validators(loaded: Loaded, schema: type[ProductSchema], pointer: str) -> None:
    answer = loaded(schema(), MUG)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_unknown_and_partial_of_an_instance(loaded: Loaded) -> None:
    schema = ProductSchema(unknown=EXCLUDE, partial=("sku",))
    found = loaded(schema, {**CUP, "colour": "red", "sku": "CUP"}).json
    assert "colour" not in found
    assert found["sku"] == "CUP"


# Resources


def refuse(view: View) -> View:
    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        abort(403)

    return wrapper


class RefusedByMethodDecorators(ProductDetail):
    method_decorators = [refuse]


class RefusedByDecorators(ProductDetail):
    decorators = [refuse]


@pytest.mark.parametrize("resource", [RefusedByMethodDecorators, RefusedByDecorators])
def test_decorators(
    api: Any, client: FlaskClient, mug: str, sam: Headers, resource: type[Resource]
) -> None:
    api.add_resource(resource, "/promise/<id:product_id>")
    path = f"/promise/{id_in(mug)}"
    assert client.get(path).status_code == 403
    assert client.patch(path, json={"name": "Cup"}, headers=sam).status_code == 403
    assert read(client, mug)["name"] == "Mug"


def test_decorators_of_one_method(api: Any, client: FlaskClient, mug: str, sam: Headers) -> None:
    class ReadOnly(ProductDetail):
        method_decorators = {"patch": [refuse]}  # type: ignore[assignment]  # not just a list

    api.add_resource(ReadOnly, "/promise/<id:product_id>")
    path = f"/promise/{id_in(mug)}"
    assert read(client, path)["name"] == "Mug"
    assert client.patch(path, json={"name": "Cup"}, headers=sam).status_code == 403


def test_decorators_of_an_api(app: Flask, client: FlaskClient, mug: str) -> None:
    class Same(ProductDetail):
        pass

    api: Any = Api(app, decorators=[refuse])  # type: ignore[no-untyped-call]  # as above
    api.add_resource(Same, "/promise/<id:product_id>")
    assert client.get(f"/promise/{id_in(mug)}").status_code == 403
    assert client.get(mug).status_code == 200


def test_api_of_a_blueprint(app: Flask, client: FlaskClient, mug: str) -> None:
    class Same(ProductDetail):
        pass

    blueprint = Blueprint("more", __name__, url_prefix="/api/more")
    Api(blueprint).add_resource(Same, "/<id:product_id>")  # type: ignore[no-untyped-call]
    app.register_blueprint(blueprint)
    assert read(client, f"/api/more/{id_in(mug)}")["sku"] == "MUG"
    missing: Any = client.get(f"/api/more/{UUID(int=0)}")
    assert (missing.status_code, missing.json["type"]) == (404, "/api/problems/not-found")


def test_what_a_resource_returns(api: Any, client: FlaskClient) -> None:
    class Returned(Resource):
        answers = {
            "data": ["plain"],
            "code": ({"made": True}, 201),
            "headers": ({"made": True}, 202, {"X-Made": "yes"}),
            "response": Response("text", 203, content_type="text/plain"),
        }

        def get(self, name: str) -> Any:
            return self.answers[name]

    api.add_resource(Returned, "/promise/<name>")
    data, code, headers, response = (client.get(f"/promise/{name}") for name in Returned.answers)
    assert (data.status_code, data.json, data.mimetype) == (200, ["plain"], "application/json")
    assert (code.status_code, code.json) == (201, {"made": True})
    assert (headers.status_code, headers.headers["X-Made"]) == (202, "yes")
    assert (response.status_code, response.text, response.mimetype) == (203, "text", "text/plain")


def test_representation(api: Any, client: FlaskClient) -> None:
    @api.representation("text/csv")  # type: ignore[untyped-decorator]  # Flask-RESTful has no types
    def as_csv(data: Any, code: int, headers: Any = None) -> Response:
        response = make_response(",".join(data), code)
        response.headers.extend(headers or {})
        return response

    class Named(Resource):
        def get(self) -> Any:
            return ["Mug", "Cup"], 200, {"X-Names": "2"}

    api.add_resource(Named, "/api/promise")
    csv = client.get("/api/promise", headers={"Accept": "text/csv"})
    assert (csv.text, csv.mimetype, csv.headers["X-Names"]) == ("Mug,Cup", "text/csv", "2")
    assert client.get("/api/promise", headers={"Accept": "application/json"}).json == ["Mug", "Cup"]


def test_converter(app: Flask, api: Any, client: FlaskClient, mug: str) -> None:
    class Hex(BaseConverter):
        def to_python(self, value: str) -> UUID:
            return UUID(int=int(value, 16))

        def to_url(self, value: UUID) -> str:
            return f"{value.int:x}"

    class Same(ProductDetail):
        pass

    app.url_map.converters["hex"] = Hex
    api.add_resource(Same, "/promise/<hex:product_id>")
    with app.test_request_context():
        path = api.url_for(Same, product_id=id_in(mug))
    assert path == f"/promise/{id_in(mug).int:x}"
    assert read(client, path)["sku"] == "MUG"


def test_webargs(api: Any, client: FlaskClient) -> None:
    class Searching(ProductList):
        @use_args({"page": fields.Integer(load_default=1)}, location="query")
        def get(self, query: dict[str, Any]) -> Any:
            return query

        @use_kwargs({"name": fields.String(required=True)}, location="json")
        def post(self, name: str) -> Any:
            return {"name": name}, 201

    api.add_resource(Searching, "/api/promise")
    assert read(client, "/api/promise?page=3") == {"page": 3}
    assert read(client, "/api/promise") == {"page": 1}
    assert client.get("/api/promise?page=x").status_code == 422
    assert client.post("/api/promise", json={"name": "Cup"}).json == {"name": "Cup"}
    assert client.post("/api/promise", json={}).status_code == 422


# Limits


@pytest.mark.parametrize("attribute", ["decorators", "method_decorators"])
def test_flask_limiter_on_a_resource(
    app: Flask, api: Any, client: FlaskClient, mug: str, attribute: str
) -> None:
    limiter = Limiter(get_remote_address, app=app, headers_enabled=True, storage_uri="memory://")
    limited = type("Limited", (ProductDetail,), {attribute: [limiter.limit("2 per minute")]})
    api.add_resource(limited, "/api/promise/<id:product_id>")
    path = f"/api/promise/{id_in(mug)}"
    assert [client.get(path).status_code for _ in range(2)] == [200, 200]
    refused: Any = client.get(path)
    assert (refused.status_code, refused.json["type"]) == (429, "/api/problems/too-many-requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert client.get(mug).status_code == 200


def test_flask_limiter_by_default(app: Flask, client: FlaskClient, mug: str) -> None:
    Limiter(get_remote_address, app=app, default_limits=["2 per minute"], storage_uri="memory://")
    assert [client.get(mug).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/api/products").status_code == 200


# The application


def test_before_and_after_request(app: Flask, client: FlaskClient, mug: str) -> None:
    seen: list[str] = []

    @app.before_request
    def close() -> Any:
        g.began = True
        return ("closed", 503) if "Close" in request.headers else None

    @app.after_request
    def add(response: Response) -> Response:
        response.headers["X-Began"] = str(g.began)
        return response

    @app.teardown_request
    def note(_error: BaseException | None) -> None:
        seen.append(request.path)

    answer = client.get(mug)
    assert (answer.status_code, answer.headers["X-Began"]) == (200, "True")
    closed = client.get(mug, headers={"Close": "yes"})
    assert (closed.status_code, closed.text, closed.headers["X-Began"]) == (503, "closed", "True")
    assert seen == [mug, mug]
    assert client.get("/nowhere").headers["X-Began"] == "True"


@pytest.mark.parametrize(
    "error",
    [
        KeyError("mug"),
        Conflict(),
        ValidationError("Nobody likes it."),
        IntegrityError("", {}, Exception()),
        StaleDataError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_error_handler(
    app: Flask, api: Any, client: FlaskClient, mug: str, error: Exception
) -> None:
    class Failing(ProductDetail):
        def get(self, product_id: UUID) -> Any:
            raise error

    @app.errorhandler(type(error))
    def answer(found: Exception) -> Any:
        return {"handled": type(found).__name__}, 418

    api.add_resource(Failing, "/promise/<id:product_id>")
    found = client.get(f"/promise/{id_in(mug)}")
    assert (found.status_code, found.json) == (418, {"handled": type(error).__name__})


@pytest.mark.parametrize("path", ["/nowhere", f"/api/products/{UUID(int=0)}"])
def test_error_handler_of_a_status(app: Flask, client: FlaskClient, path: str) -> None:
    @app.errorhandler(404)
    def answer(_error: Exception) -> Any:
        return "Gone fishing.", 404

    found = client.get(path)
    assert (found.status_code, found.text) == (404, "Gone fishing.")


# The session


@contextmanager
def listening(target: Any, name: str, listener: Callable[..., None]) -> Iterator[None]:
    event.listen(target, name, listener)
    try:
        yield
    finally:
        event.remove(target, name, listener)


def test_loader_criteria(client: FlaskClient, mug: str, sam: Headers) -> None:
    def hide_mugs(state: ORMExecuteState) -> None:
        if state.is_select:
            criteria = with_loader_criteria(Product, Product.sku != "MUG")
            state.statement = state.statement.options(criteria)

    cup = client.post("/api/products", json=CUP, headers=sam).headers["Location"]
    with listening(db.session, "do_orm_execute", hide_mugs):
        assert client.get(cup).status_code == 200
        assert client.get(mug).status_code == 404
        assert client.patch(mug, json={"name": "Cup"}, headers=sam).status_code == 404
        items = read(client, "/api/products")["items"]
        assert [item["sku"] for item in items] == ["CUP"]
    assert read(client, mug)["name"] == "Mug"


def test_events_of_the_session(client: FlaskClient, sam: Headers) -> None:
    seen: list[str] = []

    def describe(session: Any, _context: Any, _instances: Any) -> None:
        for product in session.new | session.dirty:
            if isinstance(product, Product):
                product.description = "Set before the flush"

    with (
        listening(db.session, "before_flush", describe),
        listening(db.session, "after_commit", lambda _session: seen.append("commit")),
    ):
        path = client.post("/api/products", json=MUG, headers=sam).headers["Location"]
        assert seen
        assert read(client, path)["description"] == "Set before the flush"
        client.patch(path, json={"description": ""}, headers=sam)
    assert read(client, path)["description"] == "Set before the flush"


def test_events_of_a_model(client: FlaskClient, sam: Headers) -> None:
    seen: list[tuple[str, str]] = []

    def note(name: str) -> Callable[..., None]:
        return lambda _mapper, _connection, product: seen.append((name, product.sku))

    with (
        listening(Product, "before_insert", note("insert")),
        listening(Product, "after_update", note("update")),
        listening(Product, "after_delete", note("delete")),
    ):
        path = client.post("/api/products", json=MUG, headers=sam).headers["Location"]
        client.patch(path, json={"sku": "CUP"}, headers=sam)
        client.delete(path, headers=sam)
    assert seen == [("insert", "MUG"), ("update", "CUP"), ("delete", "CUP")]


def test_event_of_a_loaded_instance(client: FlaskClient, mug: str) -> None:
    def rename(product: Product, _context: Any) -> None:
        set_committed_value(product, "name", "Renamed")

    with listening(Product, "load", rename):
        assert read(client, mug)["name"] == "Renamed"
        assert read(client, "/api/products")["items"][0]["name"] == "Renamed"
    assert read(client, mug)["name"] == "Mug"


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Note the statements that read checklists."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "checklist_items" in statement:
            found.append(statement)

    with listening(engine, "before_cursor_execute", note):
        yield found


@pytest.mark.parametrize(
    ("load", "statements"),
    [(lazyload, 3), (immediateload, 3), (selectinload, 1), (subqueryload, 1)],
)
def test_loading_of_a_relationship(
    client: FlaskClient, engine: Engine, alice: Headers, load: Any, statements: int
) -> None:
    for _ in range(3):
        client.post("/api/todos", json=TODO, headers=alice)
    before = read(client, "/api/todos", alice)

    def choose(state: ORMExecuteState) -> None:
        if state.is_select and state.bind_mapper is Todo.__mapper__:
            state.statement = state.statement.options(load(Todo.items))

    with listening(db.session, "do_orm_execute", choose), counted(engine) as found:
        assert read(client, "/api/todos", alice) == before
    assert len(found) == statements
