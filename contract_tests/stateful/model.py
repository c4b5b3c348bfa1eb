"""The contract as a program over plain dicts: given a request, it says what the answer must be.

`Model.answer` is the contract's "Order of checks"; below it stands one handler for each operation.
A handler raises `ProblemError` where the contract refuses, and otherwise changes the state and
returns what a success shows. What only a server can know (ids, times, tokens, the signature of a
cursor) is read off the real answer through `Made`, which holds it to what is known of it; from
then on it is predicted like everything else.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import quote, urlencode

from contract_tests.client import Answer
from contract_tests.contract import CONTRACT
from contract_tests.stateful import rules
from contract_tests.stateful.rules import SCHEMAS, Flaw, Rule, flaw, in_utc

Row = dict[str, Any]

PUBLIC = ["createUser", "createToken", "listProducts", "getProduct", "getProductSummary"]
STAFF = [
    "createProduct",
    "replaceProduct",
    "updateProduct",
    "deleteProduct",
    "listStockAdjustments",
    "createStockAdjustment",
]
KEYED = ["createUser", "createTodo", "createTodosInBulk", "createProduct", "createStockAdjustment"]
CATALOGUE = ["listProducts", "getProduct", "getProductSummary"]
CONDITIONAL_READS = [
    "getCurrentUser",
    "listTokens",
    "listTodos",
    "getTodo",
    "listProducts",
    "getProductSummary",
    "getProduct",
    "listStockAdjustments",
]
CONDITIONAL_WRITES = [
    "updateCurrentUser",
    "deleteCurrentUser",
    "replaceTodo",
    "updateTodo",
    "deleteTodo",
    "replaceProduct",
    "updateProduct",
    "deleteProduct",
]
QUERIES: dict[str, dict[str, Rule]] = {
    "listTodos": rules.TODO_QUERY,
    "listProducts": rules.PRODUCT_QUERY,
    "listTokens": rules.PAGING,
    "listStockAdjustments": rules.PAGING,
}
BODIES: dict[str, Rule] = {
    "createUser": rules.USER_INPUT,
    "updateCurrentUser": rules.USER_PATCH,
    "changePassword": rules.PASSWORD_CHANGE,
    "createToken": rules.CREDENTIALS,
    "createProduct": rules.PRODUCT_INPUT,
    "replaceProduct": rules.PRODUCT_INPUT,
    "createStockAdjustment": rules.ADJUSTMENT_INPUT,
}
ROUTES: dict[str, tuple[str, str]] = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in CONTRACT["paths"].items()
    for method, operation in methods.items()
    if method != "parameters"
}
SECTION_OF_PROBLEM = {
    "authentication-required": "Authentication",
    "invalid-token": "Authentication",
    "invalid-credentials": "Authentication",
    "precondition-failed": "Conditional requests",
    "idempotency-key-reused": "Idempotency",
    "invalid-body": "Strict input",
}
COMPARED_HEADERS = [
    "allow",
    "cache-control",
    "content-type",
    "etag",
    "idempotency-replayed",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
]


# What goes in and what comes out


@dataclass(frozen=True)
class Ask:
    """A request, as far as the model looks at it."""

    operation: str
    token: str | None = None
    resource: str = ""  # the id in the path
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def method(self) -> str:
        return ROUTES[self.operation][0]

    @property
    def path(self) -> str:
        return re.sub(r"\{.*\}", self.resource, ROUTES[self.operation][1])

    @property
    def target(self) -> str:
        return self.path + ("?" + urlencode(self.query) if self.query else "")


@dataclass(frozen=True)
class Expected:
    """What the answer must be, and the section of the contract that says so."""

    status: int
    body: Any
    headers: Mapping[str, str]
    section: str

    @property
    def bytes(self) -> bytes:
        return b"" if self.body is None else compact(self.body)


class ProblemError(Exception):
    """The contract refuses the request (Errors)."""

    def __init__(self, name: str, *flaws: Flaw) -> None:
        super().__init__(name)
        self.name = name
        self.flaws = flaws

    def expected(self, ask: Ask) -> Expected:
        """Return the problem document; its errors are sorted by kind, then by place."""
        known = CONTRACT["x-problems"][self.name]
        body = {
            "type": f"/api/problems/{self.name}",
            "title": known["title"],
            "status": known["status"],
            "detail": known["detail"],
            "instance": quote(ask.path, safe="/"),
        }
        if self.flaws:
            body["errors"] = [
                {found.kind: found.at, "code": found.code, "detail": found.detail}
                for found in sorted(self.flaws, key=lambda found: (KINDS[found.kind], found.at))[
                    :100
                ]
            ]
        headers = {"content-type": "application/problem+json", "cache-control": "no-store"}
        if known["status"] == 401:
            invalid = ' error="invalid_token"' if self.name == "invalid-token" else ""
            headers["www-authenticate"] = "Bearer" + invalid
        section = SECTION_OF_PROBLEM.get(self.name, "Order of checks")
        return Expected(known["status"], body, headers, section)


KINDS = {"header": 0, "parameter": 1, "pointer": 2}


def success(ask: Ask, body: Any, *, status: int = 200, location: str = "") -> Expected:
    """Return a successful answer; one without a body is 204."""
    public = ask.method == "GET" and ask.operation in CATALOGUE
    headers = {"cache-control": "public, no-cache" if public else "no-store"}
    if body is None:
        return Expected(204, None, headers, "Media types")
    headers |= {"content-type": "application/json", "etag": tag_of(body)}
    if location:
        headers["location"] = location
    if body.get("next"):
        headers["link"] = f'<{body["next"]}>; rel="next"'
    return Expected(status, body, headers, "Lists" if "next" in body else "Writing")


def compact(value: Any) -> bytes:
    """Return JSON as the contract writes it (Media types)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def tag_of(document: Any) -> str:
    """Return the entity tag of a document (Conditional requests)."""
    return f'"{hashlib.sha256(compact(document)).hexdigest()[:32]}"'


