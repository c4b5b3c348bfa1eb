"""GET /api/users/me: getCurrentUser."""

from contract_tests.cast import Actor
from contract_tests.operations.expected import assert_problem, compact, is_id, is_time


def test_it_works(alice: Actor) -> None:
    answer = alice.get("/api/users/me")
    user = answer.json
    assert answer.status == 200
    assert answer.body == compact(
        {
            "id": user["id"],
            "username": alice.username,
            "email": f"{alice.username}@example.com",
            "is_staff": False,
            "created_at": user["created_at"],
        }
    )
    assert is_id(user["id"])
    assert is_time(user["created_at"])


def test_it_shows_who_is_staff(sam: Actor) -> None:
    # The demo data's member of staff is the same on every server.
    assert sam.get("/api/users/me").json == {
        "id": "019b8d33-fac0-7321-bd05-9cf9771c41ae",
        "username": "sam",
        "email": "sam@example.com",
        "is_staff": True,
        "created_at": "2026-01-05T08:09:12.640953Z",
    }


def test_everybody_sees_their_own_account(alice: Actor, bob: Actor) -> None:
    assert alice.get("/api/users/me").json["username"] == alice.username
    assert bob.get("/api/users/me").json["username"] == bob.username


def test_it_rejects_the_token_of_a_closed_account(alice: Actor) -> None:
    alice.delete("/api/users/me")
    assert_problem(alice.get("/api/users/me"), "invalid-token", "/api/users/me")
