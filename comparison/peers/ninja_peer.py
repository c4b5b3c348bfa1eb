"""The measured operations with Django Ninja and Django's ORM, as their documentations teach."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import django
import orjson
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.db.models import BigIntegerField, Count, F, Max, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Round
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

os.environ["DJANGO_SETTINGS_MODULE"] = "comparison.peers.ninja_settings"
django.setup(set_prefix=False)

from ninja import NinjaAPI, Query, Schema  # noqa: E402 - needs the settings
from ninja.errors import AuthenticationError, HttpError, ValidationError  # noqa: E402 – needs the settings
from ninja.parser import Parser  # noqa: E402 – needs the settings
from ninja.renderers import BaseRenderer  # noqa: E402 – needs the settings
from ninja.security import HttpBearer  # noqa: E402 – needs the settings

from comparison.peers import contract, schemas  # noqa: E402 – needs the settings
from comparison.peers.contract import PRIORITIES, ProblemError  # noqa: E402 – needs the settings
from comparison.peers.shop.models import (  # noqa: E402 – needs the settings
    Adjustment,
    Item,
    Product,
    Tag,
    Todo,
    TodoTag,
    Token,
    User,
)


class TodoOutput(schemas.TodoOutput, Schema):
    """A todo, read from Django's managers."""


class TodoPage(Schema):
    """A page of todos."""

    items: list[TodoOutput]
    next: str | None


class ProductOutput(schemas.ProductOutput, Schema):
    """A product."""


class ProductPage(Schema):
    """A page of products."""

    items: list[ProductOutput]
    next: str | None


class OrjsonRenderer(BaseRenderer):
    """Ninja's documentation's own example of a renderer."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


class StrictParser(Parser):
    """Reads the body strictly."""

    def parse_body(self, request: HttpRequest) -> Any:
        contract.check_media_type(request.method, request.headers.get("Content-Type", ""))
        return contract.decoded_body(request.body)


class Bearer(HttpBearer):
    """Knows a user by the bearer token."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        now = timezone.now()
        found = (
            Token.objects.select_related("user")
            .filter(
                digest=contract.token_digest(f"Bearer {token}"),
                expires_at__gt=now,
                user__is_active=True,
            )
            .first()
        )
        if found is None:
            raise contract.invalid_token()
        if found.last_used_at is None or found.last_used_at < now - timedelta(seconds=60):
            Token.objects.filter(pk=found.pk).update(last_used_at=now)
        return found.user


class Staff(Bearer):
    """Lets nobody in but staff."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        user = super().authenticate(request, token)
        if not user.is_staff:
            raise ProblemError("forbidden")
        return user


class ContractAPI(NinjaAPI):
    """Keeps what Pydantic knows of an error; Ninja would drop the value that is wrong."""

    def validation_error_from_error_contexts(self, error_contexts: list[Any]) -> ValidationError:
        errors = []
        for context in error_contexts:
            source = context.model.__ninja_param_source__
            # What follows is the name of the handler's own parameter.
            errors += [
                {**error, "loc": (source, *error["loc"][1:])}
                for error in context.pydantic_validation_error.errors(include_url=False)
            ]
        return ValidationError(errors)


api = ContractAPI(renderer=OrjsonRenderer(), parser=StrictParser(), docs_url=None, openapi_url=None)


def contract_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Complete each answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers
        try:
            contract.check_request(given.get("Host", ""), given.get("Accept", ""))
            response = get_response(request)
        except ProblemError as problem:
            response = problem_answer(request, problem)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response = problem_answer(request, not_allowed(response["Allow"]))
        condition = given.get("If-None-Match") if request.method == "GET" else None
        names = ("Cache-Control", "Location", "Link", "WWW-Authenticate", "Allow")
        more = {name: response[name] for name in names if name in response}
        status, body, fields = contract.headers(
            response.status_code, response.content, given.get("X-Request-ID", ""), condition, more
        )
        complete = HttpResponse(body, status=status)
        del complete["Content-Type"]
        for name, value in fields:
            complete[name] = value
        return complete

    return middleware


def not_allowed(allow: str) -> ProblemError:
    """Refuse a method; Ninja doesn't know of HEAD and OPTIONS."""
    methods = {*allow.split(", "), "OPTIONS"}
    methods |= {"HEAD"} if "GET" in methods else set()
    return ProblemError("method-not-allowed", Allow=", ".join(sorted(methods)))


@api.exception_handler(ProblemError)
def problem_answer(request: HttpRequest, problem: ProblemError) -> HttpResponse:
    """Answer a problem."""
    return HttpResponse(problem.body(request.path), status=problem.status, headers=problem.headers)