class Made:
    """What the server made up, read off its answer.

    A value that can't be right is replaced by a text in `<…>` that says what was expected, so that
    it shows as a difference.
    """

    def __init__(self, model: "Model", answer: Answer) -> None:
        self._model = model
        try:
            self.body = json.loads(answer.body)
        except ValueError:
            self.body = None

    def at(self, *path: str | int) -> Any:
        """Return what stands at a place of the answer, or a text that says that nothing does."""
        value = self.body
        for step in path:
            try:
                value = value[step]
            except (TypeError, KeyError, IndexError):
                return f"<something at {path}>"
        return value

    def id(self, *path: str | int) -> str:
        """Return a new id: a UUID of version 7 that was never seen before."""
        value = str(self.at(*path))
        version_7 = re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f-]{16}", value)
        if value in self._model.ids or not version_7:
            return "<a new UUID of version 7>"
        self._model.ids.add(value)
        return value

    def now(self, *path: str | int) -> str:
        """Return the time of this request: requests come one by one, so none is before others."""
        value = str(self.at(*path))
        if not is_time(value) or value < self._model.latest:
            return f"<a time not before {self._model.latest}>"
        self._model.latest = value
        return value

    def cursor(self, *payload: Any) -> str:
        """Return the cursor in `next`: the predicted payload under a signature of 16 bytes.

        Equal payloads have equal signatures, so that a 304 is predicted, which shows no cursor.
        """
        signed, text = self._model.signed, compact(payload)
        value = str(self.at("next")).rpartition("cursor=")[2]
        with suppress(ValueError):  # not even base64
            if base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))[:-16] == text:
                signed.setdefault(text, value)
        return signed.get(text, f"<a cursor of {payload}>")


def is_time(value: str) -> bool:
    """Tell whether a text is a time as responses give it."""
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value))


# The model


