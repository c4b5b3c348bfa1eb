"""How the pages, sorts, filters and searches of one list belong together."""

from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.cast import Actor, log_in
from contract_tests.contract import CONTRACT
from contract_tests.metamorphic.conftest import Hold
from contract_tests.metamorphic.things import document
from contract_tests.operations.expected import a_name, a_product, a_todo
from contract_tests.operations.lists import Row, joined, pages

Query = dict[str, str]

LIMITS = st.sampled_from([3, 2, 5, 7, 8, 1, 16, 23, 24, 25, 99])
MOMENTS = [
    "2026-03-14T17:00:00.000000Z",
    "2026-03-14T17:00:00.000001Z",
    "2026-03-14T16:59:59.999999Z",
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00.000000Z",
]
PRICES = ["9.99", "10.00", "100.00", "0.00", "0.05", "99999999.99"]
PRIORITIES = CONTRACT["components"]["schemas"]["Priority"]["enum"]
CURRENCIES = CONTRACT["components"]["schemas"]["Currency"]["enum"]
BOOLEANS = ["true", "false"]
TITLES = ["Mend", "mend", "Éclair", "éclair", "\uffee", "😀", "10", "9", " a", "Zebra", "zebra"]
TITLES += ["100 % wool", "a_b", "aXb", r"a\b", "MEND \u212a \u017f", "k and s"]
TAGS = [["shop"], ["shop", "urgent"], []]
SEARCHES = st.sampled_from(
    ["e", "M", "MEND", "ZE", "éc", "É", "%", "_", "a_", "\\", "\u212a", "k", "s", " ", "0", "aXb"]
)


@dataclass(frozen=True)
class Listing:
    """A list with rows that differ in many ways; all of them fit on the largest page."""

    actor: Actor
    path: str
    scope: Query = field(default_factory=dict)  # nobody else's rows
    sorts: tuple[str, ...] = ()
    filters: dict[str, list[str]] = field(default_factory=dict)
    searched: tuple[str, ...] = ()  # the properties that `q` looks into

    def target(self, **query: object) -> str:
        """Return how to ask for a part of it."""
        return f"{self.path}?{urlencode({**self.scope, **query}, quote_via=quote)}"

    def rows(self, **query: object) -> list[Row]:
        """Return a part of it at once."""
        page = document(self.actor.get(self.target(limit=100, **query)))
        assert page["next"] is None
        return constant(page["items"])

    @property
    def orders(self) -> st.SearchStrategy[Query]:
        """How it may be sorted."""
        return some_of({"sort": [sign + name for name in self.sorts for sign in ("", "-")]})

    @property
    def selections(self) -> st.SearchStrategy[Query]:
        """What may be selected of it."""
        return some_of(self.filters)


def some_of(parameters: dict[str, list[str]]) -> st.SearchStrategy[Query]:
    """Return queries with some of these parameters."""
    choices = {name: st.sampled_from(values) for name, values in parameters.items() if values}
    return st.fixed_dictionaries({}, optional=choices)


def constant(rows: list[Row]) -> list[Row]:
    """Return rows without what moves on by itself: the time of a token's last use."""
    return [{**row, "last_used_at": None} if "last_used_at" in row else row for row in rows]


@pytest.fixture(scope="module")
def product(sam: Actor) -> str:
    """Return the path of a product with a stock that has moved often."""
    path = sam.post("/api/products", a_product()).headers["location"]
    for delta in (5, 1, 5, -2, 9, -18, 1, 7):
        sam.post(f"{path}/stock-adjustments", {"delta": delta, "reason": "corrected"})
    return path


@pytest.fixture(scope="module")
def todos(alice: Actor, product: str) -> Listing:
    """Return todos; those that were made together have one time, so that ids break the tie."""
    bodies = [
        a_todo(
            title=TITLES[number % len(TITLES)],
            notes=TITLES[number % 7],
            completed=number % 2 == 0,
            priority=PRIORITIES[number % 4],
            due_at=[*MOMENTS, None][number % 6],
            tags=TAGS[number % 3],
            product_id=product.rpartition("/")[2] if number % 5 else None,
        )
        for number in range(24)
    ]
    for some in (bodies[:10], bodies[10:20]):
        document(alice.post("/api/todos/bulk", {"todos": some}), 201)
    for body in bodies[20:]:
        document(alice.post("/api/todos", body), 201)
    filters = {
        "completed": BOOLEANS,
        "overdue": BOOLEANS,
        "priority": PRIORITIES,
        "tag": ["shop", "urgent", "nothing"],
        "due_before": MOMENTS,
        "due_after": MOMENTS,
        "product_id": [product.rpartition("/")[2]],
        "q": ["e", "M", "%"],
    }
    sorts = ("created_at", "updated_at", "due_at", "priority", "title")
    return Listing(alice, "/api/todos", {}, sorts, filters, ("title",))


