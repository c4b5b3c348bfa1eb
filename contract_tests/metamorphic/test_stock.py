"""The stock, its movements, the list of products and the summary tell one story."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contract_tests.cast import Actor
from contract_tests.metamorphic import strategies as some
from contract_tests.metamorphic.conftest import Hold
from contract_tests.metamorphic.things import document
from contract_tests.metamorphic.world import figures
from contract_tests.operations.expected import a_name, a_product, a_todo
from contract_tests.operations.lists import joined, pages

DELTAS = st.integers(-9, 9).filter(bool) | st.sampled_from([1_000_000, -1_000_000])
CENT = Decimal("0.01")
PRICES = some.PRICES | st.decimals(0, 1000, places=2).map(str)


def test_the_stock_is_the_sum_of_its_movements(sam: Actor, hold: Hold) -> None:
    path = sam.post("/api/products", a_product()).headers["location"]

    @given(st.lists(DELTAS, min_size=1, max_size=6))
    def rule(deltas: list[int]) -> None:
        before = document(sam.get(path))["stock"]
        answers = [
            sam.post(f"{path}/stock-adjustments", {"delta": delta, "reason": "corrected"})
            for delta in deltas
        ]
        made = [answer.json for answer in answers if answer.status == 201]
        movements = joined(pages(sam, f"{path}/stock-adjustments?limit=100"))[::-1]
        product = document(sam.get(path))
        assert movements[len(movements) - len(made) :] == made
        assert product["stock"] == sum(movement["delta"] for movement in movements)
        assert product["stock"] == before + sum(movement["delta"] for movement in made) >= 0
        balance = 0
        for movement in movements:
            balance += movement["delta"]
            assert movement["balance"] == balance >= 0
        if made:
            assert product["updated_at"] == made[-1]["created_at"]

    hold(rule)


def test_a_movement_is_refused_exactly_when_there_is_too_little(sam: Actor, hold: Hold) -> None:
    path = sam.post("/api/products", a_product()).headers["location"]

    @given(DELTAS)
    def rule(delta: int) -> None:
        stock = document(sam.get(path))["stock"]
        body = {"delta": delta, "reason": "corrected"}
        answer = sam.post(f"{path}/stock-adjustments", body)
        assert answer.status == (201 if stock + delta >= 0 else 409)

    hold(rule)


def test_a_movement_and_its_opposite_leave_the_stock(sam: Actor) -> None:
    path = sam.post("/api/products", a_product()).headers["location"]
    for delta in (1, 7, 1_000_000):
        before = document(sam.get(path))["stock"]
        for each in (delta, -delta):
            body = {"delta": each, "reason": "corrected"}
            document(sam.post(f"{path}/stock-adjustments", body), 201)
        assert document(sam.get(path))["stock"] == before


def test_the_summary_is_what_the_lists_add_up_to(alice: Actor, sam: Actor, hold: Hold) -> None:
    shelf = st.tuples(PRICES, some.CURRENCIES, st.integers(0, 3), st.booleans(), st.booleans())

    @given(st.lists(shelf, max_size=5))
    def rule(shelves: list[tuple[str, str, int, bool, bool]]) -> None:
        category = a_name("rule-")
        for price, currency, stock, is_active, is_done in shelves:
            body = a_product(category=category, price=price, currency=currency, active=is_active)
            path = sam.post("/api/products", body).headers["location"]
            if stock:
                body = {"delta": stock, "reason": "received"}
                document(sam.post(f"{path}/stock-adjustments", body), 201)
            todo = a_todo(product_id=path.rpartition("/")[2], completed=is_done, tags=[category])
            document(alice.post("/api/todos", todo), 201)
        products = joined(pages(sam, f"/api/products?category={category}"))
        todos = joined(pages(alice, f"/api/todos?tag={category}&completed=false"))
        assert figures(sam, category) == added_up(products, todos)

    hold(rule)


def added_up(products: list[Any], todos: list[Any]) -> list[Any]:
    """Return the figures that follow from what the lists show."""
    by_currency = defaultdict(list)
    for product in products:
        by_currency[product["currency"]].append(product)
    about = [todo["product_id"] for todo in todos]
    return [
        {
            "category": group[0]["category"],
            "currency": currency,
            "products": len(group),
            "units": sum(product["stock"] for product in group),
            "lowest_price": str(min(prices)),
            "mean_price": str((sum(prices, Decimal()) / len(prices)).quantize(CENT, ROUND_HALF_UP)),
            "highest_price": str(max(prices)),
            "stock_value": f"{sum(Decimal(one['price']) * one['stock'] for one in group):.2f}",
            "open_todos": sum(about.count(product["id"]) for product in group),
        }
        for currency, group in sorted(by_currency.items())
        for prices in [[Decimal(product["price"]) for product in group]]
    ]
