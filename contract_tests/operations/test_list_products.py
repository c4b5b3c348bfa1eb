"""GET /api/products: listProducts.

Servers hold other products too, so each test looks into a category of its own.
"""

from collections.abc import Callable
from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    a_name,
    a_product,
    an_adjustment,
    assert_problem,
    compact,
    damaged,
    next_cursor,
    parameter_error,
    product_document,
)
from contract_tests.operations.lists import Row, in_order, joined, pages

PRODUCTS = "/api/products"
CATEGORY = a_name("listed-")
MARK = a_name("").upper()  # makes the skus this file's own
SORTS = [
    sign + name for name in ("created_at", "name", "sku", "price", "stock") for sign in ("", "-")
]


@pytest.fixture(scope="module")
def rows(sam: Actor) -> list[Row]:
    """Return products with many a difference; the first was made first."""
    made = []
    for sku, stock, changes in (
        ("B", 0, {"name": "Mug", "price": "9.50"}),
        ("A", 12, {"name": "mug", "price": "10.00", "currency": "GBP"}),
        ("A-1", 3, {"name": "Éclair", "price": "0.00", "description": "100 % butter"}),
        ("A0", 100, {"name": "éclair", "price": "9.50", "active": False}),
        ("0", 0, {"name": "\uffee", "price": "99999999.99", "description": "mug_holder"}),
        ("Z9", 12, {"name": "😀", "price": "9.49", "currency": "SEK", "active": False}),
        ("Z10", 1, {"name": "Mug", "price": "100.00", "attributes": {"for": "muggles"}}),
    ):
        body = a_product(sku=f"{sku}-{MARK}", category=CATEGORY, **changes)
        path = sam.post(PRODUCTS, body).headers["location"]
        if stock:
            sam.post(f"{path}/stock-adjustments", an_adjustment(delta=stock))
        made.append(sam.get(path).json)
    return made


def listed(anybody: Actor, query: str = "") -> Any:
    """Return a page of this file's category."""
    return anybody.get(f"{PRODUCTS}?category={CATEGORY}{query}").json


def test_it_works(sam: Actor, anybody: Actor, category: str) -> None:
    first, second = (sam.post(PRODUCTS, a_product(category=category)).json for _ in range(2))
    answer = anybody.get(f"{PRODUCTS}?category={category}")
    assert answer.status == 200
    assert answer.body == compact(
        {
            "items": [
                product_document(second, category=category),
                product_document(first, category=category),
            ],
            "next": None,
        }
    )
    assert "link" not in answer.headers


def test_it_may_be_empty(anybody: Actor, category: str) -> None:
    answer = anybody.get(f"{PRODUCTS}?category={category}")
    assert answer.body == b'{"items":[],"next":null}'


def test_everybody_sees_the_same(sam: Actor, guest: Actor, anybody: Actor) -> None:
    assert sam.get(PRODUCTS).body == guest.get(PRODUCTS).body == anybody.get(PRODUCTS).body


def test_all_pages_hold_the_whole_catalogue(anybody: Actor, rows: list[Row]) -> None:
    found = joined(pages(anybody, f"{PRODUCTS}?limit=100"))
    assert found == in_order(found, "-created_at")
    assert len({row["id"] for row in found}) == len(found)
    assert [row for row in found if row["category"] == CATEGORY] == rows[::-1]


def test_a_page_has_20_rows_unless_asked_otherwise(anybody: Actor) -> None:
    # The demo data has more than that.
    page = anybody.get(PRODUCTS).json
    assert len(page["items"]) == 20
    assert page["next"]
    assert page["next"].startswith("/api/products?cursor=")


# Sorting


def test_the_newest_come_first_unless_asked_otherwise(anybody: Actor, rows: list[Row]) -> None:
    assert listed(anybody)["items"] == rows[::-1]


@pytest.mark.parametrize("sort", SORTS)
def test_it_sorts(anybody: Actor, rows: list[Row], sort: str) -> None:
    assert listed(anybody, f"&sort={sort}") == {"items": in_order(rows, sort), "next": None}


def test_prices_compare_as_numbers(anybody: Actor, rows: list[Row]) -> None:
    items = listed(anybody, "&sort=price")["items"]
    assert [row["price"] for row in items] == [
        "0.00",
        "9.49",
        "9.50",
        "9.50",
        "10.00",
        "100.00",
        "99999999.99",
    ]


def test_texts_compare_by_code_points(anybody: Actor, rows: list[Row]) -> None:
    items = listed(anybody, "&sort=name")["items"]
    assert [row["name"] for row in items] == [
        "Mug",
        "Mug",
        "mug",
        "Éclair",
        "éclair",
        "\uffee",
        "😀",
    ]
    items = listed(anybody, "&sort=sku")["items"]
    assert [row["sku"].removesuffix(f"-{MARK}") for row in items] == in_code_points(MARK)