@pytest.fixture(scope="module")
def products(sam: Actor) -> Listing:
    """Return products of a category of their own."""
    category = a_name("rule-")
    for number in range(20):
        body = a_product(
            name=TITLES[number % len(TITLES)],
            description=TITLES[number % 7],
            category=category,
            price=PRICES[number % 6],
            currency=CURRENCIES[number % 3],
            active=number % 4 != 0,
        )
        path = sam.post("/api/products", body).headers["location"]
        if stock := number % 3:
            sam.post(f"{path}/stock-adjustments", {"delta": stock, "reason": "received"})
    filters = {
        "currency": CURRENCIES[:4],
        "min_price": PRICES,
        "max_price": PRICES,
        "in_stock": BOOLEANS,
        "active": BOOLEANS,
        "q": ["e", "M", "%"],
    }
    sorts = ("created_at", "name", "sku", "price", "stock")
    return Listing(sam, "/api/products", {"category": category}, sorts, filters, ("sku", "name"))


@pytest.fixture(scope="module")
def tokens(alice: Actor) -> Listing:
    """Return the tokens of somebody who has logged in several times."""
    for _ in range(3):
        log_in(alice.client, alice.username, alice.password)
    return Listing(alice, "/api/tokens")


@pytest.fixture(scope="module")
def adjustments(sam: Actor, product: str) -> Listing:
    """Return the movements of a stock."""
    return Listing(sam, f"{product}/stock-adjustments")


@pytest.fixture(params=["todos", "products", "tokens", "adjustments"])
def listing(request: pytest.FixtureRequest) -> Listing:
    """Return each list."""
    found: Listing = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["todos", "products"])
def filtered(request: pytest.FixtureRequest) -> Listing:
    """Return each list that can be filtered, sorted and searched."""
    found: Listing = request.getfixturevalue(request.param)
    return found


# Pages