class Model:
    """All that the servers must remember, and how each request changes it."""

    def __init__(self) -> None:
        self.users: dict[str, Row] = {}  # the documents, by id
        self.passwords: dict[str, str] = {}  # by the user's id
        self.tokens: dict[str, Row] = {}  # by the secret text: {"user": …, "id": …, …}
        self.todos: dict[str, Row] = {}
        self.owners: dict[str, str] = {}  # the user's id by the todo's
        self.products: dict[str, Row] = {}
        self.adjustments: dict[str, list[Row]] = {}  # by the product's id
        self.records: dict[tuple[str, str], tuple[Any, Expected]] = {}  # by user and key
        self.cursors: dict[str, tuple[str, Any]] = {}  # what each is for, and the row before it
        self.signed: dict[bytes, str] = {}  # cursors by their payload
        self.ids: set[str] = set()
        self.latest = ""

    def answer(self, ask: Ask, real: Answer) -> Expected:
        """Say what the answer must be. This is the contract's section "Order of checks"."""
        try:
            user = self.authenticate(ask)  # step 2
            self.check_parameters(ask)  # step 3
            if replay := self.replay(ask, user):  # step 5
                return replay
            handler: Callable[..., Expected] = getattr(self, snake_case(ask.operation))
            expected = handler(user, ask, Made(self, real))  # steps 6 to 9
        except ProblemError as problem:
            return problem.expected(ask)
        self.remember(ask, user, expected)
        return unless_unchanged(ask, expected)

    def authenticate(self, ask: Ask) -> Row:
        """Return who asks (Authentication); public operations never look."""
        if ask.operation in PUBLIC:
            return ANYBODY
        if ask.token is None:
            raise ProblemError("authentication-required")
        if ask.token not in self.tokens:
            raise ProblemError("invalid-token")
        token = self.tokens[ask.token]
        token["used"] = True
        user = self.users[token["user"]]
        if ask.operation in STAFF and not user["is_staff"]:
            raise ProblemError("forbidden")
        return user

    def check_parameters(self, ask: Ask) -> None:
        """Hold the query and the headers to their rules, all together."""
        known = QUERIES.get(ask.operation, {})
        flaws = [
            replace(found, kind="parameter", at=name)
            for name, value in ask.query.items()
            for found in (known[name](value) if name in known else [flaw("unknown_parameter")])
        ]
        cursor = ask.query.get("cursor")
        if cursor is not None and self.cursors.get(cursor, ("",))[0] != context(ask):
            flaws.append(flaw("invalid_cursor", kind="parameter", at="cursor"))
        for name, rule, operations in (
            ("If-Match", rules.entity_tags, CONDITIONAL_WRITES),
            ("If-None-Match", rules.entity_tags, CONDITIONAL_READS),
            ("Idempotency-Key", rules.idempotency_key, KEYED),
        ):
            if name in ask.headers and ask.operation in operations:
                found = rule(ask.headers[name])
                flaws += [replace(each, kind="header", at=name) for each in found]
        if flaws:
            raise ProblemError("invalid-parameters", *flaws)

    def replay(self, ask: Ask, user: Row) -> Expected | None:
        """Return the earlier answer under the request's key, if there is one (Idempotency)."""
        key = ask.headers.get("Idempotency-Key", "")
        if ask.operation not in KEYED or (user["id"], key) not in self.records:
            return None
        request, first = self.records[user["id"], key]
        if request != (ask.path, json.dumps(ask.body)):
            raise ProblemError(
                "idempotency-key-reused", flaw("key_reused", kind="header", at="Idempotency-Key")
            )
        headers = {**first.headers, "idempotency-replayed": "true"}
        return replace(first, headers=headers, section="Idempotency")

    def remember(self, ask: Ask, user: Row, expected: Expected) -> None:
        """Keep a 201 for whoever repeats the request under its key (Idempotency)."""
        if ask.operation in KEYED and "Idempotency-Key" in ask.headers:
            request = (ask.path, json.dumps(ask.body))
            self.records[user["id"], ask.headers["Idempotency-Key"]] = request, snapshot(expected)

    # Users

    def create_user(self, _: Row, ask: Ask, made: Made) -> Expected:
        """Register. Open to everybody; nobody becomes staff this way."""
        check_body(ask)
        self.check_uniqueness(ask.body)
        user = {
            "id": made.id("id"),
            "username": ask.body["username"],
            "email": ask.body["email"],
            "is_staff": False,
            "created_at": made.now("created_at"),
        }
        self.users[user["id"]] = user
        self.passwords[user["id"]] = ask.body["password"]
        return success(ask, user, status=201, location="/api/users/me")

    def get_current_user(self, user: Row, ask: Ask, _: Made) -> Expected:
        """Show one's own account."""
        return success(ask, user)

    def update_current_user(self, user: Row, ask: Ask, _: Made) -> Expected:
        """Change one's username or email."""
        check_if_match(ask, user)
        check_body(ask)
        self.check_uniqueness(ask.body, user)
        user |= {name: value for name, value in ask.body.items() if name in ("username", "email")}
        return success(ask, user)

    def check_uniqueness(self, body: Row, own: Row | None = None) -> None:
        """Refuse a username or an email (whatever its case) that somebody else has."""
        others = [user for user in self.users.values() if user is not own]
        taken = [
            flaw("taken", at="/" + name)
            for name in ("username", "email")
            if name in body and any(body[name].lower() == other[name].lower() for other in others)
        ]
        if taken:
            raise ProblemError("already-exists", *taken)

    def delete_current_user(self, user: Row, ask: Ask, _: Made) -> Expected:
        """Close one's account: todos and tokens go, stock adjustments stay."""
        check_if_match(ask, user)
        del self.users[user["id"]]
        self.tokens = {key: row for key, row in self.tokens.items() if row["user"] != user["id"]}
        for todo_id in [key for key, owner in self.owners.items() if owner == user["id"]]:
            del self.todos[todo_id], self.owners[todo_id]
        for adjustment in (row for rows in self.adjustments.values() for row in rows):
            if adjustment["created_by"] == user["id"]:
                adjustment["created_by"] = None
        return success(ask, None)

    def change_password(self, user: Row, ask: Ask, _: Made) -> Expected:
        """Needs the current one; revokes every other token of the user."""
        check_body(ask)
        if ask.body["current_password"] != self.passwords[user["id"]]:
            wrong = flaw("incorrect_password", at="/current_password")
            raise ProblemError("invalid-body", wrong)
        self.passwords[user["id"]] = ask.body["new_password"]
        self.tokens = {
            secret: token
            for secret, token in self.tokens.items()
            if token["user"] != user["id"] or secret == ask.token
        }
        return success(ask, None)

    # Tokens

    def create_token(self, _: Row, ask: Ask, made: Made) -> Expected:
        """Log in. Every wrong pair of username and password is one and the same 401."""
        check_body(ask)
        given = (ask.body["username"], ask.body["password"])
        for user in self.users.values():
            if (user["username"], self.passwords.get(user["id"])) == given:
                secret = made.at("token")
                now = made.now("created_at")
                document = {
                    "id": made.id("id"),
                    "token": secret,
                    "created_at": now,
                    "last_used_at": None,
                    "expires_at": thirty_days_after(now),
                }
                self.tokens[secret] = {**document, "user": user["id"], "used": False}
                location = f"/api/tokens/{document['id']}"
                return success(ask, document, status=201, location=location)
        raise ProblemError("invalid-credentials")

    def list_tokens(self, user: Row, ask: Ask, made: Made) -> Expected:
        """One's own tokens, the newest first. `last_used_at` is exact to a minute only."""
        shown = {row["id"]: row["last_used_at"] for row in made.at("items") if "id" in row}
        rows = [
            {
                "id": token["id"],
                "created_at": token["created_at"],
                "last_used_at": last_use(token, shown.get(token["id"])),
                "expires_at": token["expires_at"],
            }
            for token in self.tokens.values()
            if token["user"] == user["id"]
        ]
        return self.page(ask, rows, made)

    def delete_token(self, user: Row, ask: Ask, _: Made) -> Expected:
        """Revoke one of one's own tokens."""
        for secret, token in self.tokens.items():
            if (token["id"], token["user"]) == (ask.resource, user["id"]):
                del self.tokens[secret]
                return success(ask, None)
        raise ProblemError("not-found")

    def delete_current_token(self, _: Row, ask: Ask, __: Made) -> Expected:
        """Log out."""
        del self.tokens[ask.token or ""]
        return success(ask, None)

    # Todos

    def create_todo(self, user: Row, ask: Ask, made: Made) -> Expected:
        """Create a todo of one's own."""
        check(ask.body, rules.todo_rule("title", self.products))
        todo = self.new_todo(user, ask.body, made.now("created_at"), made)
        return success(ask, todo, status=201, location=f"/api/todos/{todo['id']}")

    def create_todos_in_bulk(self, user: Row, ask: Ask, made: Made) -> Expected:
        """Create up to 100 todos, all or none, at one time."""
        one = rules.todo_rule("title", self.products)
        check(ask.body, rules.thing("todos", {}, todos=rules.array(one, least=1)))
        now = made.now("todos", 0, "created_at")
        todos = [
            self.new_todo(user, body, now, made, "todos", place)
            for place, body in enumerate(ask.body["todos"])
        ]
        return success(ask, {"todos": todos}, status=201)

    def new_todo(self, user: Row, body: Row, now: str, made: Made, *path: str | int) -> Row:
        """Store a new todo; its properties stand in the order of the schema."""
        todo: Row = dict.fromkeys(SCHEMAS["Todo"]["properties"])
        todo |= {"id": made.id(*path, "id"), "completed": False, "created_at": now}
        set_todo(todo, {**TODO_DEFAULTS, **body}, now, made, *path)
        self.todos[todo["id"]] = todo
        self.owners[todo["id"]] = user["id"]
        return todo

    def own_todo(self, user: Row, ask: Ask) -> Row:
        """Return the todo of the path; to anybody but its owner it doesn't exist."""
        if self.owners.get(ask.resource) != user["id"]:
            raise ProblemError("not-found")
        return self.todos[ask.resource]

    def get_todo(self, user: Row, ask: Ask, _: Made) -> Expected:
        """Show a todo."""
        return success(ask, self.own_todo(user, ask))

    def replace_todo(self, user: Row, ask: Ask, made: Made) -> Expected:
        """PUT: what is left out goes back to its default."""
        todo = self.own_todo(user, ask)
        check_if_match(ask, todo)
        check(ask.body, rules.todo_rule("title", self.products))
        set_todo(todo, {**TODO_DEFAULTS, **ask.body}, made.now("updated_at"), made)
        return success(ask, todo)

    def update_todo(self, user: Row, ask: Ask, made: Made) -> Expected:
        """PATCH: what is left out stays as it is."""
        todo = self.own_todo(user, ask)
        check_if_match(ask, todo)
        check(ask.body, rules.todo_rule("", self.products))
        set_todo(todo, ask.body, made.now("updated_at"), made)
        return success(ask, todo)

    def delete_todo(self, user: Row, ask: Ask, _: Made) -> Expected:
        """Delete a todo with its checklist."""
        check_if_match(ask, self.own_todo(user, ask))
        del self.todos[ask.resource], self.owners[ask.resource]
        return success(ask, None)

    def list_todos(self, user: Row, ask: Ask, made: Made) -> Expected:
        """One's own todos that pass all filters."""
        own = [todo for key, todo in self.todos.items() if self.owners[key] == user["id"]]
        return self.page(ask, filtered(own, ask.query, TODO_FILTERS), made)

    # Products

    def create_product(self, _: Row, ask: Ask, made: Made) -> Expected:
        """Add a product. Its stock is 0 until it is adjusted."""
        check_body(ask)
        self.check_sku(ask.body)
        product: Row = dict.fromkeys(SCHEMAS["Product"]["properties"])
        now = made.now("created_at")
        product |= {"id": made.id("id"), "stock": 0, "created_at": now}
        set_product(product, {**PRODUCT_DEFAULTS, **ask.body}, now)
        self.products[product["id"]] = product
        self.adjustments[product["id"]] = []
        location = f"/api/products/{product['id']}"
        return success(ask, product, status=201, location=location)

    def check_sku(self, body: Row, own: Row | None = None) -> None:
        """Refuse a sku that another product has."""
        others = [product["sku"] for product in self.products.values() if product is not own]
        if body.get("sku") in others:
            raise ProblemError("already-exists", flaw("taken", at="/sku"))

    def known_product(self, ask: Ask) -> Row:
        """Return the product of the path."""
        if ask.resource not in self.products:
            raise ProblemError("not-found")
        return self.products[ask.resource]

    def get_product(self, _: Row, ask: Ask, __: Made) -> Expected:
        """Show a product."""
        return success(ask, self.known_product(ask))

    def replace_product(self, _: Row, ask: Ask, made: Made) -> Expected:
        """PUT: what is left out goes back to its default; the stock isn't changed this way."""
        product = self.known_product(ask)
        check_if_match(ask, product)
        check_body(ask)
        self.check_sku(ask.body, product)
        set_product(product, {**PRODUCT_DEFAULTS, **ask.body}, made.now("updated_at"))
        return success(ask, product)

    def update_product(self, _: Row, ask: Ask, made: Made) -> Expected:
        """PATCH: the attributes are merged and checked after merging."""
        product = self.known_product(ask)
        check_if_match(ask, product)
        changes = dict(ask.body)
        if isinstance(changes.get("attributes"), dict):
            changes["attributes"] = merged(product["attributes"], changes["attributes"])
        check(changes, rules.PRODUCT_PATCH)
        self.check_sku(changes, product)
        set_product(product, changes, made.now("updated_at"))
        return success(ask, product)

    def delete_product(self, _: Row, ask: Ask, __: Made) -> Expected:
        """Its adjustments go with it; todos about it stay, their `updated_at` too."""
        check_if_match(ask, self.known_product(ask))
        del self.products[ask.resource], self.adjustments[ask.resource]
        for todo in self.todos.values():
            if todo["product_id"] == ask.resource:
                todo["product_id"] = None
        return success(ask, None)

    def list_products(self, _: Row, ask: Ask, made: Made) -> Expected:
        """Products that pass all filters. The model knows its run's own categories only."""
        rows = filtered(self.products.values(), ask.query, PRODUCT_FILTERS)
        return self.page(ask, rows, made)

    def get_product_summary(self, _: Row, ask: Ask, made: Made) -> Expected:
        """One entry for each category and currency; those of others are taken as they are."""
        groups: dict[tuple[str, str], list[Row]] = {}
        for product in self.products.values():
            groups.setdefault((product["category"], product["currency"]), []).append(product)
        own = [self.figures(*group, products) for group, products in groups.items()]
        categories = {product["category"] for product in self.products.values()}
        others = [row for row in made.at("items") if row["category"] not in categories]
        ordered = sorted([*own, *others], key=lambda row: (row["category"], row["currency"]))
        return success(ask, {"items": ordered})

    def figures(self, category: str, currency: str, products: list[Row]) -> Row:
        """Add up some products."""
        prices = [Decimal(product["price"]) for product in products]
        mean = sum(prices) / Decimal(len(prices))
        value = sum(Decimal(product["price"]) * product["stock"] for product in products)
        ids = {product["id"] for product in products}
        open_todos = [
            todo
            for todo in self.todos.values()
            if todo["product_id"] in ids
            if not todo["completed"]
        ]
        return {
            "category": category,
            "currency": currency,
            "products": len(products),
            "units": sum(product["stock"] for product in products),
            "lowest_price": str(min(prices)),
            "mean_price": str(mean.quantize(Decimal("0.01"), ROUND_HALF_UP)),
            "highest_price": str(max(prices)),
            "stock_value": f"{value:.2f}",
            "open_todos": len(open_todos),
        }

    # Stock

    def create_stock_adjustment(self, user: Row, ask: Ask, made: Made) -> Expected:
        """Move a product's stock, which is the sum of its adjustments and never below zero."""
        product = self.known_product(ask)
        check_body(ask)
        balance = product["stock"] + int(ask.body["delta"])
        if balance < 0:
            raise ProblemError("insufficient-stock", flaw("insufficient_stock", at="/delta"))
        now = made.now("created_at")
        adjustment = {
            "id": made.id("id"),
            "delta": int(ask.body["delta"]),
            "reason": ask.body["reason"],
            "note": ask.body.get("note", ""),
            "balance": balance,
            "created_by": user["id"],
            "created_at": now,
        }
        self.adjustments[ask.resource].append(adjustment)
        product |= {"stock": balance, "updated_at": now}
        return success(ask, adjustment, status=201)

    def list_stock_adjustments(self, _: Row, ask: Ask, made: Made) -> Expected:
        """Show the movements of a product's stock, the newest first."""
        self.known_product(ask)
        return self.page(ask, self.adjustments[ask.resource], made)

    # Lists

    def page(self, ask: Ask, rows: Iterable[Row], made: Made) -> Expected:
        """Return the rows after the cursor's place, in order, and where the next page begins."""
        sort = ask.query.get("sort", "-created_at")
        name = sort.removeprefix("-")
        ordered = sorted(rows, key=lambda row: place_of(row, name), reverse=sort[0] == "-")
        if "cursor" in ask.query:
            _, place = self.cursors[ask.query["cursor"]]
            ordered = [
                row
                for row in ordered
                if (place_of(row, name) < place if sort[0] == "-" else place_of(row, name) > place)
            ]
        limit = int(ask.query.get("limit", "20"))
        if len(ordered) <= limit:
            return success(ask, {"items": ordered, "next": None})
        last = ordered[limit - 1]
        cursor = made.cursor(context(ask), shown_in_cursor(last[name], name), last["id"])
        self.cursors[cursor] = context(ask), place_of(last, name)
        repeated = sorted((name, value) for name, value in ask.query.items() if name != "cursor")
        following = f"{ask.path}?{urlencode([*repeated, ('cursor', cursor)])}"
        return success(ask, {"items": ordered[:limit], "next": following})


