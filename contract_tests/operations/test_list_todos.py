"""GET /api/todos: listTodos."""

from collections.abc import Callable
from typing import Any

import pytest

from contract_tests.cast import Actor, register
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import (
    NOWHERE,
    a_product,
    a_todo,
    assert_problem,
    compact,
    damaged,
    next_cursor,
    parameter_error,
    todo_document,
)
from contract_tests.operations.lists import Row, in_order, joined, pages

TODOS = "/api/todos"
PAST, FUTURE = "2026-03-14T17:00:00.000000Z", "9000-01-01T00:00:00.000000Z"
SORTS = [
    sign + name
    for name in ("created_at", "updated_at", "due_at", "priority", "title")
    for sign in ("", "-")
]


@pytest.fixture(scope="module")
def owner(client: DifferentialClient) -> Actor:
    """Return the owner of the todos that this file reads."""
    return register(client, "owner")


@pytest.fixture(scope="module")
def rows(owner: Actor, sam: Actor) -> list[Row]:
    """Return todos with many a difference, as their owner sees them; the first was made first."""
    product = sam.post("/api/products", a_product()).json["id"]
    bodies: list[dict[str, Any]] = [
        a_todo(title="Mend the door", priority="high", due_at=PAST, tags=["shop", "urgent"]),
        a_todo(title="mend the lamp", notes="100 % wool", due_at=FUTURE, completed=True),
        a_todo(title="Éclair", priority="urgent", tags=["shop"], product_id=product),
        a_todo(title="éclair", priority="low", due_at=PAST, completed=True, tags=["shop-2"]),
        a_todo(title="Zebra", notes="a_b", due_at="2026-03-14T16:59:59.999999Z"),
        a_todo(title="\uffee a halfwidth sign", notes=r"a\b", priority="high"),
        a_todo(title="😀 beyond it", notes="aXb", due_at="2026-03-14T17:00:00.000001Z"),
        a_todo(title="Zebra", notes="MEND \u212a \u017f", product_id=product, priority="low"),
        a_todo(title="10", due_at="0001-01-01T00:00:00Z"),
        a_todo(title="9", due_at="9999-12-31T23:59:59.999999Z", tags=["shop"], completed=True),
        a_todo(title=" space", due_at="2026-03-14T18:00:00+01:00"),
    ]
    made = [owner.post(TODOS, body).json for body in bodies]
    # Some are changed later, so that updated_at has an order of its own.
    for index in (7, 2, 5):
        made[index] = owner.patch(f"/api/todos/{made[index]['id']}", {}).json
    return made


def titles(answer: Any) -> list[str]:
    """Return the titles on a page."""
    return [row["title"] for row in answer.json["items"]]


def test_it_works(alice: Actor) -> None:
    first, second = (alice.post(TODOS, a_todo(title=title)).json for title in "ab")
    answer = alice.get(TODOS)
    assert answer.status == 200
    assert answer.body == compact(
        {
            "items": [todo_document(second, title="b"), todo_document(first, title="a")],
            "next": None,
        }
    )
    assert "link" not in answer.headers


def test_it_may_be_empty(alice: Actor) -> None:
    assert alice.get(TODOS).body == b'{"items":[],"next":null}'


def test_only_the_owners_are_listed(
    alice: Actor, sam: Actor, owner: Actor, rows: list[Row]
) -> None:
    assert len(owner.get(TODOS).json["items"]) == len(rows)
    assert alice.get(TODOS).json["items"] == []
    shown_to_sam = {row["id"] for row in joined(pages(sam, f"{TODOS}?limit=100"))}
    assert not shown_to_sam & {row["id"] for row in rows}


# Sorting


def test_the_newest_come_first_unless_asked_otherwise(owner: Actor, rows: list[Row]) -> None:
    assert owner.get(TODOS).json["items"] == in_order(rows, "-created_at")


@pytest.mark.parametrize("sort", SORTS)
def test_it_sorts(owner: Actor, rows: list[Row], sort: str) -> None:
    assert owner.get(f"{TODOS}?sort={sort}").json["items"] == in_order(rows, sort)


def test_a_missing_due_time_is_later_than_any(owner: Actor, rows: list[Row]) -> None:
    due = [row["due_at"] for row in owner.get(f"{TODOS}?sort=due_at").json["items"]]
    assert due[:1] == ["0001-01-01T00:00:00.000000Z"]
    assert due[-4:] == ["9999-12-31T23:59:59.999999Z", None, None, None]


def test_titles_compare_by_code_points(owner: Actor, rows: list[Row]) -> None:
    assert titles(owner.get(f"{TODOS}?sort=title")) == [
        " space",
        "10",
        "9",
        "Mend the door",
        "Zebra",
        "Zebra",
        "mend the lamp",
        "Éclair",
        "éclair",
        "\uffee a halfwidth sign",
        "😀 beyond it",
    ]


