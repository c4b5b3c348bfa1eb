"""PATCH /api/products/{product_id}: updateProduct."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    a_name,
    a_product,
    assert_problem,
    compact,
    error,
)

TOO_MANY = "Must have 20 or fewer entries."


def path_of(product: Any) -> str:
    """Return where a product is."""
    return f"/api/products/{product['id']}"


@pytest.fixture
def full(sam: Actor) -> Any:
    """Return a product in which nothing has its default."""
    body = a_product(
        description="Hand-thrown.", attributes={"colour": "red", "volume": "1 l"}, active=False
    )
    return sam.post("/api/products", body).json


def test_it_works(sam: Actor, full: Any) -> None:
    answer = sam.patch(path_of(full), {"price": "21.00"})
    assert answer.status == 200
    assert answer.body == compact(
        {**full, "price": "21.00", "updated_at": answer.json["updated_at"]}
    )
    assert answer.json["updated_at"] > full["updated_at"]
    shown = sam.get(path_of(full))
    assert (shown.body, shown.headers["etag"]) == (answer.body, answer.headers["etag"])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sku": a_name("NEW-").upper()},
        {"name": "Jug "},
        {"description": ""},
        {"category": "new-jugs"},
        {"price": "0.00"},
        {"currency": "USD"},
        {"active": True},
        {"price": "1.00", "currency": "PLN", "active": True, "name": "x"},
    ],
    ids=lambda changes: " ".join(changes) or "nothing",
)
def test_what_is_absent_stays(sam: Actor, full: Any, changes: dict[str, Any]) -> None:
    changed = sam.patch(path_of(full), changes).json
    assert changed == {**full, **changes, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > full["updated_at"]
    assert sam.get(path_of(full)).json == changed


@pytest.mark.parametrize(
    ("patch", "merged"),
    [
        ({}, {"colour": "red", "volume": "1 l"}),
        ({"colour": "blue"}, {"colour": "blue", "volume": "1 l"}),
        ({"colour": None}, {"volume": "1 l"}),
        ({"colour": None, "volume": None}, {}),
        ({"glaze": None}, {"colour": "red", "volume": "1 l"}),
        ({"a": "", "Z": " "}, {"Z": " ", "a": "", "colour": "red", "volume": "1 l"}),
        ({"colour": None, "color": "red"}, {"color": "red", "volume": "1 l"}),
    ],
)
def test_attributes_are_merged(
    sam: Actor, full: Any, patch: dict[str, Any], merged: dict[str, str]
) -> None:
    answer = sam.patch(
        path_of(full),
        {"attributes": patch},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    expected = {**full, "attributes": merged, "updated_at": answer.json["updated_at"]}
    assert sam.get(path_of(full)).body == answer.body
    assert (answer.status, answer.body) == (200, compact(expected))


def test_attributes_are_checked_after_merging(sam: Actor) -> None:
    attributes = {f"{number:02}": "" for number in range(20)}
    product = sam.post("/api/products", a_product(attributes=attributes)).json
    path = path_of(product)
    assert_problem(
        sam.patch(path, {"attributes": {"new": ""}}),
        "invalid-body",
        path,
        error("/attributes", "too_many_items", 20),
    )
    assert sam.get(path).json == product
    # One goes and one comes; so does a whole other set, though 40 names are sent.
    assert sam.patch(path, {"attributes": {"new": "", "00": None}}).status == 200
    removed = dict.fromkeys([*attributes, "new"])
    added = {f"new {number:02}": "x" for number in range(20)}
    answer = sam.patch(path, {"attributes": {**removed, **added}})
    assert (answer.status, answer.json["attributes"]) == (200, added)


@pytest.mark.parametrize("name", ["", "n" * 51, "a\0"])
def test_what_no_attribute_is_named_cannot_be_removed(sam: Actor, full: Any, name: str) -> None:
    answer = sam.patch(path_of(full), {"attributes": {name: None, "colour": None}})
    wrong = error(f"/attributes/{name}", "invalid_name")
    assert_problem(answer, "invalid-body", path_of(full), wrong)
    assert sam.get(path_of(full)).json == full


def test_wrong_attributes_are_named_and_change_nothing(sam: Actor, full: Any) -> None:
    answer = sam.patch(path_of(full), {"attributes": {"volume": 5, "colour": None, "a": ["x"]}})
    assert_problem(
        answer,
        "invalid-body",
        path_of(full),
        error("/attributes/a", "invalid_type", "a string"),
        error("/attributes/volume", "invalid_type", "a string"),
    )
    assert sam.get(path_of(full)).json == full


def test_it_ignores_what_is_read_only(sam: Actor, full: Any) -> None:
    ignored: dict[str, Any] = {"id": 1, "stock": 5, "created_at": None, "updated_at": {}}
    changed = sam.patch(path_of(full), ignored).json
    assert changed == {**full, "updated_at": changed["updated_at"]}


def test_it_rejects_a_taken_sku(sam: Actor, full: Any, product: Any) -> None:
    answer = sam.patch(path_of(full), {"sku": product["sku"], "name": "Jug"})
    assert_problem(answer, "already-exists", path_of(full), error("/sku", "taken"))
    assert sam.get(path_of(full)).json == full


def test_a_sku_is_taken_also_by_what_is_not_sold_any_more(
    sam: Actor, product: Any, shown_product: Any
) -> None:
    sam.patch(path_of(product), {"active": False})
    path, taken = path_of(shown_product), {"sku": product["sku"]}
    for answer, instance in (
        (sam.patch(path, taken), path),
        (sam.put(path, a_product(**taken)), path),
        (sam.post("/api/products", a_product(**taken)), "/api/products"),
    ):
        assert_problem(answer, "already-exists", instance, error("/sku", "taken"))


def test_its_own_sku_is_not_taken(sam: Actor, full: Any) -> None:
    assert sam.patch(path_of(full), {"sku": full["sku"]}).status == 200
