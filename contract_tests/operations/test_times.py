"""The times that servers set are those of the events, by the test's clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from contract_tests.cast import Actor, register
from contract_tests.documents import exactly
from contract_tests.operations.expected import a_product, a_todo, an_adjustment

SKEW = timedelta(seconds=60)  # between the clocks of two machines


@contextmanager
def now() -> Iterator[list[str]]:
    """Hold times to lie between the begin and the end of this context."""
    begin = datetime.now(UTC)
    times: list[str] = []
    yield times
    end = datetime.now(UTC)
    assert times
    for time in times:
        assert begin - SKEW <= datetime.fromisoformat(time) <= end + SKEW


def test_what_is_created_is_created_now(alice: Actor, sam: Actor) -> None:
    with now() as times:
        product = sam.post("/api/products", a_product())
        adjustments = f"{product.headers['location']}/stock-adjustments"
        for created in (
            product.json,
            alice.post("/api/todos", a_todo()).json,
            *alice.post("/api/todos/bulk", {"todos": [a_todo()]}).json["todos"],
            sam.post(adjustments, an_adjustment()).json,
            register(alice.client, "newcomer").get("/api/users/me").json,
        ):
            times.append(created["created_at"])


def test_what_is_changed_is_changed_now(alice: Actor, sam: Actor, todo: Any, product: Any) -> None:
    a_while_ago = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}
    with now() as times:
        for actor, path, body in (
            (alice, f"/api/todos/{todo['id']}", a_todo(completed=True)),
            (sam, f"/api/products/{product['id']}", a_product()),
        ):
            replaced = actor.put(path, {**body, **a_while_ago}).json
            updated = actor.patch(path, {}).json
            shown = actor.get(path).json
            times.extend(each["updated_at"] for each in (replaced, updated, shown))
            if actor is alice:
                times.append(shown["completed_at"])


def test_a_token_is_made_and_used_now_and_expires_later(alice: Actor) -> None:
    with now() as times:
        [token] = exactly(1, alice.get("/api/tokens").json["items"])
        times.extend([token["created_at"], token["last_used_at"]])
    assert token["created_at"] < token["last_used_at"] < token["expires_at"]
    ends = datetime.fromisoformat(token["expires_at"])
    lasts = ends - datetime.fromisoformat(token["created_at"])
    assert lasts % timedelta(seconds=1) == timedelta(0)  # what is set together shows one time
