"""Relations between GET, HEAD, entity tags and bodies."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.cast import Actor, log_in
from contract_tests.client import Answer, Request
from contract_tests.metamorphic.conftest import Hold
from contract_tests.metamorphic.things import Document, Kind, products, todos
from contract_tests.metamorphic.world import READS, World, set_up, with_header, without_header
from contract_tests.operations.expected import a_product
from contract_tests.operations.operations import Operation
from deploy.servers import ALLOWED_ORIGIN

every_read = pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)


@pytest.fixture(scope="module")
def world(alice: Actor, bob: Actor, sam: Actor) -> World:
    """Return something to look at."""
    return set_up(alice, bob, sam)


@pytest.fixture
def request_of(world: World, operation: Operation) -> Request:
    """Return a request that is answered with 200."""
    if operation.name == "listTokens":  # which shows when a token was used, to the minute
        alice = log_in(world.alice.client, world.alice.username, world.alice.password)
        alice.get("/api/tokens")
        return world.request(operation, alice)
    return world.request(operation)


def fields(answer: Answer) -> list[tuple[str, str]]:
    """Return an answer's header fields, whose order is the framework's, but for its time."""
    return sorted((name, value) for name, value in answer.fields if name != "Date")


def variants(request: Request, operation: Operation) -> Iterator[Request]:
    """Change a request so that it is answered otherwise, in each way that there is."""
    yield request
    yield with_header(request, "If-None-Match", "*")
    yield with_header(request, "Origin", ALLOWED_ORIGIN)
    yield with_header(request, "Host", "nowhere.invalid")
    yield with_header(request, "Accept", "image/png")
    yield replace(request, target=f"{request.target}?surprise=1")
    yield replace(request, target=f"{request.target}/")
    yield replace(request, target=operation.path)  # where an id is nobody's
    yield without_header(request, "Authorization")
    yield with_header(request, "Authorization", "Bearer nonsense")


@every_read
def test_head_is_get_without_the_body(
    world: World, operation: Operation, request_of: Request
) -> None:
    statuses = set()
    for request in variants(request_of, operation):
        get = world.alice.client.send(request)
        head = world.alice.client.send(replace(request, method="HEAD"))
        assert (head.status, fields(head)) == (get.status, fields(get))
        assert head.body == b""
        statuses.add(get.status)
    assert {200, 304, 400, 404, 406} <= statuses


@every_read
def test_reading_twice_is_reading_once(
    world: World, operation: Operation, request_of: Request
) -> None:
    first, second = (world.alice.client.send(request_of) for _ in range(2))
    assert (second.status, second.body, fields(second)) == (200, first.body, fields(first))


@every_read
def test_what_was_just_got_has_not_been_modified(
    world: World, operation: Operation, request_of: Request
) -> None:
    got = world.alice.client.send(request_of)
    again = with_header(request_of, "If-None-Match", got.headers["etag"])
    answer = world.alice.client.send(again)
    assert (answer.status, answer.body) == (304, b"")
    content = {"Content-Type", "Content-Length"}
    assert fields(answer) == [field for field in fields(got) if field[0] not in content]


@pytest.fixture(params=["todos", "products"])
def kind(request: pytest.FixtureRequest, alice: Actor, sam: Actor) -> Kind:
    """Return what changes."""
    if request.param == "products":
        return products(sam)
    return todos(alice, sam.post("/api/products", a_product()).json["id"])


def test_each_change_shows_in_the_entity_tags(kind: Kind, hold: Hold) -> None:
    created = kind.create({"title": "a"} if kind.path == "/api/todos" else a_product())
    path = created.headers["location"]

    @given(st.lists(kind.patches, min_size=1, max_size=3))
    def rule(patches: list[Document]) -> None:
        for target in (path, kind.list):
            tags = [current(target)]
            for patch in patches:
                kind.update(path, patch)
                tags.append(current(target, before=tags))
            assert len({*tags}) == len(tags)

    def current(target: str, before: list[str] | None = None) -> str:
        """Return the tag of what has none of those before."""
        headers = {"If-None-Match": ", ".join(before)} if before else {}
        answer = kind.actor.get(target, headers=headers)
        assert answer.status == 200
        return answer.headers["etag"]

    hold(rule)


def test_one_tag_is_of_the_same_bytes_and_two_of_different_ones(world: World) -> None:
    """Tags and bytes are one to one over all that there is to be read."""
    answers = [
        world.alice.client.send(world.request(operation, actor))
        for operation in READS
        for actor in (world.alice, world.sam)
    ]
    pairs = {(answer.headers["etag"], answer.body) for answer in answers if answer.status == 200}
    assert len({tag for tag, _ in pairs}) == len({body for _, body in pairs}) == len(pairs)


def test_a_conditional_write_succeeds_once(kind: Kind, hold: Hold) -> None:
    created = kind.create({"title": "a"} if kind.path == "/api/todos" else a_product())
    path = created.headers["location"]

    @given(kind.patches)
    def rule(patch: Document) -> None:
        got = kind.actor.get(path)
        condition = {"If-Match": got.headers["etag"]}
        first, second = (kind.actor.patch(path, patch, headers=condition) for _ in range(2))
        assert (first.status, second.status) == (200, 412)
        assert kind.actor.get(path).body == first.body

    hold(rule)
