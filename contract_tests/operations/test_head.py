"""HEAD is GET without the body, however GET is answered (openapi.yaml, Methods)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from contract_tests import servers
from contract_tests.alone import each_alone
from contract_tests.cast import Actor, nobody
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.operations import OPERATIONS, Operation
from contract_tests.servers import environment_of, started
from deploy.servers import ALLOWED_ORIGIN

OF_ONE_REQUEST = {"date", "x-request-id"}
# They count seconds, which may pass between two requests.
COUNTED = {"ratelimit", "retry-after"}

Send = Callable[[str], Answer]

READS = [operation for operation in OPERATIONS if operation.method == "GET"]
SECURED = [operation for operation in READS if not operation.is_open]
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


def test_head_is_get_of_a_page_with_a_further_one(sam: Actor) -> None:
    assert_head_is_get(sent_by(sam, "/api/products?limit=1"), 200)
    assert "link" in sam.head("/api/products?limit=1").headers


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers that answer one request in an hour, which they have answered."""
    with each_alone(tmp_path_factory, RATE_LIMIT="1/3600") as clients:
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