@api.exception_handler(AuthenticationError)
def unauthenticated(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """Ask for authentication."""
    problem = ProblemError("authentication-required", WWW_Authenticate="Bearer")
    return problem_answer(request, problem)


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what the parser has found, which Ninja wraps."""
    cause = error.__cause__
    return problem_answer(
        request, cause if isinstance(cause, ProblemError) else ProblemError("malformed-body")
    )


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer what Pydantic has found."""
    return problem_answer(request, schemas.problems(error.errors))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Answer for a path that leads nowhere."""
    return problem_answer(request, ProblemError("not-found"))


def check_parameters(request: HttpRequest, *known: str) -> None:
    """Check `If-None-Match`, and refuse parameters that Ninja would ignore."""
    errors = contract.check_condition(request.headers.get("If-None-Match"))
    errors += [
        contract.parameter_error(name, "unknown_parameter")
        for name in request.GET
        if name not in known
    ]
    if errors:
        raise ProblemError("invalid-parameters", *errors)


def fetch_page(
    request: HttpRequest, response: HttpResponse, rows: Any, query: Any
) -> dict[str, Any]:
    """Fetch a page from its place on, and one row more to know whether there is another."""
    check_parameters(request, *type(query).model_fields)
    pairs = [(name, value) for name, values in request.GET.lists() for value in values]
    name, is_descending = query.sort.removeprefix("-"), query.sort[0] == "-"
    if start := schemas.place(query, request.path, pairs):
        further = "lt" if is_descending else "gt"
        value, row_id = start
        tie = Q(**{name: value, f"id__{further}": row_id})
        # The first condition is redundant, but lets the database start at that place of its index.
        rows = rows.filter(**{f"{name}__{further}e": value})
        rows = rows.filter(Q(**{f"{name}__{further}": value}) | tie)
    sign = "-" if is_descending else ""
    found = list(rows.order_by(f"{sign}{name}", f"{sign}id")[: query.size + 1])
    following = None
    if len(found) > query.size:
        last = found[query.size - 1]
        value = schemas.shown_value(getattr(last, name))
        following = contract.following(request.path, pairs, value, str(last.pk))
        response["Link"] = f'<{following}>; rel="next"'
    return {"items": found[: query.size], "next": following}


@api.get("/health")
def health(request: HttpRequest) -> Any:
    """Tell that the process is up."""
    check_parameters(request)
    return {"status": "healthy"}


@api.get("/todos", response=TodoPage, auth=Bearer())
def list_todos(
    request: HttpRequest, response: HttpResponse, query: Query[schemas.TodoQuery]
) -> Any:
    """List one's own todos."""
    todos = Todo.objects.filter(owner=request.auth).prefetch_related("tags", "items")
    if query.completed:
        todos = todos.filter(completed=query.completed == "true")
    if query.priority:
        todos = todos.filter(priority=PRIORITIES.index(query.priority) + 1)
    if query.tag:
        todos = todos.filter(tags=query.tag)
    return fetch_page(request, response, todos, query)


def find_todo(request: HttpRequest, todo_id: UUID, *, lock: bool = False) -> Todo:
    """Fetch one of the caller's todos."""
    todos = Todo.objects.prefetch_related("tags", "items")
    todo = (todos.select_for_update() if lock else todos).filter(pk=todo_id, owner=request.auth)
    if not todo:
        raise ProblemError("not-found")
    return todo[0]


@api.get("/todos/{uuid:todo_id}", response=TodoOutput, auth=Bearer())
def get_todo(request: HttpRequest, todo_id: UUID) -> Any:
    """Show a todo."""
    check_parameters(request)
    return find_todo(request, todo_id)


def store(todo: Todo, data: dict[str, Any], now: datetime) -> Todo:
    """Set some of a todo's properties, and fetch what has come of it."""
    product_id = data.get("product_id")
    if product_id and not Product.objects.filter(pk=product_id).exists():
        raise ProblemError("invalid-body", contract.pointer_error(["product_id"], "not_found"))
    if "completed" in data and data["completed"] != todo.completed:
        todo.completed_at = now if data["completed"] else None
    if "priority" in data:
        data["priority"] = PRIORITIES.index(data["priority"]) + 1
    tags, items = data.pop("tags", None), data.pop("items", None)
    for name, value in data.items():
        setattr(todo, name, value)
    todo.updated_at = now
    todo.save()
    if tags is not None:
        Tag.objects.bulk_create([Tag(slug=slug) for slug in sorted(tags)], ignore_conflicts=True)
        TodoTag.objects.filter(todo=todo).delete()
        TodoTag.objects.bulk_create([TodoTag(todo=todo, tag_id=slug) for slug in sorted(tags)])
    if items is not None:
        todo.items.all().delete()
        Item.objects.bulk_create(
            [Item(todo=todo, position=n, **item) for n, item in enumerate(items)]
        )
    return Todo.objects.prefetch_related("tags", "items").get(pk=todo.pk)


@api.post("/todos", response={201: TodoOutput}, auth=Bearer())
def create_todo(request: HttpRequest, response: HttpResponse, body: schemas.TodoInput) -> Any:
    """Create a todo."""
    check_parameters(request)
    now = timezone.now()
    todo = Todo(owner=request.auth, completed=False, created_at=now)
    with transaction.atomic():
        created = store(todo, body.model_dump(), now)
    response["Location"] = f"/api/todos/{todo.pk}"
    return 201, created


@api.patch("/todos/{uuid:todo_id}", response=TodoOutput, auth=Bearer())
def update_todo(request: HttpRequest, todo_id: UUID, body: schemas.TodoPatch) -> Any:
    """Change some of a todo."""
    check_parameters(request)
    with transaction.atomic():
        todo = find_todo(request, todo_id, lock=True)
        return store(todo, body.model_dump(include=body.model_fields_set), timezone.now())


@api.get("/products", response=ProductPage)
def list_products(
    request: HttpRequest, response: HttpResponse, query: Query[schemas.ProductQuery]
) -> Any:
    """List the catalogue."""
    response["Cache-Control"] = contract.PUBLIC["Cache-Control"]
    products = Product.objects.all()
    if query.category:
        products = products.filter(category=query.category)
    if query.currency:
        products = products.filter(currency=query.currency)
    if query.active:
        products = products.filter(active=query.active == "true")
    return fetch_page(request, response, products, query)


@api.get("/products/summary", response=schemas.Summary)
def get_summary(request: HttpRequest, response: HttpResponse) -> Any:
    """Sum the catalogue up."""
    check_parameters(request)
    response["Cache-Control"] = contract.PUBLIC["Cache-Control"]
    todos = Todo.objects.filter(product=OuterRef("pk"), completed=False).order_by()
    open_todos = Subquery(todos.values("product").values(count=Count("pk")))
    cents = Cast(Round(F("price") * 100), BigIntegerField())
    rows = (
        Product.objects.alias(price_cents=cents, todo_count=Coalesce(open_todos, Value(0)))
        .values("category", "currency")
        .annotate(
            products=Count("pk"),
            units=Sum("stock"),
            lowest_price=Min("price"),
            highest_price=Max("price"),
            cents=Sum("price_cents"),
            # In two parts: a price times a stock may need more than 64 bits.
            high=Sum(F("price_cents") / 100_000 * F("stock")),
            low=Sum(F("price_cents") % 100_000 * F("stock")),
            open_todos=Sum("todo_count"),
        )
        .order_by("category", "currency")
    )
    return {"items": [figures(row) for row in rows]}


def figures(row: Any) -> dict[str, Any]:
    """Turn whole cents into money; the mean is rounded half up."""
    mean = (2 * int(row["cents"]) + row["products"]) // (2 * row["products"])
    value = int(row["high"]) * 100_000 + int(row["low"])
    return {**row, "mean_price": schemas.money(mean), "stock_value": schemas.money(value)}


@api.get("/products/{uuid:product_id}", response=ProductOutput)
def get_product(request: HttpRequest, response: HttpResponse, product_id: UUID) -> Any:
    """Show a product."""
    check_parameters(request)
    response["Cache-Control"] = contract.PUBLIC["Cache-Control"]
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise ProblemError("not-found")
    return product


@api.post(
    "/products/{uuid:product_id}/stock-adjustments",
    response={201: schemas.AdjustmentOutput},
    auth=Staff(),
)
def adjust_stock(request: HttpRequest, product_id: UUID, body: schemas.AdjustmentInput) -> Any:
    """Move a product's stock."""
    check_parameters(request)
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(pk=product_id).first()
        if product is None:
            raise ProblemError("not-found")
        product.stock, product.updated_at = product.stock + body.delta, timezone.now()
        if product.stock < 0:
            error = contract.pointer_error(["delta"], "insufficient_stock")
            raise ProblemError("insufficient-stock", error)
        product.save(update_fields=["stock", "updated_at"])
        return 201, Adjustment.objects.create(
            **body.model_dump(),
            product=product,
            balance=product.stock,
            created_by=request.auth,
            created_at=product.updated_at,
        )


urlpatterns = [path("api/", api.urls)]
handler404 = not_found
application = WSGIHandler()
