"""The measured operations with FastAPI and asyncpg, as their documentations teach for speed.

Bodies are checked by Pydantic, rows are read by SQL and written as JSON by orjson.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI, Header, Query, Request, Response

from comparison.peers import contract, schemas
from comparison.peers.contract import PRIORITIES, ProblemError
from comparison.peers.fastapi_contract import READ, make_app, make_router, path_id

CALLER = """
SELECT u.id, u.is_staff, k.id AS token_id, k.last_used_at
FROM tokens k JOIN users u ON u.id = k.user_id
WHERE k.digest = $1 AND k.expires_at > $2 AND u.is_active"""
TODOS = """
SELECT t.id, t.title, t.notes, t.completed, t.completed_at, t.priority, t.due_at, t.product_id,
  t.created_at, t.updated_at,
  ARRAY(SELECT tag_id FROM todo_tags WHERE todo_id = t.id ORDER BY tag_id) AS tags,
  ARRAY(SELECT json_build_object('id', id, 'text', text, 'done', done) FROM checklist_items
        WHERE todo_id = t.id ORDER BY position) AS items
FROM todos t WHERE t.owner_id = $1"""
PRODUCTS = """
SELECT t.id, sku, name, description, category, price, currency, attributes, active, stock,
  t.created_at, t.updated_at
FROM products t WHERE true"""
# In two parts: a price times a stock may need more than 64 bits.
SUMMARY = """
SELECT category, currency, count(*) AS products, sum(stock)::bigint AS units,
  min(price) AS lowest_price, max(price) AS highest_price, sum(cents)::bigint AS cents,
  sum(cents / 100000 * stock)::bigint AS high, sum(cents % 100000 * stock)::bigint AS low,
  coalesce(sum(open), 0)::bigint AS open_todos
FROM (SELECT *, round(price * 100)::bigint AS cents FROM products) p
LEFT JOIN (SELECT product_id, count(*) AS open FROM todos
  WHERE NOT completed AND product_id IS NOT NULL GROUP BY product_id) o ON o.product_id = p.id
GROUP BY category, currency ORDER BY category, currency"""
INSERT_TODO = """
INSERT INTO todos (id, owner_id, created_at, title, notes, completed, completed_at, priority,
  due_at, product_id, updated_at)
