"""Relations between writes: repeated, in parts, or of what was read."""

from typing import Any

import pytest
from hypothesis import given

from contract_tests.cast import Actor
from contract_tests.client import Answer
from contract_tests.metamorphic.conftest import Hold
from contract_tests.metamorphic.things import (
    Document,
    Kind,
    document,
    lasting,
    products,
    said,
    todos,
)
from contract_tests.operations.expected import a_product


@pytest.fixture(params=["todos", "products"])
def kind(request: pytest.FixtureRequest, alice: Actor, sam: Actor) -> Kind:
    """Return what is written."""
    if request.param == "products":
        return products(sam)
    return todos(alice, sam.post("/api/products", a_product()).json["id"])


@pytest.fixture
def path(kind: Kind) -> str:
    """Return where something is that the test may write to again and again."""
    body = {"title": "a"} if kind.path == "/api/todos" else a_product()
    return kind.create(body).headers["location"]


def test_a_write_answers_what_get_shows_from_then_on(kind: Kind, path: str, hold: Hold) -> None:
    @given(kind.bodies, kind.patches)
    def rule(body: Document, patch: Document) -> None:
        assert_shown(kind.actor.put(path, {**body, **kind.always}))
        assert_shown(kind.actor.patch(path, patch))

    def assert_shown(written: Answer) -> None:
        shown = kind.actor.get(path)
        assert (written.status, shown.body) == (200, written.body)
        assert shown.headers["etag"] == written.headers["etag"]
        assert document(kind.actor.get(kind.list))["items"] == [written.json]

    hold(rule)


def test_what_is_replaced_is_what_would_have_been_created(
    kind: Kind, path: str, hold: Hold
) -> None:
    @given(kind.bodies, kind.bodies)
    def rule(before: Document, body: Document) -> None:
        kind.replace(path, before)
        replaced = kind.replace(path, body)
        kind.actor.delete(path)
        created = kind.create(body)
        move(created.headers["location"])
        assert said(replaced) == said(created.json)

    def move(to: str) -> None:
        nonlocal path
        path = to

    hold(rule)


def test_putting_twice_is_putting_once(kind: Kind, path: str, hold: Hold) -> None:
    @given(kind.bodies)
    def rule(body: Document) -> None:
        first, second = kind.replace(path, body), kind.replace(path, body)
        assert lasting(second) == lasting(first)
        assert second["updated_at"] > first["updated_at"]

    hold(rule)


def test_what_was_got_can_be_put_back(kind: Kind, path: str, hold: Hold) -> None:
    @given(kind.bodies)
    def rule(body: Document) -> None:
        kind.replace(path, body)
        got = document(kind.actor.get(path))
        assert lasting(document(kind.actor.put(path, got))) == lasting(got)

    hold(rule)


def test_an_empty_patch_changes_nothing_but_the_time(kind: Kind, path: str, hold: Hold) -> None:
    @given(kind.bodies)
    def rule(body: Document) -> None:
        before = kind.replace(path, body)
        after = kind.update(path, {})
        assert after == {**before, "updated_at": after["updated_at"]}
        assert after["updated_at"] > before["updated_at"]

    hold(rule)


def test_patches_of_different_parts_are_one_patch_in_any_order(
    kind: Kind, path: str, hold: Hold
) -> None:
    @given(kind.bodies, kind.patches, kind.patches)
    def rule(start: Document, patch: Document, other: Document) -> None:
        first = {name: value for name, value in patch.items() if name not in other}

        def patched(*parts: Document) -> Document:
            kind.replace(path, start)
            return said([kind.update(path, part) for part in parts][-1])

        assert patched(first, other) == patched(other, first) == patched({**first, **other})

    hold(rule)


def test_a_patch_touches_nothing_that_it_does_not_name(kind: Kind, path: str, hold: Hold) -> None:
    follows = {"items": "progress", "completed": "completed_at"}

    @given(kind.bodies, kind.patches)
    def rule(start: Document, patch: Document) -> None:
        before = kind.replace(path, start)
        after = kind.update(path, patch)
        touched = {*patch, *(follows.get(name) for name in patch), "updated_at"}
        for name in before.keys() - touched:
            assert after[name] == before[name], name

    hold(rule)


def test_a_patch_of_everything_replaces(kind: Kind, path: str, hold: Hold) -> None:
    @given(kind.bodies, kind.bodies)
    def rule(start: Document, body: Document) -> None:
        everything = kind.replace(path, body)
        # A map would be merged with what is there.
        start = {name: value for name, value in start.items() if name != "attributes"}
        kind.replace(path, start)
        assert said(kind.update(path, everything)) == said(everything)

    hold(rule)


def test_a_merge_patch_is_one_under_either_media_type(kind: Kind, path: str, hold: Hold) -> None:
    @given(kind.bodies, kind.patches)
    def rule(start: Document, patch: Document) -> None:
        def patched(media_type: str) -> Document:
            kind.replace(path, start)
            headers = {"Content-Type": media_type}
            return said(document(kind.actor.patch(path, patch, headers=headers)))

        assert patched("application/json") == patched("application/merge-patch+json")

    hold(rule)


def test_a_map_is_merged_name_by_name(sam: Actor, hold: Hold) -> None:
    kind = products(sam)
    path = kind.create(a_product()).headers["location"]

    @given(kind.bodies, kind.patches)
    def rule(start: Document, patch: Document) -> None:
        changes: dict[str, Any] = patch.get("attributes", {})
        kind.replace(path, start)
        at_once = kind.update(path, {"attributes": changes})
        kind.replace(path, start)
        one_by_one = kind.update(path, {})
        for name, value in changes.items():
            one_by_one = kind.update(path, {"attributes": {name: value}})
        assert said(one_by_one) == said(at_once)

    hold(rule)