# Who asks, and under which condition

ANYBODY: Row = {"id": "all anonymous clients together"}


def unless_unchanged(ask: Ask, expected: Expected) -> Expected:
    """Answer a GET with 304 if the client has the representation (weak comparison)."""
    condition = ask.headers.get("If-None-Match")
    if ask.operation not in CONDITIONAL_READS or condition is None:
        return expected
    tags = [tag.strip(" \t").removeprefix("W/") for tag in condition.split(",")]
    if "*" not in tags and expected.headers["etag"] not in tags:
        return expected
    headers = {name: value for name, value in expected.headers.items() if name != "content-type"}
    return Expected(304, None, headers, "Conditional requests")


def check_if_match(ask: Ask, document: Row) -> None:
    """Refuse a write unless the client has the current representation (strong comparison)."""
    condition = ask.headers.get("If-Match", "*")
    tags = [tag.strip(" \t") for tag in condition.split(",")]
    if "*" not in tags and tag_of(document) not in tags:
        raise ProblemError("precondition-failed")


def check(body: Any, rule: Rule) -> None:
    """Hold a body to a rule, all errors together."""
    if flaws := list(rule(body)):
        raise ProblemError("invalid-body", *flaws)


def check_body(ask: Ask) -> None:
    """Hold a request's body to its operation's rule."""
    check(ask.body, BODIES[ask.operation])