def test_pages_joined_are_the_list(listing: Listing, hold: Hold) -> None:
    @given(listing.selections, listing.orders, LIMITS)
    def rule(selection: Query, order: Query, limit: int) -> None:
        everything = listing.rows(**selection, **order)
        found = pages(listing.actor, listing.target(**selection, **order, limit=limit))
        assert constant(joined(found)) == everything
        assert {len(page["items"]) for page in found[:-1]} <= {limit}
        assert len(found) == max(1, -(-len(everything) // limit))

    hold(rule)


def test_a_smaller_page_is_where_a_larger_one_begins(listing: Listing, hold: Hold) -> None:
    @given(listing.selections, listing.orders, LIMITS, LIMITS)
    def rule(selection: Query, order: Query, one: int, other: int) -> None:
        small, large = (
            document(listing.actor.get(listing.target(**selection, **order, limit=limit)))
            for limit in sorted([one, other])
        )
        shown = len(small["items"])
        assert constant(large["items"][:shown]) == constant(small["items"])
        assert (small["next"] is None) <= (large["next"] is None)

    hold(rule)


def test_a_page_goes_on_where_the_one_before_ended_whatever_comes_and_goes(
    bob: Actor, hold: Hold
) -> None:
    titles = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6)

    @given(titles, titles, st.sampled_from(["title", "-title"]), st.integers(1, 3), st.data())
    def rule(
        before: list[str], come: list[str], sort: str, limit: int, data: st.DataObject
    ) -> None:
        tag = a_name("rule-")
        made = create(tag, before)
        target = f"/api/todos?tag={tag}&sort={sort}"
        page = document(bob.get(f"{target}&limit={limit}"))
        gone = data.draw(st.sets(st.sampled_from(made)), label="gone")
        for todo in gone:
            bob.delete(f"/api/todos/{todo}")
        create(tag, come)
        now = ids(document(bob.get(target))["items"])
        seen = ids(page["items"])
        rest = ids(joined(pages(bob, page["next"]))) if page["next"] else []
        assert not {*seen} & {*rest}  # nothing twice
        assert {*made} <= {*seen, *rest} | gone  # nothing left out
        assert not {*rest} & gone
        assert rest == [todo for todo in now if todo in rest]

    def create(tag: str, titles: list[str]) -> list[str]:
        new = [a_todo(title=title, tags=[tag]) for title in titles]
        return ids(document(bob.post("/api/todos/bulk", {"todos": new}), 201)["todos"])

    hold(rule)


def ids(rows: list[Row]) -> list[str]:
    """Return what names the rows."""
    return [row["id"] for row in rows]


# Sorts


def test_the_other_direction_is_the_reverse(filtered: Listing, hold: Hold) -> None:
    @given(filtered.selections, st.sampled_from(filtered.sorts))
    def rule(selection: Query, name: str) -> None:
        upwards = filtered.rows(**selection, sort=name)
        assert filtered.rows(**selection, sort=f"-{name}") == upwards[::-1]

    hold(rule)


def test_a_sort_leaves_nothing_out(filtered: Listing) -> None:
    everything = {*ids(filtered.rows())}
    for name in filtered.sorts:
        found = ids(filtered.rows(sort=name))
        assert len(found) == len(everything)
        assert {*found} == everything


# Filters


def test_filters_together_find_what_each_of_them_finds(filtered: Listing, hold: Hold) -> None:
    @given(filtered.selections, filtered.orders)
    def rule(selection: Query, order: Query) -> None:
        expected = filtered.rows(**order)
        for name, value in selection.items():
            found = filtered.rows(**{name: value})
            expected = [row for row in expected if row in found]
        assert filtered.rows(**selection, **order) == expected

    hold(rule)


def of_each(name: str, values: list[str]) -> Any:
    """Return a partition: what is found by each value of one parameter."""
    return pytest.param([{name: value} for value in values], id=name)


@pytest.mark.parametrize(
    "parts",
    [
        of_each("completed", BOOLEANS),
        of_each("overdue", BOOLEANS),
        of_each("priority", PRIORITIES),
    ],
)
def test_filters_part_todos(todos: Listing, parts: list[Query]) -> None:
    assert_parts(todos, parts, todos.rows())


@pytest.mark.parametrize(
    "parts",
    [of_each("in_stock", BOOLEANS), of_each("active", BOOLEANS), of_each("currency", CURRENCIES)],
)
def test_filters_part_products(products: Listing, parts: list[Query]) -> None:
    assert_parts(products, parts, products.rows())


def test_a_moment_parts_the_todos_that_are_due(todos: Listing) -> None:
    due = [row for row in todos.rows() if row["due_at"]]
    for moment in MOMENTS:
        assert_parts(todos, [{"due_before": moment}, {"due_after": moment}], due)


def assert_parts(listing: Listing, parts: list[Query], whole: list[Row]) -> None:
    """Hold parts to have no row in common, and to be the whole together."""
    found = [row for part in parts for row in listing.rows(**part)]
    assert len(found) == len(whole)
    assert sorted(ids(found)) == sorted(ids(whole))


def test_one_cent_parts_the_products(products: Listing) -> None:
    for highest, lowest in (("9.98", "9.99"), ("9.99", "10.00"), ("0.00", "0.01")):
        assert_parts(products, [{"max_price": highest}, {"min_price": lowest}], products.rows())


def test_a_price_is_at_least_and_at_most_itself(products: Listing) -> None:
    for price in PRICES:
        found = products.rows(min_price=price, max_price=price)
        assert found == [row for row in products.rows() if row["price"] == price]
        assert found


def test_what_a_filter_finds_shows_why(todos: Listing, products: Listing) -> None:
    for listing, name in (
        (todos, "priority"),
        (todos, "product_id"),
        (todos, "completed"),
        (products, "currency"),
        (products, "active"),
    ):
        everything = listing.rows()
        for value in listing.filters[name]:
            shown = value == "true" if value in BOOLEANS else value
            expected = [row for row in everything if row[name] == shown]
            assert listing.rows(**{name: value}) == expected


def test_a_tag_finds_what_has_it_among_others(todos: Listing) -> None:
    for tag in todos.filters["tag"]:
        assert todos.rows(tag=tag) == [row for row in todos.rows() if tag in row["tags"]]


def test_what_is_in_stock_has_some(products: Listing) -> None:
    assert products.rows(in_stock="true") == [row for row in products.rows() if row["stock"]]


def test_what_is_overdue_is_open_and_was_due(todos: Listing) -> None:
    overdue = todos.rows(overdue="true")
    assert overdue == [row for row in todos.rows(completed="false") if row in overdue]
    due = todos.rows(completed="false", due_before="9999-12-31T23:59:59Z")
    assert ids(overdue) == ids(due)  # nothing is due from now until then


# Searches


def test_a_search_finds_what_contains_it(filtered: Listing, hold: Hold) -> None:
    everything = filtered.rows()

    @given(SEARCHES | searches(filtered))
    def rule(text: str) -> None:
        assert filtered.rows(q=text) == [
            row
            for row in everything
            if any(folded(text) in folded(row[name]) for name in filtered.searched)
        ]

    hold(rule)


def test_a_search_ignores_the_case_of_ascii_letters_only(filtered: Listing, hold: Hold) -> None:
    @given(SEARCHES | searches(filtered))
    def rule(text: str) -> None:
        assert filtered.rows(q=folded(text)) == filtered.rows(q=text)

    hold(rule)


def test_a_longer_search_finds_no_more(filtered: Listing, hold: Hold) -> None:
    @given(searches(filtered), st.integers(1, 3))
    def rule(text: str, length: int) -> None:
        longer, shorter = filtered.rows(q=text), filtered.rows(q=text[:length])
        assert longer == [row for row in shorter if row in longer]

    hold(rule)


def searches(listing: Listing) -> st.SearchStrategy[str]:
    """Return parts of what the rows of a list say, so that they are found."""
    rows = listing.rows()
    texts = sorted({row[name] for row in rows for name in listing.searched} - {""})
    return st.sampled_from(texts).flatmap(
        lambda text: st.integers(0, len(text) - 1).map(lambda start: text[start : start + 5])
    )


def folded(text: str) -> str:
    """Return a text with its ASCII letters, and no others, in lower case."""
    return text.translate(str.maketrans(ascii_uppercase, ascii_lowercase))
