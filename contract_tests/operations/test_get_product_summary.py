"""GET /api/products/summary: getProductSummary."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.documents import exactly
from contract_tests.operations.expected import a_product, a_todo, an_adjustment, compact

SUMMARY = "/api/products/summary"


def add(sam: Actor, stock: int = 0, **changes: Any) -> str:
    """Add a product with something on stock and return its id."""
    product = sam.post("/api/products", a_product(**changes)).json
    while stock > 0:
        delta = min(stock, 1_000_000)  # the most that one adjustment moves
        sam.post(f"/api/products/{product['id']}/stock-adjustments", an_adjustment(delta=delta))
        stock -= delta
    return str(product["id"])


def items_of(anybody: Actor, category: str) -> list[Any]:
    """Return the summary's entries for a category."""
    return [item for item in anybody.get(SUMMARY).json["items"] if item["category"] == category]


def test_it_works(sam: Actor, alice: Actor, bob: Actor, category: str) -> None:
    first = add(sam, 3, category=category, price="10.00")
    add(sam, 0, category=category, price="2.50", active=False)
    add(sam, 7, category=category, price="99.99", currency="CHF")
    for actor, body in (
        (alice, a_todo(product_id=first)),
        (bob, a_todo(product_id=first)),
        (bob, a_todo(product_id=first, completed=True)),
        (bob, a_todo()),
    ):
        actor.post("/api/todos", body)
    answer = sam.get(SUMMARY)
    expected = [
        {
            "category": category,
            "currency": "CHF",
            "products": 1,
            "units": 7,
            "lowest_price": "99.99",
            "mean_price": "99.99",
            "highest_price": "99.99",
            "stock_value": "699.93",
            "open_todos": 0,
        },
        {
            "category": category,
            "currency": "EUR",
            "products": 2,
            "units": 3,
            "lowest_price": "2.50",
            "mean_price": "6.25",
            "highest_price": "10.00",
            "stock_value": "30.00",
            "open_todos": 2,
        },
    ]
    assert items_of(sam, category) == expected
    assert compact(expected)[1:-1] in answer.body
    assert answer.body == compact(answer.json)


def test_it_is_sorted_by_category_then_currency(sam: Actor, category: str) -> None:
    for suffix in ("-b", "", "0", "-a"):
        for currency in ("USD", "AUD"):
            add(sam, category=category + suffix, currency=currency)
    places = [(item["category"], item["currency"]) for item in sam.get(SUMMARY).json["items"]]
    assert places == sorted(places)
    assert [place for place in places if place[0].startswith(category)] == [
        (category + suffix, currency)
        for suffix in ("", "-a", "-b", "0")
        for currency in ("AUD", "USD")
    ]


@pytest.mark.parametrize(
    ("prices", "mean"),
    [
        (["0.00"], "0.00"),
        (["0.02", "0.03"], "0.03"),
        (["0.01", "0.02"], "0.02"),
        (["1.00", "1.00", "1.01"], "1.00"),
        (["1.00", "1.01", "1.01"], "1.01"),
        (["99999999.99", "99999999.98"], "99999999.99"),
        (["0.00", "0.00", "0.00", "0.01"], "0.00"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_the_mean_is_rounded_half_up(
    sam: Actor, category: str, prices: list[str], mean: str
) -> None:
    for price in prices:
        add(sam, category=category, price=price)
    (item,) = exactly(1, items_of(sam, category))
    assert item["mean_price"] == mean
    assert (item["lowest_price"], item["highest_price"]) == (min(prices), max(prices))


def test_each_product_counts_once_in_the_mean(sam: Actor, alice: Actor, category: str) -> None:
    first = add(sam, 1, category=category, price="1.00")
    sam.post(f"/api/products/{first}/stock-adjustments", an_adjustment(delta=2))
    for _ in range(3):
        alice.post("/api/todos", a_todo(product_id=first, tags=["a", "b"]))
    add(sam, 1, category=category, price="3.00")
    (item,) = exactly(1, items_of(sam, category))
    assert item == {
        "category": category,
        "currency": "EUR",
        "products": 2,
        "units": 4,
        "lowest_price": "1.00",
        "mean_price": "2.00",
        "highest_price": "3.00",
        "stock_value": "6.00",
        "open_todos": 3,
    }


def test_prices_compare_as_numbers(sam: Actor, category: str) -> None:
    for price in ("9.00", "10.00", "100.00"):
        add(sam, category=category, price=price)
    (item,) = exactly(1, items_of(sam, category))
    assert (item["lowest_price"], item["highest_price"]) == ("9.00", "100.00")


def test_large_values_are_exact(sam: Actor, category: str) -> None:
    # No binary floating-point number has this many digits.
    add(sam, 9_000_000, category=category, price="99999999.99")
    add(sam, 1, category=category, price="0.01")
    (item,) = exactly(1, items_of(sam, category))
    assert item["units"] == 9_000_001
    assert item["stock_value"] == "899999999910000.01"
    assert item["mean_price"] == "50000000.00"


# A hundred times each of these is less than a whole number in binary floating point.
@pytest.mark.parametrize("price", ["0.29", "1.13", "8.70", "19.99", "1025.12"])
def test_every_cent_counts(sam: Actor, category: str, price: str) -> None:
    add(sam, 1, category=category, price=price)
    (item,) = exactly(1, items_of(sam, category))
    assert {item[name] for name in item if "price" in name or "value" in name} == {price}


def test_it_follows_the_todos(sam: Actor, alice: Actor, category: str) -> None:
    product_id = add(sam, category=category)
    path = alice.post("/api/todos", a_todo(product_id=product_id)).headers["location"]

    def open_todos() -> Any:
        return items_of(sam, category)[0]["open_todos"]

    assert open_todos() == 1
    alice.patch(path, {"completed": True})
    assert open_todos() == 0
    alice.patch(path, {"completed": False})
    assert open_todos() == 1
    alice.delete(path)
    assert open_todos() == 0


def test_its_entity_tag_changes_with_the_figures(sam: Actor, category: str) -> None:
    tag = sam.get(SUMMARY).headers["etag"]
    assert sam.get(SUMMARY, headers={"If-None-Match": tag}).status == 304
    add(sam, category=category)
    assert sam.get(SUMMARY, headers={"If-None-Match": tag}).status == 200