# Writing

TODO_DEFAULTS: Row = {
    "notes": "",
    "completed": False,
    "priority": "normal",
    "due_at": None,
    "tags": [],
    "items": [],
    "product_id": None,
}
PRODUCT_DEFAULTS: Row = {"description": "", "attributes": {}, "active": True}


def set_todo(todo: Row, given: Row, now: str, made: Made, *path: str | int) -> None:
    """Set what is given; `items` are made anew, and `completed_at` is when that became true."""
    was_completed = todo["completed"]
    for name in {"title", *TODO_DEFAULTS} & {*given}:
        todo[name] = given[name]
    todo["due_at"] = todo["due_at"] and in_utc(todo["due_at"])
    todo["tags"] = sorted(todo["tags"])
    if "items" in given:
        todo["items"] = [
            {
                "id": made.id(*path, "items", place, "id"),
                "text": item["text"],
                "done": item.get("done", False),
            }
            for place, item in enumerate(given["items"])
        ]
    done = [item for item in todo["items"] if item["done"]]
    todo["progress"] = {"done": len(done), "total": len(todo["items"])}
    if todo["completed"] != was_completed:
        todo["completed_at"] = now if todo["completed"] else None
    todo["updated_at"] = now


def set_product(product: Row, given: Row, now: str) -> None:
    """Set what is given; a response has the attributes' names sorted."""
    names = {"sku", "name", "category", "price", "currency", *PRODUCT_DEFAULTS}
    for name in names & {*given}:
        product[name] = given[name]
    product["attributes"] = dict(sorted(product["attributes"].items()))
    product["updated_at"] = now


