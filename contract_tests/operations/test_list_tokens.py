"""GET /api/tokens: listTokens."""

from contract_tests.cast import Actor, log_in
from contract_tests.documents import exactly
from contract_tests.operations.expected import (
    assert_problem,
    compact,
    damaged,
    is_id,
    is_time,
    next_cursor,
    parameter_error,
)
from contract_tests.operations.lists import joined, pages


def test_it_works(alice: Actor) -> None:
    answer = alice.get("/api/tokens")
    assert answer.status == 200
    (token,) = exactly(1, answer.json["items"])
    assert answer.body == compact(
        {
            "items": [
                {
                    "id": token["id"],
                    "created_at": token["created_at"],
                    "last_used_at": token["last_used_at"],
                    "expires_at": token["expires_at"],
                }
            ],
            "next": None,
        }
    )
    assert is_id(token["id"])
    assert is_time(token["created_at"])
    assert is_time(token["last_used_at"])  # by the very request that lists it
    assert token["created_at"] <= token["last_used_at"] < token["expires_at"]
    assert "link" not in answer.headers


def test_the_newest_comes_first(alice: Actor) -> None:
    for _ in range(3):
        log_in(alice.client, alice.username, alice.password)
    items = alice.get("/api/tokens").json["items"]
    assert len(items) == 4
    assert items == sorted(items, key=lambda item: (item["created_at"], item["id"]), reverse=True)
    # Only the oldest, with which this was asked, has been used.
    assert [item["last_used_at"] is None for item in items] == [True, True, True, False]


def test_only_the_one_that_is_used_shows_a_use(alice: Actor) -> None:
    unused = log_in(alice.client, alice.username, alice.password)
    newest, oldest = exactly(2, alice.get("/api/tokens").json["items"])
    assert newest["last_used_at"] is None
    assert oldest["last_used_at"] is not None
    assert unused.get("/api/tokens").json["items"][0]["last_used_at"] is not None


def test_only_ones_own_are_listed(alice: Actor, bob: Actor) -> None:
    (alices,) = exactly(1, alice.get("/api/tokens").json["items"])
    (bobs,) = exactly(1, bob.get("/api/tokens").json["items"])
    assert alices["id"] != bobs["id"]


def test_a_revoked_one_is_gone(alice: Actor) -> None:
    log_in(alice.client, alice.username, alice.password)
    newest, oldest = exactly(2, alice.get("/api/tokens").json["items"])
    alice.delete(f"/api/tokens/{newest['id']}")
    assert alice.get("/api/tokens").json["items"] == [oldest]


def test_pages_joined_are_the_list(alice: Actor) -> None:
    for _ in range(4):
        log_in(alice.client, alice.username, alice.password)
    everything = alice.get("/api/tokens").json["items"]
    for limit in (1, 2, 3, 4, 5, 100):
        found = pages(alice, f"/api/tokens?limit={limit}")
        assert joined(found) == everything
        assert len(found) == -(-5 // limit)


def test_next_is_also_a_link(alice: Actor) -> None:
    log_in(alice.client, alice.username, alice.password)
    answer = alice.get("/api/tokens?limit=1")
    page = answer.json
    assert answer.headers["link"] == f'<{page["next"]}>; rel="next"'
    assert page["next"].startswith("/api/tokens?limit=1&cursor=")


def test_a_place_stays_when_rows_come_and_go(alice: Actor) -> None:
    for _ in range(3):
        log_in(alice.client, alice.username, alice.password)
    first = alice.get("/api/tokens?limit=2").json
    rest = alice.get(first["next"]).json
    log_in(alice.client, alice.username, alice.password)
    alice.delete(f"/api/tokens/{first['items'][1]['id']}")
    assert alice.get(first["next"]).json == rest


def test_it_rejects_a_foreign_or_damaged_cursor(alice: Actor) -> None:
    for _ in range(2):
        log_in(alice.client, alice.username, alice.password)
        alice.post("/api/todos", {"title": "Count"})
    ours = next_cursor(alice.get("/api/tokens?limit=1").json)
    theirs = next_cursor(alice.get("/api/todos?limit=1").json)
    for cursor in (damaged(ours), theirs, ours[:-1], ours + "A"):
        assert_problem(
            alice.get(f"/api/tokens?cursor={cursor}"),
            "invalid-parameters",
            "/api/tokens",
            parameter_error("cursor", "invalid_cursor"),
        )