VALUES ($1, $2, $3, '', '', false, NULL, 2, NULL, NULL, $3)"""
INSERT_ADJUSTMENT = """
INSERT INTO stock_adjustments
  (id, product_id, delta, reason, note, balance, created_by_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""


async def prepare(connection: Any) -> None:
    """Read JSON as values."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=orjson.dumps, decoder=orjson.loads
        )


async def keep(_connection: Any) -> None:
    """Hand a connection back as it is: no handler changes what a session keeps."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a pool of connections for as long as the application runs."""
    settings = {"timezone": "UTC"}
    async with asyncpg.create_pool(
        contract.DATABASE_URL, min_size=1, init=prepare, reset=keep, server_settings=settings
    ) as pool:
        app.state.pool = pool
        yield


app = make_app(lifespan=lifespan)
api = make_router()


async def get_connection(request: Request) -> AsyncIterator[Any]:
    """Give a connection for a request."""
    async with request.app.state.pool.acquire() as connection:
        yield connection


Connection = Annotated[Any, Depends(get_connection)]


async def get_caller(connection: Connection, authorization: Annotated[str, Header()] = "") -> Any:
    """Find who sends the request."""
    now = datetime.now(UTC)
    caller = await connection.fetchrow(CALLER, contract.token_digest(authorization), now)
    if caller is None:
        raise contract.invalid_token()
    used = caller["last_used_at"]
    if used is None or now - used > timedelta(seconds=60):
        update = "UPDATE tokens SET last_used_at = $1 WHERE id = $2"
        await connection.execute(update, now, caller["token_id"])
    return caller


Caller = Annotated[Any, Depends(get_caller)]
TodoId = Annotated[UUID, path_id("todo_id")]
ProductId = Annotated[UUID, path_id("product_id")]


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Write JSON; asyncpg's ids are of a subclass of UUID, which orjson doesn't know."""
    return Response(orjson.dumps(body, default=str), status, headers)


def shown_todo(row: Any) -> dict[str, Any]:
    """Represent a todo."""
    items = row["items"]
    return {
        "id": row["id"],
        "title": row["title"],
        "notes": row["notes"],
        "completed": row["completed"],
        "completed_at": shown_time(row["completed_at"]),
        "priority": PRIORITIES[row["priority"] - 1],
        "due_at": shown_time(row["due_at"]),
        "tags": row["tags"],
        "items": items,
        "progress": {"done": sum(item["done"] for item in items), "total": len(items)},
        "product_id": row["product_id"],
        "created_at": shown_time(row["created_at"]),
        "updated_at": shown_time(row["updated_at"]),
    }


def shown_product(row: Any) -> dict[str, Any]:
    """Represent a product."""
    return {
        **row,
        "price": str(row["price"]),
        "attributes": dict(sorted(row["attributes"].items())),
        "created_at": shown_time(row["created_at"]),
        "updated_at": shown_time(row["updated_at"]),
    }


def shown_time(moment: datetime | None) -> str | None:
    """Write a time, if there is one."""
    return contract.shown_time(moment) if moment else None


def where(conditions: Iterable[tuple[str, Any]], values: list[Any]) -> str:
    """Write conditions, `$` in each standing for its value, which is added to the values."""
    written = []
    for condition, value in conditions:
        values.append(value)
        written.append(f" AND {condition.replace('$', f'${len(values)}')}")
    return "".join(written)


async def fetch_page(
    connection: Any, request: Request, query: Any, statement: str, values: list[Any]
) -> tuple[list[Any], str | None]:
    """Fetch a page from its place on, and one row more to know whether there is another."""
    path, pairs = request.url.path, request.query_params.multi_items()
    name = query.sort.removeprefix("-")
    comparison, direction = ("<", "DESC") if query.sort[0] == "-" else (">", "ASC")
    if start := schemas.place(query, path, pairs):
        values += start
        marks = f"(${len(values) - 1}, ${len(values)})"
        statement += f" AND (t.{name}, t.id) {comparison} {marks}"
    statement += f" ORDER BY t.{name} {direction}, t.id {direction} LIMIT {query.size + 1}"
    rows = await connection.fetch(statement, *values)
    if len(rows) <= query.size:
        return rows, None
    last = rows[query.size - 1]
    value = schemas.shown_value(last[name])
    return rows[: query.size], contract.following(path, pairs, value, str(last["id"]))


def page(items: list[Any], following: str | None, **headers: str) -> Response:
    """Write a page."""
    if following:
        headers["Link"] = f'<{following}>; rel="next"'
    return answer({"items": items, "next": following}, headers=headers)


@api.get("/health", dependencies=READ)
async def health() -> Response:
    """Tell that the process is up."""
    return answer({"status": "healthy"})


@api.get("/todos", dependencies=READ[:1])
async def list_todos(
    caller: Caller,
    query: Annotated[schemas.TodoQuery, Query()],
    connection: Connection,
    request: Request,
) -> Response:
    """List one's own todos."""
    values = [caller["id"]]
    conditions: list[tuple[str, Any]] = []
    if query.completed:
        conditions.append(("t.completed = $", query.completed == "true"))
    if query.priority:
        conditions.append(("t.priority = $", PRIORITIES.index(query.priority) + 1))
    if query.tag:
        conditions.append(("t.id IN (SELECT todo_id FROM todo_tags WHERE tag_id = $)", query.tag))
    statement = TODOS + where(conditions, values)
    rows, following = await fetch_page(connection, request, query, statement, values)
    return page([shown_todo(row) for row in rows], following)


async def find_todo(connection: Any, caller: Any, todo_id: UUID, *, lock: bool = False) -> Any:
    """Fetch one of the caller's todos."""
    ending = " AND t.id = $2" + (" FOR UPDATE" if lock else "")
    todo = await connection.fetchrow(TODOS + ending, caller["id"], todo_id)
    if todo is None:
        raise ProblemError("not-found")
    return todo


@api.get("/todos/{todo_id}")
async def get_todo(
    caller: Caller,
    todo_id: TodoId,
    connection: Connection,
    _: Annotated[None, READ[0]],
    __: Annotated[None, READ[1]],
) -> Response:
    """Show a todo."""
    return answer(shown_todo(await find_todo(connection, caller, todo_id)))


async def change(connection: Any, todo: Any, data: dict[str, Any], now: datetime) -> None:
    """Set some of a todo's properties; `todo` is its id and whether it is completed."""
    todo_id, completed = todo
    if product_id := data.get("product_id"):
        known = "SELECT 1 FROM products WHERE id = $1"
        if await connection.fetchval(known, product_id) is None:
            error = contract.pointer_error(["product_id"], "not_found")
            raise ProblemError("invalid-body", error)
    if "priority" in data:
        data["priority"] = PRIORITIES.index(data["priority"]) + 1
    if "completed" in data and data["completed"] != completed:
        data["completed_at"] = now if data["completed"] else None
    tags, items = data.pop("tags", None), data.pop("items", None)
    values = [todo_id, *data.values(), now]
    names = [*data, "updated_at"]
    assigned = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, 2))
    await connection.execute(f"UPDATE todos SET {assigned} WHERE id = $1", *values)  # noqa: S608
    if tags is not None:
        await connection.execute("DELETE FROM todo_tags WHERE todo_id = $1", todo_id)
        if tags:
            add = "INSERT INTO tags SELECT unnest($1::text[]) ON CONFLICT DO NOTHING"
            await connection.execute(add, sorted(tags))
            link = "INSERT INTO todo_tags (todo_id, tag_id) SELECT $1, unnest($2::text[])"
            await connection.execute(link, todo_id, sorted(tags))
    if items is not None:
        await connection.execute("DELETE FROM checklist_items WHERE todo_id = $1", todo_id)
        columns = ["id", "todo_id", "position", "text", "done"]
        rows = [
            (contract.new_id(), todo_id, place, item["text"], item["done"])
            for place, item in enumerate(items)
        ]
        await connection.copy_records_to_table("checklist_items", records=rows, columns=columns)