def in_code_points(mark: str) -> list[str]:
    """Return this file's skus in order, without the mark that each of them ends with."""
    skus = ("B", "A", "A-1", "A0", "0", "Z9", "Z10")
    return sorted(skus, key=lambda sku: f"{sku}-{mark}")


# Pages


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_joined_are_the_list(anybody: Actor, rows: list[Row], sort: str, limit: int) -> None:
    found = pages(anybody, f"{PRODUCTS}?category={CATEGORY}&sort={sort}&limit={limit}")
    assert joined(found) == in_order(rows, sort)
    assert len(found) == -(-len(rows) // limit)


def test_a_place_stays_when_rows_come_and_go(sam: Actor, category: str) -> None:
    def add(price: str) -> Any:
        return sam.post(PRODUCTS, a_product(category=category, price=price)).json

    made = [add(price) for price in ("1.00", "2.00", "3.00", "10.00")]
    page = sam.get(f"{PRODUCTS}?category={category}&sort=price&limit=2").json
    sam.delete(f"{PRODUCTS}/{made[1]['id']}")
    add("0.50")
    new = add("9.00")
    assert sam.get(page["next"]).json["items"] == [made[2], new]


def test_it_rejects_a_foreign_or_damaged_cursor(anybody: Actor, rows: list[Row]) -> None:
    ours = next_cursor(listed(anybody, "&sort=price&limit=1"))
    for query in (
        f"cursor={ours}",
        f"category={CATEGORY}&cursor={ours}",
        f"category={CATEGORY}&sort=-price&cursor={ours}",
        f"category={CATEGORY}&sort=price&active=true&cursor={ours}",
        f"category={CATEGORY}&sort=price&cursor={damaged(ours)}",
    ):
        assert_problem(
            anybody.get(f"{PRODUCTS}?{query}"),
            "invalid-parameters",
            PRODUCTS,
            parameter_error("cursor", "invalid_cursor"),
        )


# Filters


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("active=true", lambda row: row["active"]),
        ("active=false", lambda row: not row["active"]),
        ("in_stock=true", lambda row: row["stock"] > 0),
        ("in_stock=false", lambda row: row["stock"] == 0),
        ("currency=GBP", lambda row: row["currency"] == "GBP"),
        ("currency=USD", lambda _: False),
        ("min_price=0.00", lambda _: True),
        ("min_price=9.50", lambda row: float(row["price"]) >= 9.5),
        ("max_price=9.50", lambda row: float(row["price"]) <= 9.5),
        ("min_price=9.50&max_price=10.00", lambda row: row["price"] in {"9.50", "10.00"}),
        ("min_price=9.51&max_price=9.99", lambda _: False),
        ("min_price=10.00&max_price=9.00", lambda _: False),
        ("max_price=99999999.99", lambda _: True),
        ("min_price=99999999.99", lambda row: row["price"] == "99999999.99"),
        ("active=false&in_stock=true&currency=SEK", lambda row: row["name"] == "😀"),
        ("q=mug", lambda row: row["name"] in {"Mug", "mug"}),
        ("q=mug_", lambda _: False),  # in a description
        ("q=%25", lambda _: False),  # as before
        ("q=%C3%A9", lambda row: row["name"] == "éclair"),
        ("q=muggles", lambda _: False),
        (f"q=z9-{MARK.lower()}", lambda row: row["name"] == "😀"),
        (f"q={MARK}", lambda _: True),
        (f"q={CATEGORY}", lambda _: False),
    ],
    ids=lambda value: (
        value.replace(MARK, "").replace(MARK.lower(), "").replace(CATEGORY, "category")
        if isinstance(value, str)
        else ""
    ),
)
def test_it_filters(
    anybody: Actor, rows: list[Row], query: str, wanted: Callable[[Row], object]
) -> None:
    expected = in_order(filter(wanted, rows), "-created_at")
    assert listed(anybody, f"&{query}") == {"items": expected, "next": None}


def test_its_entity_tag_changes_with_a_row(sam: Actor, category: str) -> None:
    path = sam.post(PRODUCTS, a_product(category=category)).headers["location"]
    target = f"{PRODUCTS}?category={category}"
    tag = sam.get(target).headers["etag"]
    assert sam.get(target, headers={"If-None-Match": tag}).status == 304
    sam.patch(path, {})
    assert sam.get(target, headers={"If-None-Match": tag}).status == 200
