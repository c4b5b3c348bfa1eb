"""A state machine holds the servers to the model: each answer is predicted, whole.

There are two runs for every five of `--examples`; `--seed` repeats those of a test that failed.
"""

import json
import secrets
from contextlib import suppress
from typing import Any, ClassVar

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contract_tests.cast import Actor
from contract_tests.client import Answer, Request
from contract_tests.differential_client import DifferentialClient
from contract_tests.stateful import strategies as some
from contract_tests.stateful.model import COMPARED_HEADERS, ROUTES, Ask, Expected, Model, tag_of

STEPS = 30  # requests of one run, about: most steps look at what they did, too
ALL_THERE_IS = 100  # pages; a bound against lists without an end
PEOPLE = st.sampled_from([*["alice"] * 8, "bob", "bob", "nobody", "stranger"])
ANYBODY = st.sampled_from([*["owner"] * 12, "alice", "bob", "sam", "nobody", "stranger"])
STAFF = st.sampled_from([*["sam"] * 12, "alice", "nobody", "stranger"])
MEMBERS = st.sampled_from(["alice", "bob"])
UNKNOWN_TOKEN = "A" * 43


class Servers(RuleBasedStateMachine):
    """Does what clients do, in any order, and compares each answer with the model's."""

    client: ClassVar[DifferentialClient]
    sam: ClassVar[Actor]

    todos = Bundle("todos")
    products = Bundle("products")
    pages = Bundle("pages")

    def __init__(self) -> None:
        super().__init__()
        self.run = f"{secrets.randbits(32):010d}"
        self.model = Model()
        self.tokens: dict[str, str | None] = {"nobody": None, "stranger": UNKNOWN_TOKEN}
        self.usernames: dict[str, str] = {}
        self.former: dict[str, str] = {}  # an earlier entity tag, by the resource's id
        self.keyed: list[Ask] = []
        self.failures = 0
        self.comers = 0

    @initialize(target=products, body=some.PRODUCTS)
    def open_shop(self, body: Any) -> Any:
        """Sam, who is the demo data's, puts two products up; one id leads nowhere."""
        sam = self.sam.get("/api/users/me").json
        self.model.users[sam["id"]] = sam
        self.model.tokens[self.sam.token or ""] = {"id": "", "user": sam["id"], "used": True}
        self.tokens["sam"] = self.sam.token
        answers = [self.ask("createProduct", "sam", body=one) for one in (some.A_PRODUCT, body)]
        return multiple(some.NOWHERE, *(a.json["id"] for a in answers if a.status == 201))

    @initialize(target=todos, todos=st.lists(some.VALID_TODOS, min_size=1, max_size=5))
    def come_in(self, todos: Any) -> Any:
        """Alice and Bob register, and Alice has something to do; one id leads nowhere."""
        self.come("alice")
        self.come("bob")
        answer = self.ask("createTodosInBulk", "alice", body={"todos": todos})
        return multiple(some.NOWHERE, *(todo["id"] for todo in answer.json["todos"]))

    def come(self, name: str) -> None:
        """Register and log in; whoever comes again does so under a new name."""
        self.comers += 1
        again = f"_{self.comers}" if name in self.usernames else ""
        username = f"{name}_{self.run}{again}"
        email = f"{name}.RUN{again}@example.com"
        body = {"username": username, "email": email, "password": f"{username} password"}
        self.usernames[name] = username
        self.ask("createUser", body=body)
        self.log_in_as(name)

    def log_in_as(self, name: str) -> None:
        """Get a new token."""
        user_id = self.user_id(name)
        body = {"username": self.usernames[name], "password": self.model.passwords[user_id]}
        self.tokens[name] = self.ask("createToken", body=body).json["token"]

    def user_id(self, name: str) -> str:
        """Return an actor's id."""
        username = self.usernames.get(name, name)
        users = self.model.users.values()
        return next((row["id"] for row in users if row["username"] == username), "")

    # Accounts

    @rule(body=some.USERS, key=some.KEYS)
    def register(self, body: Any, key: str | None) -> None:
        if self.ask("createUser", body=body, key=key).status == 201:
            self.usernames[body["username"]] = self.filled(body["username"])
            self.log_in_as(body["username"])

    @rule(who=MEMBERS, other=MEMBERS, query=some.PAGES)
    def log_in_and_out(self, who: str, other: str, query: Any) -> None:
        """See one's tokens, revoke the other's (in vain unless it's one's own), log out."""
        self.log_in_as(who)
        self.walk("listTokens", who, query)
        newest = self.model.tokens[self.tokens[other] or ""]
        self.ask("deleteToken", who, resource=newest["id"])
        self.come_back(other)
        self.ask("deleteCurrentToken", who)
        self.come_back(who)

    @precondition(lambda self: self.failures < 8)  # the throttle is none of the model's
    @rule(who=MEMBERS, wrong=st.sampled_from(["username", "password"]))
    def log_in_wrongly(self, who: str, wrong: str) -> None:
        self.failures += 1
        body = {
            "username": self.usernames[who],
            "password": self.model.passwords[self.user_id(who)],
        }
        self.ask("createToken", body={**body, wrong: f"no {wrong} of RUN"})

    @rule(who=PEOPLE, body=some.USER_PATCHES, match=some.MATCHES)
    def change_account(self, who: str, body: Any, match: str | None) -> None:
        document = self.model.users.get(user_id := self.user_id(who))
        self.ask("getCurrentUser", who)
        self.ask("updateCurrentUser", who, body=body, match=match, document=document)
        if user_id:
            self.usernames[who] = self.model.users[user_id]["username"]
        self.ask("getCurrentUser", who)

    @precondition(lambda self: self.failures < 8)
    @rule(
        who=MEMBERS,
        new=st.sampled_from(["new password", "newer password", "short"]),
        given=st.sampled_from(["right", "wrong"]),
    )
    def change_password(self, who: str, new: str, given: str) -> None:
        former = self.tokens[who]
        self.log_in_as(who)
        current = self.model.passwords[self.user_id(who)] if given == "right" else "wrong"
        self.failures += given == "wrong"
        self.ask("changePassword", who, body={"current_password": current, "new_password": new})
        newest, self.tokens[who] = self.tokens[who], former
        self.ask("getCurrentUser", who)
        self.tokens[who] = newest
        self.ask("getCurrentUser", who)

    @rule(who=st.sampled_from(["bob", "bob", "bob", "alice"]), match=some.MATCHES)
    def close_account(self, who: str, match: str | None) -> None:
        document = self.model.users[self.user_id(who)]
        self.ask("getCurrentUser", who)
        self.ask("deleteCurrentUser", who, match=match, document=document)
        self.ask("getCurrentUser", who)
        if not self.user_id(who):
            self.come(who)
            self.walk("listTodos", who, {})

    def come_back(self, who: str) -> None:
        """Look whether one's token still works, and log in if it doesn't."""
        if self.ask("getCurrentUser", who).status == 401:
            self.log_in_as(who)

    # Todos

    @rule(
        target=todos,
        who=PEOPLE,
        body=some.TODOS,
        about=st.none() | products,
        key=some.KEYS,
    )
    def create_todo(self, who: str, body: Any, about: str | None, key: str | None) -> Any:
        body = {"product_id": about, **body} if about else body
        answer = self.ask("createTodo", who, body=body, key=key)
        if answer.status != 201:
            self.ask("listTodos", who, query={"limit": "3"})
            return multiple()
        self.look_at_todo(answer.json["id"])
        return answer.json["id"]

    @rule(target=todos, who=PEOPLE, body=some.BULKS, key=some.KEYS)
    def create_todos_in_bulk(self, who: str, body: Any, key: str | None) -> Any:
        answer = self.ask("createTodosInBulk", who, body=body, key=key)
        self.walk("listTodos", who, {"limit": "100"})
        return multiple(*(todo["id"] for todo in answer.json.get("todos", ())))

    @rule(who=ANYBODY, todo=todos, match=some.MATCHES)
    def get_todo(self, who: str, todo: str, match: str | None) -> None:
        document = self.model.todos.get(todo)
        self.look_at_todo(todo)
        self.ask("getTodo", who, resource=todo, none_match=match, document=document)

    @rule(who=ANYBODY, todo=todos, body=some.TODOS, about=st.none() | products, match=some.MATCHES)
    def replace_todo(
        self, who: str, todo: str, body: Any, about: str | None, match: str | None
    ) -> None:
        body = {"product_id": about, **body} if about else body
        self.write_todo("replaceTodo", who, todo, body, match)

    @rule(who=ANYBODY, todo=todos, match=some.MATCHES)
    def send_todo_back(self, who: str, todo: str, match: str | None) -> None:
        """PUT what GET returned: read-only properties are accepted and ignored."""
        document = self.model.todos.get(todo, {"title": "a"})
        self.write_todo("replaceTodo", who, todo, json.loads(json.dumps(document)), match)

    @rule(who=ANYBODY, todo=todos, body=some.TODO_PATCHES, match=some.MATCHES)
    def update_todo(self, who: str, todo: str, body: Any, match: str | None) -> None:
        self.write_todo("updateTodo", who, todo, body, match)

    @rule(who=ANYBODY, todo=todos, match=some.MATCHES)
    def delete_todo(self, who: str, todo: str, match: str | None) -> None:
        self.write_todo("deleteTodo", who, todo, None, match)

    def write_todo(self, operation: str, who: str, todo: str, body: Any, match: str | None) -> None:
        """Fetch a todo (its entity tag is needed), change it, and look at what it is now."""
        document = self.model.todos.get(todo)
        if match is not None:
            self.look_at_todo(todo)
        self.ask(operation, who, resource=todo, body=body, match=match, document=document)
        self.look_at_todo(todo)

    def look_at_todo(self, todo: str) -> None:
        """Let its owner fetch it."""
        self.ask("getTodo", "owner", resource=todo)

    @rule(target=pages, who=PEOPLE, queries=st.lists(some.TODO_QUERIES, min_size=1, max_size=5))
    def list_todos(self, who: str, queries: Any) -> Any:
        return [self.walk("listTodos", who, query) for query in queries][-1]

    @rule(target=pages, who=MEMBERS, product=products, query=some.TODO_QUERIES)
    def list_todos_about(self, who: str, product: str, query: Any) -> Any:
        return self.walk("listTodos", who, {**query, "product_id": product})

    # Products and their stock

    @rule(target=products, who=STAFF, body=some.PRODUCTS, key=some.KEYS)
    def create_product(self, who: str, body: Any, key: str | None) -> Any:
        answer = self.ask("createProduct", who, body=body, key=key)
        if answer.status != 201:
            self.ask("listProducts", query={"category": "cat-RUN-a"})
            return multiple()
        self.ask("getProduct", resource=answer.json["id"])
        return answer.json["id"]

    @rule(product=products, match=some.MATCHES)
    def get_product(self, product: str, match: str | None) -> None:
        document = self.model.products.get(product)
        self.ask("getProduct", resource=product)
        self.ask("getProduct", resource=product, none_match=match, document=document)

    @rule(who=STAFF, product=products, body=some.PRODUCTS, match=some.MATCHES)
    def replace_product(self, who: str, product: str, body: Any, match: str | None) -> None:
        self.write_product("replaceProduct", who, product, body, match)

    @rule(who=STAFF, product=products, body=some.PRODUCT_PATCHES, match=some.MATCHES)
    def update_product(self, who: str, product: str, body: Any, match: str | None) -> None:
        self.write_product("updateProduct", who, product, body, match)

    @rule(who=STAFF, product=products, match=some.MATCHES)
    def delete_product(self, who: str, product: str, match: str | None) -> None:
        about_it = [row["id"] for row in self.model.todos.values() if row["product_id"] == product]
        self.write_product("deleteProduct", who, product, None, match)
        for todo in about_it[:3]:
            self.look_at_todo(todo)

    def write_product(
        self, operation: str, who: str, product: str, body: Any, match: str | None
    ) -> None:
        """Fetch a product (its entity tag is needed), change it, and look at what it is now."""
        document = self.model.products.get(product)
        if match is not None:
            self.ask("getProduct", resource=product)
        self.ask(operation, who, resource=product, body=body, match=match, document=document)
        self.ask("getProduct", resource=product)

    @rule(who=STAFF, product=products, body=some.ADJUSTMENTS, key=some.KEYS)
    def adjust_stock(self, who: str, product: str, body: Any, key: str | None) -> None:
        self.ask("createStockAdjustment", who, resource=product, body=body, key=key)
        self.ask("getProduct", resource=product)
        self.ask("listStockAdjustments", "sam", resource=product, query={"limit": "3"})

    @rule(target=pages, who=STAFF, product=products, query=some.PAGES)
    def list_adjustments(self, who: str, product: str, query: Any) -> Any:
        return self.walk("listStockAdjustments", who, query, resource=product)

    @rule(target=pages, queries=st.lists(some.PRODUCT_QUERIES, min_size=1, max_size=5))
    def list_products(self, queries: Any) -> Any:
        return [self.walk("listProducts", "nobody", query) for query in queries][-1]

    @rule()
    def add_up(self) -> None:
        self.ask("getProductSummary")

    # What concerns several operations

    @precondition(lambda self: self.keyed)
    @rule(data=st.data(), change=st.sampled_from(["nothing", "nothing", "body", "who"]))
    def repeat(self, data: st.DataObject, change: str) -> None:
        """Send an earlier request again under its key, perhaps with another body."""
        ask = self.keyed[data.draw(st.integers(0, len(self.keyed) - 1), label="which")]
        body = {**ask.body, "more": 1} if change == "body" else ask.body
        token = self.tokens["bob"] if change == "who" else ask.token
        self.send(Ask(ask.operation, token, ask.resource, ask.query, ask.headers, body))

    @rule(
        page=pages,
        who=st.sampled_from(["the same", "the same", "bob", "nobody"]),
        change=st.sampled_from([{}, {}, {"limit": "2"}, {"q": "a"}]),
    )
    def turn_page(self, page: Ask, who: str, change: Any) -> None:
        """Follow an earlier `next` when rows have come and gone, perhaps with other parameters."""
        change = {} if page.operation in ("listTokens", "listStockAdjustments") else change
        token = page.token if who == "the same" else self.tokens[who]
        self.send(Ask(page.operation, token, page.resource, {**page.query, **change}))

    def walk(self, operation: str, who: str, query: Any, resource: str = "") -> Any:
        """Fetch a list from its first page to its last; return how to ask for the second one."""
        second: Any = multiple()
        for page in range(ALL_THERE_IS):
            answer = self.ask(operation, who, resource=resource, query=query)
            if answer.status != 200:
                break
            tag = answer.headers["etag"]
            if page == 0 and operation != "listTokens":
                self.ask(operation, who, resource=resource, query=query, none_match=tag)
            if answer.json["next"] is None:
                break
            query = {**query, "cursor": answer.json["next"].rpartition("cursor=")[2]}
            if page == 0:
                second = Ask(operation, self.tokens[who], resource, self.filled(query))
        return second

    # Asking and comparing

    def ask(
        self,
        operation: str,
        who: str = "nobody",
        *,
        resource: str = "",
        query: Any = None,
        body: Any = None,
        key: str | None = None,
        match: str | None = None,
        none_match: str | None = None,
        document: Any = None,
    ) -> Answer:
        """Let somebody send a request; `document` is what the path names, for its entity tags."""
        current = tag_of(document) if document else '"none"'
        former = self.former.get(resource, '"former"')
        headers = {
            name: self.filled(value).replace("CURRENT", current).replace("FORMER", former)
            for name, value in (
                ("If-Match", match),
                ("If-None-Match", none_match),
                ("Idempotency-Key", key),
            )
            if value is not None
        }
        if who == "owner":  # of a todo that isn't there: Alice
            who = "bob" if self.model.owners.get(resource) == self.user_id("bob") else "alice"
        ask = Ask(
            operation,
            self.tokens[who],
            resource,
            self.filled(query or {}),
            headers,
            self.filled(body),
        )
        answer = self.send(ask)
        if document and ask.method in ("PUT", "PATCH") and answer.status == 200:
            self.former[resource] = current
        if key is not None and answer.status == 201:
            self.keyed.append(ask)
        return answer

    def filled(self, value: Any) -> Any:
        """Return a value with the run's own number in place of RUN."""
        return json.loads(json.dumps(value).replace("RUN", self.run))

    def send(self, ask: Ask) -> Answer:
        """Send a request to all servers, and compare the answer with the model's."""
        headers = {"X-Request-ID": secrets.token_hex(16)}
        if ask.token is not None:
            headers["Authorization"] = f"Bearer {ask.token}"
        request = Request(ask.method, ask.target, {**headers, **ask.headers})
        if ask.body is not None:
            request = Request.with_json(ask.method, ask.target, ask.body)
            merge = ask.operation == "updateProduct"
            media_type = "application/merge-patch+json" if merge else "application/json"
            headers["Content-Type"] = media_type
            request = Request(ask.method, ask.target, {**headers, **ask.headers}, request.body)
        answer = self.client.send(request)
        expected = self.model.answer(ask, answer)
        if differences := list(compare(expected, answer)):
            lines = [
                f"{ask.operation} breaks the contract's section “{expected.section}”:",
                *differences,
                request.curl(self.client.base_urls[0]),
            ]
            raise AssertionError("\n".join(lines))
        return answer

    def teardown(self) -> None:
        """Leave nothing behind on a server that goes on."""
        with suppress(AssertionError):
            for product in self.model.products:
                self.sam.delete(f"/api/products/{product}")
            for name in self.usernames:
                path = ROUTES["deleteCurrentUser"][1]
                self.client.request("DELETE", path, token=self.tokens.get(name))


def compare(expected: Expected, answer: Answer) -> Any:
    """Yield a pair of lines for each part of the answer that isn't what it must be."""
    shown = {name: value for name, value in answer.headers.items() if name in COMPARED_HEADERS}
    for part, wanted, got in (
        ("status", expected.status, answer.status),
        ("headers", dict(sorted(expected.headers.items())), dict(sorted(shown.items()))),
        ("body", expected.bytes.decode(), answer.body.decode("utf-8", "backslashreplace")),
    ):
        if wanted != got:
            yield f"  expected {part}: {wanted}"
            yield f"  got {part}:      {got}"


@pytest.mark.timeout(1800)  # a bound against hangs; a failure takes its time to be made small
def test_servers_answer_as_the_model_says(
    client: DifferentialClient, sam: Actor, seed: int, request: pytest.FixtureRequest
) -> None:
    options = request.config.option

    class Run(Servers):
        pass

    Run.client = client
    Run.sam = sam
    run_state_machine_as_test(
        hypothesis.seed(seed)(Run),
        settings=settings(
            max_examples=max(1, options.examples * 2 // 5),
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            phases=[Phase.generate] if options.no_shrink else [*Phase],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