def test_priorities_compare_by_rank(owner: Actor, rows: list[Row]) -> None:
    items = owner.get(f"{TODOS}?sort=-priority").json["items"]
    assert [row["priority"] for row in items] == (
        ["urgent"] + ["high"] * 2 + ["normal"] * 6 + ["low"] * 2
    )


# Pages


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 4, 11])
def test_pages_joined_are_the_list(owner: Actor, rows: list[Row], sort: str, limit: int) -> None:
    found = pages(owner, f"{TODOS}?sort={sort}&limit={limit}")
    assert joined(found) == in_order(rows, sort)
    assert len(found) == -(-len(rows) // limit)


def test_a_filtered_list_has_pages_too(owner: Actor, rows: list[Row]) -> None:
    found = pages(owner, f"{TODOS}?completed=false&limit=3&sort=due_at&overdue=true")
    assert joined(found) == in_order(
        [row for row in rows if not row["completed"] and row["due_at"] and row["due_at"] < FUTURE],
        "due_at",
    )


def test_a_page_has_20_rows_unless_asked_otherwise(alice: Actor) -> None:
    todos = [a_todo(title=f"{number:03}") for number in range(101)]
    alice.post(f"{TODOS}/bulk", {"todos": todos[:100]})
    alice.post(TODOS, todos[100])
    for query, size in (("", 20), ("&limit=21", 21), ("&limit=100", 100)):
        answer = alice.get(f"{TODOS}?sort=title{query}")
        assert titles(answer) == [f"{number:03}" for number in range(size)]
        assert answer.json["next"] is not None


def test_next_repeats_the_parameters(owner: Actor, rows: list[Row]) -> None:
    answer = owner.get(
        f"{TODOS}?sort=title&limit=1&completed=false&q=%65&due_before=9999-01-01T00:00:00Z"
    )
    assert answer.json["next"]
    following, _, _ = answer.json["next"].rpartition("=")
    assert following == (
        "/api/todos?completed=false&due_before=9999-01-01T00%3A00%3A00Z&limit=1&q=e&sort=title&cursor"
    )
    assert answer.headers["link"] == f'<{answer.json["next"]}>; rel="next"'


def test_next_encodes_the_parameters_as_a_form(alice: Actor) -> None:
    for _ in range(2):
        alice.post(TODOS, a_todo(title="a b&c=é+d"))
    page = alice.get(f"{TODOS}?q=a%20b%26c=%C3%A9%2B&limit=1").json
    assert page["next"]
    assert page["next"].startswith("/api/todos?limit=1&q=a+b%26c%3D%C3%A9%2B&cursor=")
    assert len(alice.get(page["next"]).json["items"]) == 1


def test_a_cursor_may_be_long(alice: Actor) -> None:
    title = "😀" * 100
    alice.post(f"{TODOS}/bulk", {"todos": [a_todo(title=title)] * 2})
    page = alice.get(f"{TODOS}?q={'%F0%9F%98%80' * 100}&limit=1").json
    assert len(next_cursor(page)) > 1000
    assert titles(alice.get(page["next"])) == [title]


def test_a_place_stays_when_rows_come_and_go(alice: Actor) -> None:
    made = [alice.post(TODOS, a_todo(title=title)).json for title in "bdfh"]
    first = alice.get(f"{TODOS}?sort=title&limit=2").json
    alice.delete(f"/api/todos/{made[1]['id']}")  # the row that the cursor names
    alice.post(TODOS, a_todo(title="a"))
    alice.post(TODOS, a_todo(title="g"))
    assert titles(alice.get(first["next"])) == ["f", "g"]


def test_the_limit_may_change_on_the_way(owner: Actor, rows: list[Row]) -> None:
    cursor = next_cursor(owner.get(f"{TODOS}?sort=title&limit=1").json)
    answer = owner.get(f"{TODOS}?cursor={cursor}&sort=title&limit=100")
    assert answer.json == {"items": in_order(rows, "title")[1:], "next": None}


def test_a_cursor_shows_everybody_their_own(owner: Actor, alice: Actor, rows: list[Row]) -> None:
    # It names a place, and belongs to its path and parameters only.
    alice.post(TODOS, a_todo(title="{"))
    page = owner.get(f"{TODOS}?sort=title&limit=1").json
    assert titles(alice.get(page["next"])) == ["{"]


def test_it_rejects_a_foreign_or_damaged_cursor(owner: Actor, rows: list[Row]) -> None:
    ours = next_cursor(owner.get(f"{TODOS}?sort=title&limit=1").json)
    for query in (
        f"cursor={ours}",
        f"sort=-title&cursor={ours}",
        f"sort=title&completed=false&cursor={ours}",
        f"sort=title&cursor={damaged(ours)}",
        f"sort=title&cursor={ours[:-1]}",
        f"sort=title&cursor={ours[:-22]}",
        f"sort=title&cursor={ours}A",
    ):
        assert_problem(
            owner.get(f"{TODOS}?{query}"),
            "invalid-parameters",
            TODOS,
            parameter_error("cursor", "invalid_cursor"),
        )
    assert_problem(
        owner.get(f"/api/tokens?cursor={ours}"),
        "invalid-parameters",
        "/api/tokens",
        parameter_error("cursor", "invalid_cursor"),
    )


# Filters


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("completed=true", lambda row: row["completed"]),
        ("completed=false", lambda row: not row["completed"]),
        ("priority=low", lambda row: row["priority"] == "low"),
        ("priority=normal", lambda row: row["priority"] == "normal"),
        ("tag=shop", lambda row: "shop" in row["tags"]),
        ("tag=urgent", lambda row: "urgent" in row["tags"]),
        ("tag=nothing", lambda _: False),
        (f"due_before={PAST}", lambda row: row["due_at"] and row["due_at"] < PAST),
        (f"due_after={PAST}", lambda row: row["due_at"] and row["due_at"] >= PAST),
        (
            "due_before=2026-03-14T18:00:00.000001%2B01:00",
            lambda row: row["due_at"] and row["due_at"] <= PAST,
        ),
        (
            "due_after=2026-03-14T17:00:00.000001Z&due_before=9999-12-31T23:59:59.999999Z",
            lambda row: row["due_at"] in {FUTURE, "2026-03-14T17:00:00.000001Z"},
        ),
        ("due_before=0001-01-01T00:00:00Z", lambda _: False),
        ("due_after=0001-01-01T00:00:00Z", lambda row: row["due_at"]),
        (
            "overdue=true",
            lambda row: not row["completed"] and row["due_at"] and row["due_at"] < FUTURE,
        ),
        (
            "overdue=false",
            lambda row: row["completed"] or not row["due_at"] or row["due_at"] >= FUTURE,
        ),
        ("overdue=true&completed=true", lambda _: False),
        ("tag=shop&priority=urgent&completed=false", lambda row: row["title"] == "Éclair"),
        ("product_id=" + NOWHERE, lambda _: False),
        ("completed=false&&", lambda row: not row["completed"]),
        ("%63ompleted=f%61lse", lambda row: not row["completed"]),
    ],
)
def test_it_filters(
    owner: Actor, rows: list[Row], query: str, wanted: Callable[[Row], object]
) -> None:
    expected = in_order(filter(wanted, rows), "-created_at")
    assert owner.get(f"{TODOS}?{query}").json == {"items": expected, "next": None}