def merged(stored: Row, patch: Row) -> Row:
    """Return a map after a JSON merge patch: `null` removes a name."""
    both = {**stored, **patch}
    return {name: value for name, value in both.items() if value is not None}


# Lists

Filter = Callable[[Row, str], bool]


def contains(*names: str) -> Filter:
    """Return the filter `q`: ASCII letters match in either case, all else only itself."""
    return lambda row, wanted: any(ascii_lower(wanted) in ascii_lower(row[n]) for n in names)


def ascii_lower(value: str) -> str:
    """Return a text with A to Z in lower case, and nothing else."""
    return re.sub("[A-Z]+", lambda match: match[0].lower(), value)


def is_overdue(todo: Row) -> bool:
    """Due dates of the tests are years away, so the year is enough of "now"."""
    return not todo["completed"] and todo["due_at"] is not None and todo["due_at"] < "2026"


TODO_FILTERS: dict[str, Filter] = {
    "completed": lambda todo, wanted: todo["completed"] == (wanted == "true"),
    "priority": lambda todo, wanted: todo["priority"] == wanted,
    "tag": lambda todo, wanted: wanted in todo["tags"],
    "product_id": lambda todo, wanted: todo["product_id"] == wanted,
    "due_before": lambda todo, limit: (todo["due_at"] or "~") < in_utc(limit),
    "due_after": lambda todo, limit: (todo["due_at"] or "") >= in_utc(limit),
    "overdue": lambda todo, wanted: is_overdue(todo) == (wanted == "true"),
    "q": contains("title"),
}
PRODUCT_FILTERS: dict[str, Filter] = {
    "category": lambda product, wanted: product["category"] == wanted,
    "currency": lambda product, wanted: product["currency"] == wanted,
    "min_price": lambda product, limit: Decimal(product["price"]) >= Decimal(limit),
    "max_price": lambda product, limit: Decimal(product["price"]) <= Decimal(limit),
    "in_stock": lambda product, wanted: (product["stock"] > 0) == (wanted == "true"),
    "active": lambda product, wanted: product["active"] == (wanted == "true"),
    "q": contains("sku", "name"),
}


