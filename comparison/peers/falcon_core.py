"""The measured operations with Falcon and SQLAlchemy's Core, as their documentations teach.

Bodies and queries are checked by the floor's functions, rows are written as JSON by orjson.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

import falcon
import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal,
    not_,
    select,
    tuple_,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite

from comparison.peers import contract, schemas
from comparison.peers.contract import PRIORITIES, ProblemError, pointer_error
from comparison.peers.floor_checks import (
    ADJUSTMENT,
    ADJUSTMENT_IGNORED,
    PRODUCT_QUERY,
    TODO,
    TODO_IGNORED,
    TODO_QUERY,
    Rules,
    WrongError,
    checked,
)
from comparison.peers.tables import (
    Adjustment,
    Item,
    Product,
    Tag,
    Todo,
    Token,
    User,
    make_engine,
    todo_tags,
)

users, tokens, tags, items, todos, products, adjustments = (
    cast("Table", each.__table__) for each in (User, Token, Tag, Item, Todo, Product, Adjustment)
)
engine = make_engine()
# A read is one statement or a few that don't depend on each other: each commits by itself.
reading = engine.execution_options(isolation_level="AUTOCOMMIT")
upsert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

CALLER = (
    select(users.c.id, users.c.is_staff, tokens.c.id.label("token_id"), tokens.c.last_used_at)
    .join(tokens, tokens.c.user_id == users.c.id)
    .where(
        tokens.c.digest == bindparam("digest"),
        tokens.c.expires_at > bindparam("now"),
        users.c.is_active,
    )
)
TAGS = (
    select(todo_tags.c.todo_id, todo_tags.c.tag_id)
    .where(todo_tags.c.todo_id.in_(bindparam("ids", expanding=True)))
    .order_by(todo_tags.c.tag_id)
)
ITEMS = (
    select(items.c.todo_id, items.c.id, items.c.text, items.c.done)
    .where(items.c.todo_id.in_(bindparam("ids", expanding=True)))
    .order_by(items.c.position)
)
OWN_TODOS = select(todos).where(todos.c.owner_id == bindparam("owner_id"))
ONE_TODO = OWN_TODOS.where(todos.c.id == bindparam("todo_id"))
ONE_PRODUCT = select(products).where(products.c.id == bindparam("product_id"))


class Answers:
    """Completes every answer, which is Falcon's middleware."""

    def process_resource(self, req: Any, _resp: Any, _resource: Any, _params: Any) -> None:
        """Look at what comes before everything else, once the resource is found."""
        contract.check_request(req.get_header("Host", default=""), req.get_header("Accept") or "")

    def process_response(self, req: Any, resp: Any, _resource: Any, _succeeded: object) -> None:
        """Add the entity tag and the fixed header fields."""
        condition = req.get_header("If-None-Match") if req.method == "GET" else None
        status, body, fields = contract.headers(
            resp.status_code,
            resp.data or b"",
            req.get_header("X-Request-ID", default=""),
            condition,
            getattr(resp.context, "more", {}),
        )
        resp.status, resp.data = status, body
        resp.set_headers(fields)


def problem(req: Any, resp: Any, error: ProblemError, _params: Any) -> None:
    """Answer a problem."""
    resp.status, resp.data = error.status, error.body(req.path)
    resp.context.more = error.headers


def http_error(req: Any, resp: Any, error: falcon.HTTPError, params: Any) -> None:
    """Answer what Falcon finds by itself."""
    name = "not-found"
    headers = {}
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        name = "method-not-allowed"
        allow = set(dict(error.headers or {})["Allow"].split(", "))
        headers = {"Allow": ", ".join(sorted(allow | ({"HEAD"} if "GET" in allow else set())))}
    problem(req, resp, ProblemError(name, **headers), params)


def answer(resp: Any, body: Any, more: Mapping[str, str] | None = None, status: int = 200) -> None:
    """Write JSON."""
    resp.status, resp.data, resp.context.more = status, orjson.dumps(body), more or {}