def test_it_filters_by_product(owner: Actor, rows: list[Row]) -> None:
    product = rows[2]["product_id"]
    expected = [rows[7], rows[2]]
    assert owner.get(f"{TODOS}?product_id={product}").json["items"] == expected


@pytest.fixture(scope="module")
def searcher(client: DifferentialClient) -> Actor:
    """Return the owner of todos that differ in what a search may get wrong."""
    found = register(client, "searcher")
    for title in (
        *("Mend the door", "mend the lamp", "Éclair", "éclair", "100 % wool", "a_b", "aXb", r"a\b"),
        *("MEND \u212a \u017f", "😀 beyond it", "\uffee", "aaab"),
    ):
        found.post(TODOS, a_todo(title=title, notes="Only in the notes: k, 2"))
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mend", ["MEND \u212a \u017f", "Mend the door", "mend the lamp"]),
        ("MEND+THE", ["Mend the door", "mend the lamp"]),
        ("%C3%89clair", ["Éclair"]),
        ("%C3%A9CLAIR", ["éclair"]),
        ("clair", ["Éclair", "éclair"]),
        ("%25", ["100 % wool"]),
        ("_", ["a_b"]),
        ("a_B", ["a_b"]),
        ("%5C", [r"a\b"]),
        ("a%5Cb", [r"a\b"]),
        ("aab", ["aaab"]),
        ("aaab", ["aaab"]),
        ("aaaab", []),
        ("%F0%9F%98%80", ["😀 beyond it"]),
        ("%E2%84%AA", ["MEND \u212a \u017f"]),  # the Kelvin sign is no k,
        ("k", []),  # and k is no Kelvin sign
        ("mend+*", []),
        ("notes", []),
        ("2", []),
    ],
)
def test_it_searches_titles(searcher: Actor, text: str, found: list[str]) -> None:
    assert sorted(titles(searcher.get(f"{TODOS}?q={text}"))) == sorted(found)


def test_the_longest_search_is_fine(guest: Actor) -> None:
    assert guest.get(f"{TODOS}?q={'%C3%A9' * 100}").json["items"] == []


def test_its_entity_tag_changes_with_a_row(alice: Actor, todo: Row) -> None:
    tag = alice.get(TODOS).headers["etag"]
    assert alice.get(TODOS, headers={"If-None-Match": tag}).status == 304
    alice.patch(f"/api/todos/{todo['id']}", {})
    assert alice.get(TODOS, headers={"If-None-Match": tag}).status == 200
