"""The visitors and their data, created through the API; and every form, with valid values."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

from contract_tests.client import Request, send
from contract_tests.pages.visitor import Visitor

STAFF = ("sam", "sam-demo-password")
NEW_PASSWORD = "another long password"


def call(base_url: str, method: str, target: str, body: Any = None, token: str = "") -> Any:
    """Ask the API, and return what its answer says."""
    request = (
        Request.with_json(method, target, body) if body is not None else Request(method, target)
    )
    headers = {**request.headers, **({"Authorization": f"Bearer {token}"} if token else {})}
    answer = send(base_url, Request(method, target, headers, request.body))
    assert answer.status < 300, answer.lacks("is no success")
    return answer.json if answer.body else None


@dataclass(frozen=True)
class World:
    """A new member with a todo and a token, and a new product."""

    base_url: str
    username: str
    password: str
    token: str  # the member's, for the API
    staff_token: str
    ids: dict[str, str]  # what stands for `{…}` in addresses

    @classmethod
    def make(cls, base_url: str) -> "World":
        name = f"user_{uuid4().hex[:12]}"
        user = {"username": name, "email": f"{name}@example.com", "password": f"{name}-password"}
        call(base_url, "POST", "/api/users", user)
        made = call(base_url, "POST", "/api/tokens", credentials(name, user["password"]))
        staff = staff_token(base_url)
        steps = [{"text": text} for text in ("one", "two", "three")]
        todo = {"title": "Paint", "tags": ["home"], "items": steps}
        todo = call(base_url, "POST", "/api/todos", todo, made["token"])
        product = call(base_url, "POST", "/api/products", a_product(), staff)
        movement = {"delta": 9, "reason": "received", "note": "First"}
        history = f"/api/products/{product['id']}/stock-adjustments"
        call(base_url, "POST", history, movement, staff)
        ids = {
            "todo": todo["id"],
            "item": todo["items"][1]["id"],
            "token": made["id"],
            "sku": product["sku"],
            "product": product["id"],
        }
        return cls(base_url, name, user["password"], made["token"], staff, ids)

    def visitor(self, who: str, **options: Any) -> Visitor:
        """Return somebody in front of a browser: a stranger, a member, or staff."""
        visitor = Visitor(self.base_url, **options)
        self.log_in(visitor, who)
        return visitor

    def log_in(self, visitor: Visitor, who: str) -> None:
        """Let somebody log in, unless that is a stranger."""
        if who != "stranger":
            known = STAFF if who == "staff" else (self.username, self.password)
            page = visitor.log_in(*known)
            assert page.status == 303, page.answer.lacks("is no login")

    def state(self) -> Any:
        """Return all that forms can change, as the API shows it."""
        user = call(self.base_url, "GET", "/api/users/me", token=self.token)
        todos = call(self.base_url, "GET", "/api/todos?limit=100", token=self.token)["items"]
        tokens = call(self.base_url, "GET", "/api/tokens?limit=100", token=self.token)["items"]
        product = f"/api/products/{self.ids['product']}"
        stock = call(self.base_url, "GET", product, token=self.token)["stock"]
        return user, todos, [each["id"] for each in tokens], stock

    def address(self, template: str) -> str:
        """Fill in the ids."""
        return template.format(**self.ids)


@cache
def staff_token(base_url: str) -> str:
    """Return a token of the staff's, made once."""
    return str(call(base_url, "POST", "/api/tokens", credentials(*STAFF))["token"])


@dataclass(frozen=True)
class QuietWorld(World):
    """A world in which nothing changes, with those who have logged in already."""

    known: dict[str, Visitor] = field(default_factory=dict)


@cache
def quiet_world(base_url: str) -> QuietWorld:
    """Return the world of all tests that change nothing, made once."""
    world, other = World.make(base_url), World.make(base_url)
    known = {who: world.visitor(who) for who in ("stranger", "member", "staff")}
    return QuietWorld(**vars(world), known={**known, "other": other.visitor("member")})


def credentials(username: str, password: str) -> dict[str, str]:
    return {"username": username, "password": password}


def a_product(**changes: Any) -> dict[str, Any]:
    return {
        "sku": f"PAGE-{uuid4().hex[:12].upper()}",
        "name": "Enamel jug",
        "description": "Holds a litre.",
        "category": "kitchen",
        "price": "14.50",
        "currency": "EUR",
        "attributes": {"colour": "red"},
        "active": True,
        **changes,
    }


@dataclass(frozen=True)
class FormOf:
    """A form that changes something: who sees it where, and a right way to fill it in."""

    name: str
    who: str
    page: str
    action: str
    fields: dict[str, str]  # `{…}` of them is filled in, too
    status: int = 303
    leads_to: str = "/dashboard"

    def filled(self, world: World) -> dict[str, str]:
        fresh = f"user_{uuid4().hex[:12]}"
        known = {"username": world.username, "password": world.password, "fresh": fresh}
        return {name: text.format(**known, **world.ids) for name, text in self.fields.items()}


TODO = "/dashboard/todos/{todo}"
FORMS = [
    FormOf(
        "register",
        "stranger",
        "/register",
        "/register",
        {"username": "{fresh}", "email": "{fresh}@example.com", "password": NEW_PASSWORD},
    ),
    FormOf(
        "log in",
        "stranger",
        "/login",
        "/login",
        {"username": "{username}", "password": "{password}"},
    ),
    FormOf("log out", "member", "/account", "/logout", {}, leads_to="/"),
    FormOf(
        "add a todo",
        "member",
        "/dashboard",
        "/dashboard",
        {
            "title": "Oil the gate",
            "priority": "high",
            "due_on": "2030-01-31",
            "tags": "home metal",
            "items": "one\ntwo",
        },
    ),
    FormOf("complete a todo", "member", "/dashboard", f"{TODO}/toggle", {}),
    FormOf("delete a todo", "member", f"{TODO}/delete", f"{TODO}/delete", {}),
    FormOf("move a step up", "member", "/dashboard", f"{TODO}/items/{{item}}/up", {}),
    FormOf("move a step down", "member", "/dashboard", f"{TODO}/items/{{item}}/down", {}),
    FormOf(
        "change the email",
        "member",
        "/account",
        "/account/email",
        {"email": "{fresh}@example.com"},
        leads_to="/account",
    ),
    FormOf(
        "change the password",
        "member",
        "/account",
        "/account/password",
        {"current_password": "{password}", "new_password": NEW_PASSWORD},
        leads_to="/account",
    ),
    FormOf("make a token", "member", "/account", "/account/tokens", {}, status=201),
    FormOf(
        "revoke a token",
        "member",
        "/account",
        "/account/tokens/{token}/revoke",
        {},
        leads_to="/account",
    ),
    FormOf(
        "close the account",
        "member",
        "/account/close",
        "/account/close",
        {"password": "{password}"},
        leads_to="/",
    ),
    FormOf(
        "move stock",
        "staff",
        "/products/{sku}",
        "/products/{sku}",
        {"delta": "-2", "reason": "sold", "note": "Till"},
        leads_to="/products/{sku}",
    ),
]
# All pages that somebody can open, by who can.
PAGES = {
    "stranger": ["/", "/products/{sku}", "/login", "/register", "/docs"],
    "member": ["/dashboard?status=all", f"{TODO}/delete", "/account", "/account/close"],
    "staff": ["/", "/products/{sku}"],
}
