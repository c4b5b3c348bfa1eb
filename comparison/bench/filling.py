"""What the measured databases hold: a user with todos, and a catalogue; the same each time."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg

TOKEN = "measurements-are-made-with-this-bearer-token"[:43]
TODOS, PRODUCTS = 1_000, 1_000
FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
WORDS = ("restock", "count", "photos", "spring-fair", "office")
CATEGORIES = ("kitchen", "office", "textiles", "prints")


def numbered_id(group: int, number: int) -> UUID:
    """Make an id of version 7's form that sorts by its number."""
    return UUID(int=(0x0190 << 112) | (group << 96) | (7 << 76) | (2 << 62) | number)


USER_ID = numbered_id(1, 1)


class Filler:
    """Inserts rows into a database of either kind."""

    def __init__(self, url: str) -> None:
        self.is_postgresql = url.startswith("postgres")
        if self.is_postgresql:
            self.connection: Any = psycopg.connect(url)
        else:
            self.connection = sqlite3.connect(url.removeprefix("sqlite:///"))

    def stored(self, value: Any) -> Any:
        """Turn a value into what is stored."""
        if self.is_postgresql:
            return value
        match value:
            case UUID():
                return value.hex
            case datetime():
                return value.replace(tzinfo=None).isoformat(" ", "microseconds")
        return value

    def insert(self, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows into a table."""
        marks = ", ".join("%s" if self.is_postgresql else "?" for _ in columns.split(","))
        self.connection.cursor().executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - names of this module
            ([self.stored(value) for value in row] for row in rows),
        )


@contextmanager
def filler(url: str) -> Iterator[Filler]:
    """Insert in one transaction, and let the database look at what it has then."""
    filler = Filler(url)
    with closing(filler.connection):
        yield filler
        filler.connection.commit()
        filler.connection.execute("ANALYZE")
        filler.connection.commit()


def product_id(number: int) -> UUID:
    """Name one of the products."""
    return numbered_id(2, number)


def todo_id(number: int) -> UUID:
    """Name one of the todos."""
    return numbered_id(3, number)


def fill(url: str, todos: int = TODOS, products: int = PRODUCTS) -> None:
    """Make the user, who is staff, with a token, and what they work on."""
    with filler(url) as database:
        database.insert(
            "users",
            "id, username, email, password, is_staff, is_active, created_at",
            [(USER_ID, "bench", "bench@example.com", "!", True, True, FIRST_DAY)],
        )
        digest = sha256(TOKEN.encode()).hexdigest()
        long_after = FIRST_DAY + timedelta(days=36_500)
        database.insert(
            "tokens",
            "id, user_id, digest, created_at, expires_at",
            [(numbered_id(1, 2), USER_ID, digest, FIRST_DAY, long_after)],
        )
        database.insert("tags", "slug", [(f"bench-{word}",) for word in WORDS])
        database.insert(
            "products",
            "id, sku, name, description, category, price, currency, attributes, active, stock,"
            " created_at, updated_at",
            (product(number) for number in range(products)),
        )
        fill_todos(database, todos)


def product(number: int) -> tuple[Any, ...]:
    """Make one row of the catalogue."""
    moment = FIRST_DAY + timedelta(minutes=number)
    return (
        product_id(number),
        f"BENCH-{number:07}",
        f"Stoneware mug, shade {number}",
        "Hand-thrown stoneware with a glossy glaze. Dishwasher safe.",
        f"bench-{CATEGORIES[number % len(CATEGORIES)]}",
        f"{number % 90 + 5}.{number % 100:02}",
        "EUR",
        '{"colour": "red", "volume": "350 ml"}',
        True,
        1_000_000,
        moment,
        moment,
    )


def fill_todos(database: Filler, todos: int) -> None:
    """Make todos, each with two tags and three items."""
    numbers = range(todos)
    columns = "id, owner_id, title, notes, completed, completed_at, priority, due_at, product_id,"
    database.insert("todos", f"{columns} created_at, updated_at", map(todo, numbers))
    count = len(WORDS)
    database.insert(
        "todo_tags",
        "todo_id, tag_id",
        ((todo_id(n), f"bench-{WORDS[(n + i) % count]}") for n in numbers for i in (0, 1)),
    )
    database.insert(
        "checklist_items",
        "id, todo_id, position, text, done",
        (
            (numbered_id(4, 3 * n + i), todo_id(n), i, f"Step {i} of {n}", i == 0)
            for n in numbers
            for i in range(3)
        ),
    )


def todo(number: int) -> tuple[Any, ...]:
    """Make one row of the todos."""
    moment = FIRST_DAY + timedelta(hours=number)
    is_completed = number % 3 == 0
    return (
        todo_id(number),
        USER_ID,
        f"Restock shade {number} before the fair",
        "Six left on the shelf. Ask for 48 again.",
        is_completed,
        moment if is_completed else None,
        number % 4 + 1,
        moment + timedelta(days=30) if number % 2 else None,
        product_id(number % 100),
        moment,
        moment,
    )
