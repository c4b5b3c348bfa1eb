"""HEAD is GET without the body, however GET is answered (openapi.yaml, Methods)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from contract_tests import servers
from contract_tests.cast import Actor, nobody, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_product, a_todo
from contract_tests.operations.operations import OPERATIONS, Operation
from contract_tests.servers import environment_of, started, twins
from deploy.servers import ALLOWED_ORIGIN

OF_ONE_REQUEST = {"date", "x-request-id"}
# They count seconds, which may pass between two requests.
COUNTED = {"ratelimit", "retry-after"}

Send = Callable[[str], Answer]

READS = [operation for operation in OPERATIONS if operation.method == "GET"]
SECURED = [operation for operation in READS if not operation.is_open]
WITH_ID = [operation for operation in READS if "{" in operation.template]
WITHOUT_DATA = {"getHealth", "getContract", "getContractAsJson", "getProblem"}
WITH_DATA = [operation for operation in READS if operation.name not in WITHOUT_DATA]
LIMITED = [operation for operation in READS if not operation.path.startswith("/api/health")]
every_read = pytest.mark.parametrize("operation", READS, ids=lambda each: each.name)


def assert_head_is_get(send: Send, status: int, but: frozenset[str] = frozenset()) -> None:
    """Hold HEAD to GET's status and header fields, with no body and GET's length."""
    get, head = send("GET"), send("HEAD")
    assert (get.status, head.status, head.body) == (status, status, b"")
    assert fields(head, but) == fields(get, but)
    assert {*head.headers} == {*get.headers}
    length = None if status == 304 else str(len(get.body))
    assert get.headers.get("content-length") == head.headers.get("content-length") == length


def fields(answer: Answer, but: frozenset[str]) -> dict[str, str]:
    """Return the header fields whose values two requests have in common."""
    left_out = OF_ONE_REQUEST | but
    return {name: value for name, value in answer.headers.items() if name not in left_out}


def sent_by(actor: Actor, target: str, **headers: str) -> Send:
    """Return what sends one request by either method."""
    return lambda method: actor.client.request(
        method, target, token=actor.token, headers={"Origin": ALLOWED_ORIGIN, **headers}
    )


@pytest.fixture
def reader(client: DifferentialClient, guest: Actor, sam: Actor) -> Callable[[Operation], Actor]:
    """Return who may send an operation."""

    def who(operation: Operation) -> Actor:
        if operation.name == "listTokens":  # its last_used_at moves on with time
            return register(client, "reader")
        return sam if operation.is_for_staff else guest

    return who


@pytest.fixture
def path(guests_todo: Any, shown_product: Any) -> Callable[[Operation], str]:
    """Return a path that names something."""

    def of(operation: Operation) -> str:
        named = operation.template.replace("{todo_id}", str(guests_todo["id"]))
        named = named.replace("{product_id}", str(shown_product["id"]))
        return named.replace("{name}", "not-found")

    return of


@every_read
@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        pytest.param("", {}, 200, id="ok"),
        pytest.param("", {"If-None-Match": "*"}, 304, id="not modified"),
        pytest.param("", {"Accept": "image/png"}, 406, id="not acceptable"),
        pytest.param("?surprise=1", {}, 400, id="unknown parameter"),
        pytest.param("?q=%FF", {}, 400, id="query not UTF-8"),
        pytest.param("", {"If-None-Match": "x"}, 400, id="invalid header"),
        pytest.param("", {"Host": "nowhere.invalid"}, 400, id="bad host"),
        pytest.param("/", {}, 404, id="no route"),
    ],
)
def test_head_is_get(
    *,
    operation: Operation,
    reader: Callable[[Operation], Actor],
    path: Callable[[Operation], str],
    query: str,
    headers: dict[str, str],
    status: int,
) -> None:
    assert_head_is_get(sent_by(reader(operation), path(operation) + query, **headers), status)


@pytest.mark.parametrize("operation", SECURED, ids=lambda each: each.name)
@pytest.mark.parametrize("credentials", [None, "Bearer x", "Basic YTpi"])
def test_head_is_get_for_nobody(
    operation: Operation, anybody: Actor, credentials: str | None
) -> None:
    headers = {"Authorization": credentials} if credentials else {}
    assert_head_is_get(sent_by(anybody, operation.path, **headers), 401)


@pytest.mark.parametrize(
    "operation", [each for each in READS if each.is_for_staff], ids=lambda each: each.name
)
def test_head_is_get_for_who_may_not(operation: Operation, guest: Actor) -> None:
    assert_head_is_get(sent_by(guest, operation.path), 403)


@pytest.mark.parametrize("operation", WITH_ID, ids=lambda each: each.name)
def test_head_is_get_of_what_does_not_exist(
    operation: Operation, reader: Callable[[Operation], Actor]
) -> None:
    nothing = operation.path.replace("not-found", "nothing")
    assert_head_is_get(sent_by(reader(operation), nothing), 404)


def test_head_is_get_of_what_is_somebody_elses(alice: Actor, bob: Actor) -> None:
    todo = alice.post("/api/todos", a_todo()).headers["location"]
    assert_head_is_get(sent_by(bob, todo), 404)


def test_head_is_get_of_what_is_gone(alice: Actor, sam: Actor) -> None:
    for actor, kind, body in ((alice, "todos", a_todo()), (sam, "products", a_product())):
        path = actor.post(f"/api/{kind}", body).headers["location"]
        actor.delete(path)
        assert_head_is_get(sent_by(actor, path), 404)


def test_head_is_get_of_a_page_with_a_further_one(sam: Actor) -> None:
    assert_head_is_get(sent_by(sam, "/api/products?limit=1"), 200)
    assert "link" in sam.head("/api/products?limit=1").headers


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers that answer one request in an hour, which they have answered."""
    folder = tmp_path_factory.mktemp("limited")
    with twins(folder, RATE_LIMIT="1/3600") as base_urls, ExitStack() as stack:
        clients = [
            stack.enter_context(closing(DifferentialClient([base_url]))) for base_url in base_urls
        ]
        for client in clients:
            client.request("GET", "/api/products?limit=1")
        yield clients


@pytest.mark.own_servers
@pytest.mark.parametrize("operation", LIMITED, ids=lambda each: each.name)
def test_head_is_get_where_it_is_too_much(
    operation: Operation, limited: list[DifferentialClient]
) -> None:
    for client in limited:
        assert_head_is_get(sent_by(nobody(client), operation.path), 429, frozenset(COUNTED))


@pytest.fixture(scope="module")
def without_database() -> Iterator[list[DifferentialClient]]:
    """Return servers whose database nobody serves."""
    settings = environment_of("postgresql://127.0.0.1:1/nothing")
    with started(dict.fromkeys(servers.chosen, settings)) as base_urls, ExitStack() as stack:
        yield [
            stack.enter_context(closing(DifferentialClient([base_url]))) for base_url in base_urls
        ]


@pytest.mark.own_servers
@pytest.mark.parametrize("operation", WITH_DATA, ids=lambda each: each.name)
def test_head_is_get_where_nothing_can_be_read(
    operation: Operation, without_database: list[DifferentialClient]
) -> None:
    for client in without_database:
        send = sent_by(nobody(client), operation.path, Authorization=f"Bearer {'x' * 43}")
        assert_head_is_get(send, 503)