@api.post("/todos")
async def create_todo(
    caller: Caller, _: Annotated[None, READ[1]], body: schemas.TodoInput, connection: Connection
) -> Response:
    """Create a todo."""
    now, todo_id = datetime.now(UTC), contract.new_id()
    async with connection.transaction():
        await connection.execute(INSERT_TODO, todo_id, caller["id"], now)
        await change(connection, (todo_id, False), body.model_dump(), now)
        todo = await find_todo(connection, caller, todo_id)
    return answer(shown_todo(todo), 201, {"Location": f"/api/todos/{todo_id}"})


@api.patch("/todos/{todo_id}")
async def update_todo(
    caller: Caller,
    _: Annotated[None, READ[1]],
    todo_id: TodoId,
    body: schemas.TodoPatch,
    connection: Connection,
) -> Response:
    """Change some of a todo."""
    async with connection.transaction():
        todo = await find_todo(connection, caller, todo_id, lock=True)
        data = body.model_dump(include=body.model_fields_set)
        await change(connection, (todo_id, todo["completed"]), data, datetime.now(UTC))
        todo = await find_todo(connection, caller, todo_id)
    return answer(shown_todo(todo))


@api.get("/products", dependencies=READ[:1])
async def list_products(
    query: Annotated[schemas.ProductQuery, Query()], connection: Connection, request: Request
) -> Response:
    """List the catalogue."""
    values: list[Any] = []
    given = {"category": query.category, "currency": query.currency}
    conditions: list[tuple[str, Any]] = [(f"{n} = $", value) for n, value in given.items() if value]
    if query.active:
        conditions.append(("active = $", query.active == "true"))
    statement = PRODUCTS + where(conditions, values)
    rows, following = await fetch_page(connection, request, query, statement, values)
    return page([shown_product(row) for row in rows], following, **contract.PUBLIC)


@api.get("/products/summary", dependencies=READ)
async def get_summary(connection: Connection) -> Response:
    """Sum the catalogue up."""
    rows = await connection.fetch(SUMMARY)
    return answer({"items": [figures(row) for row in rows]}, headers={**contract.PUBLIC})


def figures(row: Any) -> dict[str, Any]:
    """Turn whole cents into money; the mean is rounded half up."""
    mean = (2 * row["cents"] + row["products"]) // (2 * row["products"])
    return {
        "category": row["category"],
        "currency": row["currency"],
        "products": row["products"],
        "units": row["units"],
        "lowest_price": str(row["lowest_price"]),
        "mean_price": str(schemas.money(mean)),
        "highest_price": str(row["highest_price"]),
        "stock_value": str(schemas.money(row["high"] * 100_000 + row["low"])),
        "open_todos": row["open_todos"],
    }


@api.get("/products/{product_id}", dependencies=READ)
async def get_product(product_id: ProductId, connection: Connection) -> Response:
    """Show a product."""
    row = await connection.fetchrow(f"{PRODUCTS} AND t.id = $1", product_id)
    if row is None:
        raise ProblemError("not-found")
    return answer(shown_product(row), headers={**contract.PUBLIC})


async def get_staff(caller: Caller) -> Any:
    """Make sure that the caller is staff."""
    if not caller["is_staff"]:
        raise ProblemError("forbidden")
    return caller


@api.post("/products/{product_id}/stock-adjustments")
async def adjust_stock(
    staff: Annotated[Any, Depends(get_staff)],
    _: Annotated[None, READ[1]],
    product_id: ProductId,
    body: schemas.AdjustmentInput,
    connection: Connection,
) -> Response:
    """Move a product's stock."""
    now, made = datetime.now(UTC), contract.new_id()
    async with connection.transaction():
        stock = await connection.fetchval(
            "SELECT stock FROM products WHERE id = $1 FOR UPDATE", product_id
        )
        if stock is None:
            raise ProblemError("not-found")
        if (balance := stock + body.delta) < 0:
            error = contract.pointer_error(["delta"], "insufficient_stock")
            raise ProblemError("insufficient-stock", error)
        values = (body.delta, body.reason, body.note, balance, staff["id"], now)
        await connection.execute(INSERT_ADJUSTMENT, made, product_id, *values)
        update = "UPDATE products SET stock = $1, updated_at = $2 WHERE id = $3"
        await connection.execute(update, balance, now, product_id)
    shown = {"id": made, **body.model_dump(), "balance": balance, "created_by": staff["id"]}
    return answer({**shown, "created_at": contract.shown_time(now)}, 201)


app.include_router(api)