def filtered(
    rows: Iterable[Row], query: Mapping[str, str], filters: Mapping[str, Filter]
) -> list[Row]:
    """Return the rows that pass every filter."""
    asked = [(filters[name], value) for name, value in query.items() if name in filters]
    return [row for row in rows if all(passes(row, value) for passes, value in asked)]


def place_of(row: Row, name: str) -> tuple[bool, Any, str]:
    """Return a row's place in a list: `null` after all values, ties by id."""
    value = row[name]
    if name == "priority":
        value = rules.PRIORITIES.index(value)
    elif name == "price":
        value = Decimal(value)
    return value is None, value or 0, row["id"]


def shown_in_cursor(value: Any, name: str) -> Any:
    """Return a sort value as a cursor holds it."""
    if name == "priority":
        return rules.PRIORITIES.index(value) + 1
    return "" if value is None else value


def context(ask: Ask) -> str:
    """Return what a cursor belongs to: the path and the parameters but `limit` and `cursor`."""
    named = sorted(
        (name, value) for name, value in ask.query.items() if name not in ("limit", "cursor")
    )
    return f"{ask.path}?{urlencode(named)}"


# Small things


def last_use(token: Row, shown: Any) -> Any:
    """Return a token's `last_used_at`: none before its first use, then whatever time is shown."""
    if not token["used"]:
        return None
    plausible = isinstance(shown, str) and is_time(shown) and shown > token["created_at"]
    return shown if plausible else "<the time of a use>"


def thirty_days_after(time: str) -> str:
    """Return when a token of that time expires."""
    return in_utc(str(datetime.fromisoformat(time) + timedelta(days=30))) if is_time(time) else time


def snapshot(expected: Expected) -> Expected:
    """Return an answer that later changes of the state don't reach."""
    return replace(expected, body=json.loads(json.dumps(expected.body)))


def snake_case(operation: str) -> str:
    """Return the name of an operation's handler."""
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), operation)
