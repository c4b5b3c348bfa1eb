"""The floor: the measured operations on bare WSGI, the raw driver and orjson.

It is no way to write a program; it shows what an operation costs when nothing is general.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import orjson

from comparison.peers import contract
from comparison.peers import floor_database as db
from comparison.peers.contract import ProblemError, pointer_error
from comparison.peers.floor_checks import (
    ADJUSTMENT,
    ADJUSTMENT_IGNORED,
    PRODUCT_QUERY,
    TODO,
    TODO_IGNORED,
    TODO_QUERY,
    WrongError,
    checked,
)

Answer = tuple[int, bytes, Mapping[str, str]]


class Request:
    """What WSGI knows of a request."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self.path: str = environ["PATH_INFO"]
        self.condition: str | None = environ.get("HTTP_IF_NONE_MATCH")

    def caller(self) -> tuple[Any, bool]:
        """Find who sends the request, and whether they are staff."""
        digest = contract.token_digest(self.environ.get("HTTP_AUTHORIZATION", ""))
        moment = db.now()
        row = db.execute(db.CALLER, (digest, db.stored_time(moment))).fetchone()
        if row is None:
            raise contract.invalid_token()
        user_id, is_staff, token_id, used = row
        recent = db.stored_time(moment - timedelta(seconds=60))
        if used is None or used < recent:
            db.execute(db.NOTE_USE, (db.stored_time(moment), token_id))
        return user_id, bool(is_staff)

    def query(self, checks: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
        """Decode and check the query and `If-None-Match`."""
        errors = contract.check_condition(self.condition)
        self.pairs = pairs = decoded_query(self.environ["QUERY_STRING"])
        found: dict[str, Any] = {}
        counts = Counter(name for name, _ in pairs)
        for name, value in pairs:
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
            place = contract.decode_cursor(found["cursor"], contract.context(self.path, pairs))
            if place is None:
                errors.append(contract.parameter_error("cursor", "invalid_cursor"))
            found["cursor"] = place
        if errors:
            raise ProblemError("invalid-parameters", *set(errors))
        return found

    def body(self) -> dict[str, Any]:
        """Read and decode the body."""
        environ = self.environ
        contract.check_media_type(environ["REQUEST_METHOD"], environ.get("CONTENT_TYPE", ""))
        length = min(int(environ.get("CONTENT_LENGTH") or 0), contract.MAX_BODY + 1)
        return contract.decoded_body(environ["wsgi.input"].read(length))


def decoded_query(query: str) -> list[tuple[str, str]]:
    """Decode a query as a form."""
    pieces = (piece.replace("+", " ").partition("=") for piece in query.split("&") if piece)
    try:
        return [
            (unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode())
            for name, _, value in pieces
        ]
    except UnicodeDecodeError:
        raise ProblemError("malformed-request") from None


class Sort(NamedTuple):
    """What a list is sorted by, how a cursor shows its value, and how it is stored."""

    column: str
    place: int  # of the row's value
    shown: Callable[[Any], Any] = lambda value: value
    stored: Callable[[Any], Any] = lambda value: value


def time_sort(column: str, index: int) -> Sort:
    """Sort by a time."""
    return Sort(column, index, db.shown, lambda text: db.stored_time(datetime.fromisoformat(text)))


TODO_SORTS = {
    "created_at": time_sort("t.created_at", 8),
    "updated_at": time_sort("t.updated_at", 9),
    "priority": Sort("t.priority", 5),
    "title": Sort("t.title", 1),
}
PRODUCT_SORTS = {
    "created_at": time_sort("created_at", 10),
    "name": Sort("name", 2),
    "sku": Sort("sku", 1),
    "price": Sort("price", 5, db.shown_price, str if db.IS_POSTGRESQL else float),
    "stock": Sort("stock", 9),
}
PRIORITY_NUMBERS = {name: number for number, name in enumerate(contract.PRIORITIES, 1)}


def fetch_page(
    request: Request,
    query: dict[str, Any],
    select: tuple[str, list[str], list[Any]],
    sorts: Mapping[str, Sort],
    show: Callable[[Any], Any],
) -> tuple[bytes, dict[str, str]]:
    """Fetch a page from its place on, and one row more to know whether there is another."""
    statement, conditions, values = select
    name = query.get("sort", "-created_at")
    sort, row_id = sorts[name.removeprefix("-")], "t.id" if "todos t" in statement else "id"
    comparison, direction = ("<", "DESC") if name.startswith("-") else (">", "ASC")
    if "cursor" in query:
        conditions.append(f"({sort.column}, {row_id}) {comparison} (%s, %s)")
        value, last_id = query["cursor"]
        values += [sort.stored(value), db.stored_id(last_id)]
    size = query.get("limit", 20)
    joined = "".join(
        f" {'AND' if 'WHERE' in statement or n else 'WHERE'} {each}"
        for n, each in enumerate(conditions)
    )
    order = f" ORDER BY {sort.column} {direction}, {row_id} {direction} LIMIT {size + 1}"
    rows = db.execute(statement + db.mark(joined) + order, values).fetchall()
    after = None
    if len(rows) > size:
        last = rows[size - 1]
        value = sort.shown(last[sort.place])
        after = contract.following(request.path, request.pairs, value, db.shown_id(last[0]))
    return contract.page([show(row) for row in rows[:size]], after)


def shown_todo(row: Any) -> dict[str, Any]:
    """Represent a todo."""
    lists = [db.decoded(each) for each in row[10:]]
    items = [{"id": db.shown_id(i), "text": t, "done": bool(d)} for i, t, d in lists[1]]
    return {
        "id": db.shown_id(row[0]),
        "title": row[1],
        "notes": row[2],
        "completed": bool(row[3]),
        "completed_at": db.shown(row[4]),
        "priority": contract.PRIORITIES[row[5] - 1],
        "due_at": db.shown(row[6]),
        "tags": lists[0],
        "items": items,
        "progress": {"done": sum(item["done"] for item in items), "total": len(items)},
        "product_id": row[7] and db.shown_id(row[7]),
        "created_at": db.shown(row[8]),
        "updated_at": db.shown(row[9]),
    }


def shown_product(row: Any) -> dict[str, Any]:
    """Represent a product."""
    return {
        "id": db.shown_id(row[0]),
        "sku": row[1],
        "name": row[2],
        "description": row[3],
        "category": row[4],
        "price": db.shown_price(row[5]),
        "currency": row[6],
        "attributes": dict(sorted(db.decoded(row[7]).items())),
        "active": bool(row[8]),
        "stock": row[9],
        "created_at": db.shown(row[10]),
        "updated_at": db.shown(row[11]),
    }


def health(request: Request) -> Answer:
    """GET /api/health."""
    request.query({})
    return 200, orjson.dumps({"status": "healthy"}), {}


def list_todos(request: Request) -> Answer:
    """GET /api/todos."""
    user_id, _ = request.caller()
    query = request.query(TODO_QUERY)
    conditions, values = [], [user_id]
    if "completed" in query:
        conditions.append("t.completed" if query["completed"] == "true" else "NOT t.completed")
    if "priority" in query:
        conditions.append("t.priority = %s")
        values.append(PRIORITY_NUMBERS[query["priority"]])
    if "tag" in query:
        conditions.append("t.id IN (SELECT todo_id FROM todo_tags WHERE tag_id = %s)")
        values.append(query["tag"])
    select = (db.TODO_PAGE, conditions, values)
    body, link = fetch_page(request, query, select, TODO_SORTS, shown_todo)
    return 200, body, link


def get_todo(request: Request, todo_id: str) -> Answer:
    """GET /api/todos/{todo_id}."""
    user_id, _ = request.caller()
    request.query({})
    row = db.execute(db.ONE_TODO, (user_id, db.stored_id(todo_id))).fetchone()
    if row is None:
        raise ProblemError("not-found")
    return 200, orjson.dumps(shown_todo(row)), {}


def todo_input(body: dict[str, Any], *, partial: bool) -> dict[str, Any]:
    """Check a todo, and whether its product exists."""
    errors: dict[str, WrongError] = {}
    found: dict[str, Any] = {}
    product_id = body.get("product_id")
    if isinstance(product_id, str) and contract.ID.fullmatch(product_id):
        row = db.execute(db.KNOWN_PRODUCT, (db.stored_id(product_id),)).fetchone()
        if row is None:
            errors["product_id"] = WrongError("not_found")
    try:
        found = checked(body, TODO, TODO_IGNORED, partial=partial)
    except WrongError as error:
        raise invalid(error, WrongError.within(errors)) from None
    if errors:
        raise invalid(WrongError.within(errors))
    return found


def invalid(*errors: WrongError) -> ProblemError:
    """Answer everything that is wrong with a body."""
    found = [pointer_error(*each) for error in errors for each in error.found]
    return ProblemError("invalid-body", *found)


def store_lists(todo_id: str, data: dict[str, Any], ids: list[str]) -> None:
    """Insert a todo's tags and checklist."""
    tags = sorted(data.get("tags", ()))
    db.insert_all("tags (slug)", [(tag,) for tag in tags], "ON CONFLICT DO NOTHING")
    db.insert_all("todo_tags (todo_id, tag_id)", [(todo_id, tag) for tag in tags])
    items = enumerate(zip(ids, data.get("items", ()), strict=True))
    rows = [(db.stored_id(i), todo_id, n, item["text"], item["done"]) for n, (i, item) in items]
    db.insert_all("checklist_items (id, todo_id, position, text, done)", rows)


def create_todo(request: Request) -> Answer:
    """POST /api/todos."""
    user_id, _ = request.caller()
    request.query({})
    data = todo_input(request.body(), partial=False)
    todo_id, moment = str(contract.new_id()), db.now()
    ids = [str(contract.new_id()) for _ in data["items"]]
    stored, time = db.stored_id(todo_id), db.stored_time(moment)
    number = PRIORITY_NUMBERS[data["priority"]]
    product_id = data["product_id"] and db.stored_id(data["product_id"])
    done_at, due_at = time if data["completed"] else None, db.stored_time(data["due_at"])
    row = (data["completed"], done_at, number, due_at, product_id, time, time)
    with db.transaction():
        db.execute(db.INSERT_TODO, (stored, user_id, data["title"], data["notes"], *row))
        store_lists(stored, data, ids)
    items = [
        (db.stored_id(i), e["text"], e["done"]) for i, e in zip(ids, data["items"], strict=True)
    ]
    lists = [sorted(data["tags"]), items]
    # As the database would give them.
    given = lists if db.IS_POSTGRESQL else [orjson.dumps(each) for each in lists]
    shown = shown_todo((stored, data["title"], data["notes"], *row, *given))
    return 201, orjson.dumps(shown), {"Location": f"/api/todos/{todo_id}"}


def update_todo(request: Request, todo_id: str) -> Answer:
    """PATCH /api/todos/{todo_id}."""
    user_id, _ = request.caller()
    request.query({})
    body = request.body()
    stored = db.stored_id(todo_id)
    with db.transaction():
        row = db.execute(db.LOCKED_TODO, (user_id, stored)).fetchone()
        if row is None:
            raise ProblemError("not-found")
        data = todo_input(body, partial=True)
        moment = db.stored_time(db.now())
        columns = {name: value for name, value in data.items() if name not in {"tags", "items"}}
        if "priority" in data:
            columns["priority"] = PRIORITY_NUMBERS[data["priority"]]
        if "due_at" in data:
            columns["due_at"] = db.stored_time(data["due_at"])
        if data.get("product_id"):
            columns["product_id"] = db.stored_id(data["product_id"])
        if "completed" in data and data["completed"] != row[3]:
            columns["completed_at"] = moment if data["completed"] else None
        columns["updated_at"] = moment
        assignments = ", ".join(f"{name} = %s" for name in columns)
        db.execute(
            db.mark(f"UPDATE todos SET {assignments} WHERE id = %s"),  # noqa: S608
            [*columns.values(), stored],
        )
        if "tags" in data:
            db.execute(db.DELETE_TAGS, (stored,))
        if "items" in data:
            db.execute(db.DELETE_ITEMS, (stored,))
        store_lists(stored, data, [str(contract.new_id()) for _ in data.get("items", ())])
        row = db.execute(db.ONE_TODO, (user_id, stored)).fetchone()
    return 200, orjson.dumps(shown_todo(row)), {}


def list_products(request: Request) -> Answer:
    """GET /api/products."""
    query = request.query(PRODUCT_QUERY)
    conditions, values = [], []
    for name in ("category", "currency"):
        if name in query:
            conditions.append(f"{name} = %s")
            values.append(query[name])
    if "active" in query:
        conditions.append("active" if query["active"] == "true" else "NOT active")
    select = (db.PRODUCTS, conditions, values)
    body, link = fetch_page(request, query, select, PRODUCT_SORTS, shown_product)
    return 200, body, {**contract.PUBLIC, **link}


def get_product(request: Request, product_id: str) -> Answer:
    """GET /api/products/{product_id}."""
    request.query({})
    row = db.execute(db.ONE_PRODUCT, (db.stored_id(product_id),)).fetchone()
    if row is None:
        raise ProblemError("not-found")
    return 200, orjson.dumps(shown_product(row)), contract.PUBLIC


def summary(request: Request) -> Answer:
    """GET /api/products/summary."""
    request.query({})
    items = []
    for row in db.execute(db.SUMMARY):
        count, cents = row[2], int(row[6])
        mean = (2 * cents + count) // (2 * count)
        value = int(row[7]) * 100_000 + int(row[8])
        items.append(
            {
                "category": row[0],
                "currency": row[1],
                "products": count,
                "units": int(row[3]),
                "lowest_price": db.shown_price(row[4]),
                "mean_price": f"{mean // 100}.{mean % 100:02}",
                "highest_price": db.shown_price(row[5]),
                "stock_value": f"{value // 100}.{value % 100:02}",
                "open_todos": int(row[9]),
            }
        )
    return 200, orjson.dumps({"items": items}), contract.PUBLIC


def adjust_stock(request: Request, product_id: str) -> Answer:
    """POST /api/products/{product_id}/stock-adjustments."""
    user_id, is_staff = request.caller()
    if not is_staff:
        raise ProblemError("forbidden")
    request.query({})
    body = request.body()
    stored = db.stored_id(product_id)
    with db.transaction():
        row = db.execute(db.STOCK, (stored,)).fetchone()
        if row is None:
            raise ProblemError("not-found")
        try:
            data = checked(body, ADJUSTMENT, ADJUSTMENT_IGNORED)
        except WrongError as error:
            raise invalid(error) from None
        balance = row[0] + data["delta"]
        if balance < 0:
            raise ProblemError("insufficient-stock", pointer_error(["delta"], "insufficient_stock"))
        made, moment = str(contract.new_id()), db.stored_time(db.now())
        values = (db.stored_id(made), stored, *data.values(), balance, user_id, moment)
        db.execute(db.INSERT_ADJUSTMENT, values)
        db.execute(db.SET_STOCK, (balance, moment, stored))
    shown = {"id": made, **data, "balance": balance, "created_by": db.shown_id(user_id)}
    return 201, orjson.dumps({**shown, "created_at": db.shown(moment)}), {}


Handler = Callable[..., Answer]
ROUTES: Mapping[str, Mapping[str, Handler]] = {
    "/api/health": {"GET": health},
    "/api/todos": {"GET": list_todos, "POST": create_todo},
    "/api/products": {"GET": list_products},
    "/api/products/summary": {"GET": summary},
}
ID_ROUTES: list[tuple[re.Pattern[str], Mapping[str, Handler]]] = [
    (re.compile(f"/api/todos/({contract.ID.pattern})"), {"GET": get_todo, "PATCH": update_todo}),
    (re.compile(f"/api/products/({contract.ID.pattern})"), {"GET": get_product}),
    (
        re.compile(f"/api/products/({contract.ID.pattern})/stock-adjustments"),
        {"POST": adjust_stock},
    ),
]


def route(path: str) -> tuple[Mapping[str, Handler], tuple[str, ...]]:
    """Find what a path names."""
    if path in ROUTES:
        return ROUTES[path], ()
    for pattern, handlers in ID_ROUTES:
        if match := pattern.fullmatch(path):
            return handlers, (match[1],)
    raise ProblemError("not-found")


def answer(request: Request) -> Answer:
    """Answer a request in the contract's order of checks."""
    environ = request.environ
    handlers, ids = route(request.path)
    method = "GET" if environ["REQUEST_METHOD"] == "HEAD" else environ["REQUEST_METHOD"]
    if method not in handlers:
        allow = sorted({*handlers, "OPTIONS"} | ({"HEAD"} if "GET" in handlers else set()))
        raise ProblemError("method-not-allowed", Allow=", ".join(allow))
    contract.check_request(environ.get("HTTP_HOST", ""), environ.get("HTTP_ACCEPT", ""))
    return handlers[method](request, *ids)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer by WSGI (PEP 3333)."""
    request = Request(environ)
    condition = request.condition if environ["REQUEST_METHOD"] in {"GET", "HEAD"} else None
    try:
        status, body, more = answer(request)
    except ProblemError as problem:
        status, more = problem.status, problem.headers
        body = problem.body(request.path)
    sent_id = environ.get("HTTP_X_REQUEST_ID", "")
    status, body, fields = contract.headers(status, body, sent_id, condition, more)
    start_response(f"{status} {HTTPStatus(status).phrase}", fields)
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]