def caller(req: Any, connection: Connection) -> Any:
    """Find who sends the request."""
    now = datetime.now(UTC)
    digest = contract.token_digest(req.get_header("Authorization", default=""))
    found = connection.execute(CALLER, {"digest": digest, "now": now}).one_or_none()
    if found is None:
        raise contract.invalid_token()
    used = found.last_used_at and found.last_used_at.replace(tzinfo=UTC)
    if used is None or now - used > timedelta(seconds=60):
        noted = update(tokens).where(tokens.c.id == found.token_id).values(last_used_at=now)
        connection.execute(noted)
    return found


def checked_query(req: Any, checks: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Check the query and `If-None-Match`; `place` is where a cursor says that a page begins."""
    errors = contract.check_condition(req.get_header("If-None-Match"))
    found: dict[str, Any] = {}
    counts = Counter(name for name, _ in pairs(req))
    for name, value in pairs(req):
        if name not in checks:
            errors.append(contract.parameter_error(name, "unknown_parameter"))
        elif counts[name] > 1:
            errors.append(contract.parameter_error(name, "repeated_parameter"))
        else:
            try:
                found[name] = checks[name](value)
            except WrongError as error:
                [(_, code, detail)] = error.found
                errors.append(contract.parameter_error(name, code, detail))
    if "cursor" in found:
        bound_to = contract.context(req.path, pairs(req))
        found["place"] = contract.decode_cursor(found["cursor"], bound_to)
        if found["place"] is None:
            errors.append(contract.parameter_error("cursor", "invalid_cursor"))
    if errors:
        raise ProblemError("invalid-parameters", *set(errors))
    return found


def pairs(req: Any) -> list[tuple[str, str]]:
    """List a query's names and values; Falcon keeps the values of a repeated name in a list."""
    return [
        (name, value)
        for name, given in req.params.items()
        for value in (given if isinstance(given, list) else [given])
    ]


def checked_body(req: Any, rules: Rules, ignored: set[str], *, partial: bool = False) -> Any:
    """Read and check a body, which `read_body` has decoded."""
    try:
        return checked(req.context.body, rules, ignored, partial=partial)
    except WrongError as error:
        raise invalid(error) from None


def invalid(*errors: WrongError) -> ProblemError:
    """Answer everything that is wrong with a body."""
    return ProblemError(
        "invalid-body", *(pointer_error(*each) for error in errors for each in error.found)
    )


def read_body(req: Any) -> None:
    """Read and decode a body."""
    contract.check_media_type(req.method, req.content_type or "")
    length = min(req.content_length or 0, contract.MAX_BODY + 1)
    req.context.body = contract.decoded_body(req.bounded_stream.read(length))


def checked_id(text: str) -> UUID:
    """Take an id in canonical form."""
    if not contract.ID.fullmatch(text):
        raise ProblemError("not-found")
    return UUID(text)


def fetch_page(
    req: Any, connection: Connection, table: Table, query: Mapping[str, Any], statement: Select[Any]
) -> tuple[list[Any], str | None]:
    """Fetch a page from its place on, and one row more to know whether there is another."""
    sort, size = query.get("sort", "-created_at"), query.get("limit", 20)
    name = sort.removeprefix("-")
    column = table.c[name]
    if place := query.get("place"):
        value = schemas.LOADERS[name](place[0]) if name in schemas.LOADERS else place[0]
        here = tuple_(literal(value, column.type), literal(UUID(place[1]), table.c.id.type))
        columns = tuple_(column, table.c.id)
        statement = statement.where(columns < here if sort[0] == "-" else columns > here)
    order = [each.desc() if sort[0] == "-" else each.asc() for each in (column, table.c.id)]
    rows = [*connection.execute(statement.order_by(*order).limit(size + 1))]
    if len(rows) <= size:
        return rows, None
    last = rows[size - 1]
    value = schemas.shown_value(last._mapping[name])  # noqa: SLF001 – SQLAlchemy documents it
    return rows[:size], contract.following(req.path, pairs(req), value, str(last.id))


def page(
    resp: Any, shown: list[Any], following: str | None, more: Mapping[str, str] | None = None
) -> None:
    """Write a page."""
    link = {"Link": f'<{following}>; rel="next"'} if following else {}
    answer(resp, {"items": shown, "next": following}, {**(more or {}), **link})


def shown_time(moment: datetime | None) -> str | None:
    """Write a time, if there is one."""
    return contract.shown_time(moment) if moment else None


def shown_todos(connection: Connection, rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Represent todos, whose tags and items take a statement each."""
    rows = [*rows]
    ids = {"ids": [row.id for row in rows]}
    tagged: dict[UUID, list[str]] = {row.id: [] for row in rows}
    listed: dict[UUID, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for todo_id, slug in connection.execute(TAGS, ids):
        tagged[todo_id].append(slug)
    for todo_id, item_id, text, done in connection.execute(ITEMS, ids):
        listed[todo_id].append({"id": item_id, "text": text, "done": done})
    return [shown_todo(row, tagged[row.id], listed[row.id]) for row in rows]


def shown_todo(row: Any, slugs: list[str], entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Represent a todo."""
    return {
        "id": row.id,
        "title": row.title,
        "notes": row.notes,
        "completed": row.completed,
        "completed_at": shown_time(row.completed_at),
        "priority": PRIORITIES[row.priority - 1],
        "due_at": shown_time(row.due_at),
        "tags": slugs,
        "items": entries,
        "progress": {"done": sum(item["done"] for item in entries), "total": len(entries)},
        "product_id": row.product_id,
        "created_at": shown_time(row.created_at),
        "updated_at": shown_time(row.updated_at),
    }


def shown_product(row: Any) -> dict[str, Any]:
    """Represent a product."""
    return {
        **row._mapping,  # noqa: SLF001 – SQLAlchemy documents it
        "price": f"{row.price:.2f}",
        "attributes": dict(sorted(row.attributes.items())),
        "created_at": shown_time(row.created_at),
        "updated_at": shown_time(row.updated_at),
    }


class Health:
    """GET /api/health."""

    def on_get(self, req: Any, resp: Any) -> None:
        checked_query(req, {})
        answer(resp, {"status": "healthy"})


def find_todo(connection: Connection, owner: Any, todo_id: UUID, *, lock: bool = False) -> Any:
    """Fetch one of the caller's todos."""
    statement = ONE_TODO.with_for_update() if lock else ONE_TODO
    found = connection.execute(statement, {"owner_id": owner.id, "todo_id": todo_id}).one_or_none()
    if found is None:
        raise ProblemError("not-found")
    return found


def change(connection: Connection, todo_id: UUID, data: dict[str, Any], now: datetime) -> None:
    """Set some of a todo's properties."""
    if "priority" in data:
        data["priority"] = PRIORITIES.index(data["priority"]) + 1
    slugs, entries = data.pop("tags", None), data.pop("items", None)
    changed = update(todos).where(todos.c.id == todo_id).values(**data, updated_at=now)
    connection.execute(changed)
    if slugs is not None:
        connection.execute(delete(todo_tags).where(todo_tags.c.todo_id == todo_id))
    if slugs:
        known = [{"slug": slug} for slug in sorted(slugs)]
        connection.execute(upsert(tags).on_conflict_do_nothing(), known)
        linked = [{"todo_id": todo_id, "tag_id": slug} for slug in sorted(slugs)]
        connection.execute(insert(todo_tags), linked)
    if entries is not None:
        connection.execute(delete(items).where(items.c.todo_id == todo_id))
    if entries:
        rows = [
            {"id": contract.new_id(), "todo_id": todo_id, "position": place, **entry}
            for place, entry in enumerate(entries)
        ]
        connection.execute(insert(items), rows)


def todo_input(req: Any, connection: Connection, *, partial: bool) -> dict[str, Any]:
    """Check a todo, and whether its product exists."""
    sent = req.context.body.get("product_id")
    missing: dict[str, WrongError] = {}
    if isinstance(sent, str) and contract.ID.fullmatch(sent):
        known = select(literal(1)).where(products.c.id == UUID(sent))
        if connection.execute(known).one_or_none() is None:
            missing["product_id"] = WrongError("not_found")
    try:
        found: dict[str, Any] = checked(req.context.body, TODO, TODO_IGNORED, partial=partial)
    except WrongError as error:
        raise invalid(error, WrongError.within(missing)) from None
    if missing:
        raise invalid(WrongError.within(missing))
    if found.get("product_id"):
        found["product_id"] = UUID(found["product_id"])
    return found


class TodoList:
    """GET and POST /api/todos."""

    def on_get(self, req: Any, resp: Any) -> None:
        with reading.connect() as connection:
            owner = caller(req, connection)
            query = checked_query(req, TODO_QUERY)
            statement = OWN_TODOS.params(owner_id=owner.id)
            if "completed" in query:
                is_completed = query["completed"] == "true"
                statement = statement.where(todos.c.completed == is_completed)
            if "priority" in query:
                number = PRIORITIES.index(query["priority"]) + 1
                statement = statement.where(todos.c.priority == number)
            if "tag" in query:
                tagged = select(todo_tags.c.todo_id).where(todo_tags.c.tag_id == query["tag"])
                statement = statement.where(todos.c.id.in_(tagged))
            rows, following = fetch_page(req, connection, todos, query, statement)
            page(resp, shown_todos(connection, rows), following)

    def on_post(self, req: Any, resp: Any) -> None:
        with engine.begin() as connection:
            owner = caller(req, connection)
            checked_query(req, {})
            read_body(req)
            data = todo_input(req, connection, partial=False)
            now, todo_id = datetime.now(UTC), contract.new_id()
            first = {
                "id": todo_id,
                "owner_id": owner.id,
                "title": data["title"],
                "notes": "",
                "completed": False,
                "priority": 1,
                "created_at": now,
                "updated_at": now,
            }
            connection.execute(insert(todos).values(first))
            if data["completed"]:
                data["completed_at"] = now
            change(connection, todo_id, data, now)
            [shown] = shown_todos(connection, [find_todo(connection, owner, todo_id)])
        answer(resp, shown, {"Location": f"/api/todos/{todo_id}"}, 201)


class TodoDetail:
    """GET and PATCH /api/todos/{todo_id}."""

    def on_get(self, req: Any, resp: Any, todo_id: str) -> None:
        with reading.connect() as connection:
            owner = caller(req, connection)
            checked_query(req, {})
            found = find_todo(connection, owner, checked_id(todo_id))
            answer(resp, shown_todos(connection, [found])[0])

    def on_patch(self, req: Any, resp: Any, todo_id: str) -> None:
        with engine.begin() as connection:
            owner = caller(req, connection)
            checked_query(req, {})
            read_body(req)
            found = find_todo(connection, owner, checked_id(todo_id), lock=True)
            data, now = todo_input(req, connection, partial=True), datetime.now(UTC)
            if "completed" in data and data["completed"] != found.completed:
                data["completed_at"] = now if data["completed"] else None
            change(connection, found.id, data, now)
            [shown] = shown_todos(connection, [find_todo(connection, owner, found.id)])
        answer(resp, shown)


class ProductList:
    """GET /api/products."""

    def on_get(self, req: Any, resp: Any) -> None:
        query = checked_query(req, PRODUCT_QUERY)
        statement = select(products)
        for name in ("category", "currency"):
            if name in query:
                statement = statement.where(products.c[name] == query[name])
        if "active" in query:
            statement = statement.where(products.c.active == (query["active"] == "true"))
        with reading.connect() as connection:
            rows, following = fetch_page(req, connection, products, query, statement)
        page(resp, [shown_product(row) for row in rows], following, contract.PUBLIC)


class ProductDetail:
    """GET /api/products/{product_id}."""

    def on_get(self, req: Any, resp: Any, product_id: str) -> None:
        known = {"product_id": checked_id(product_id)}
        checked_query(req, {})
        with reading.connect() as connection:
            row = connection.execute(ONE_PRODUCT, known).one_or_none()
        if row is None:
            raise ProblemError("not-found")
        answer(resp, shown_product(row), contract.PUBLIC)


def summary() -> Select[Any]:
    """Sum the catalogue up."""
    cents = sql_cast(func.round(products.c.price * 100), BigInteger)
    is_open = (not_(todos.c.completed), todos.c.product_id.is_not(None))
    counted = select(todos.c.product_id, func.count().label("number")).where(*is_open)
    open_todos = counted.group_by(todos.c.product_id).subquery()
    return (
        select(
            products.c.category,
            products.c.currency,
            func.count().label("products"),
            func.sum(products.c.stock).label("units"),
            func.min(products.c.price).label("lowest_price"),
            func.max(products.c.price).label("highest_price"),
            func.sum(cents).label("cents"),
            # In two parts: a price times a stock may need more than 64 bits.
            func.sum(cents // 100_000 * products.c.stock).label("high"),
            func.sum(cents % 100_000 * products.c.stock).label("low"),
            func.coalesce(func.sum(open_todos.c.number), 0).label("open_todos"),
        )
        .outerjoin(open_todos, open_todos.c.product_id == products.c.id)
        .group_by(products.c.category, products.c.currency)
        .order_by(products.c.category, products.c.currency)
    )


SUMMARY = summary()


class ProductSummary:
    """GET /api/products/summary."""

    def on_get(self, req: Any, resp: Any) -> None:
        checked_query(req, {})
        with reading.connect() as connection:
            rows = connection.execute(SUMMARY).mappings().all()
        answer(resp, {"items": [figures(row) for row in rows]}, contract.PUBLIC)


def figures(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Turn whole cents into money; the mean is rounded half up."""
    count, cents = row["products"], int(row["cents"])
    mean = (2 * cents + count) // (2 * count)
    value = int(row["high"]) * 100_000 + int(row["low"])
    return {
        "category": row["category"],
        "currency": row["currency"],
        "products": count,
        "units": int(row["units"]),
        "lowest_price": f"{row['lowest_price']:.2f}",
        "mean_price": str(schemas.money(mean)),
        "highest_price": f"{row['highest_price']:.2f}",
        "stock_value": str(schemas.money(value)),
        "open_todos": int(row["open_todos"]),
    }


class StockAdjustments:
    """POST /api/products/{product_id}/stock-adjustments."""

    def on_post(self, req: Any, resp: Any, product_id: str) -> None:
        with engine.begin() as connection:
            staff = caller(req, connection)
            if not staff.is_staff:
                raise ProblemError("forbidden")
            checked_query(req, {})
            read_body(req)
            known = {"product_id": checked_id(product_id)}
            product = connection.execute(ONE_PRODUCT.with_for_update(), known).one_or_none()
            if product is None:
                raise ProblemError("not-found")
            data, now = checked_body(req, ADJUSTMENT, ADJUSTMENT_IGNORED), datetime.now(UTC)
            balance = product.stock + data["delta"]
            if balance < 0:
                error = pointer_error(["delta"], "insufficient_stock")
                raise ProblemError("insufficient-stock", error)
            made = {"id": contract.new_id(), **data, "balance": balance}
            stored = {**made, "product_id": product.id, "created_by_id": staff.id}
            connection.execute(insert(adjustments).values(**stored, created_at=now))
            moved = update(products).where(products.c.id == product.id)
            connection.execute(moved.values(stock=balance, updated_at=now))
        shown = {**made, "created_by": staff.id, "created_at": contract.shown_time(now)}
        answer(resp, shown, status=201)


application = falcon.App(middleware=[Answers()])
application.req_options.keep_blank_qs_values = True
application.add_error_handler(ProblemError, problem)
application.add_error_handler(falcon.HTTPError, http_error)
application.add_route("/api/health", Health())
application.add_route("/api/todos", TodoList())
application.add_route("/api/todos/{todo_id}", TodoDetail())
application.add_route("/api/products", ProductList())
application.add_route("/api/products/summary", ProductSummary())
application.add_route("/api/products/{product_id}", ProductDetail())
application.add_route("/api/products/{product_id}/stock-adjustments", StockAdjustments())
