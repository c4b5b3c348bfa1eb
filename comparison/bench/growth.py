"""How a page's cost grows with its rows, and with the rows of the table."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import orjson
import psycopg

from comparison.bench.databases import SECRET_KEY, Database
from comparison.bench.filling import FIRST_DAY, product_id
from comparison.bench.model import PageGrowth, Place, Round, Spread, TableGrowth
from comparison.bench.operations import Operation, own
from comparison.bench.rounds import Effort, interleaved
from comparison.bench.throughput import Bench

PAGES = (1, 20, 100)
DEPTH = 0.99
PRODUCTS = "/api/products?limit=50&sort=created_at"
# As `filling.product` makes them, by the database itself: a million take Python too long.
MORE_PRODUCTS = """
INSERT INTO products SELECT
  ('01900002-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
  'BENCH-' || lpad(n::text, 7, '0'), 'Stoneware mug, shade ' || n,
  'Hand-thrown stoneware with a glossy glaze. Dishwasher safe.',
  (ARRAY['bench-kitchen', 'bench-office', 'bench-textiles', 'bench-prints'])[mod(n, 4) + 1],
  (mod(n, 90) + 5) + mod(n, 100) / 100.0, 'EUR',
  '{"colour": "red", "volume": "350 ml"}', true, 1000000,
  %(first)s + n * interval '1 minute', %(first)s + n * interval '1 minute'
FROM generate_series(%(known)s, %(rows)s - 1) n
"""


def summed_up(rounds: list[Round]) -> tuple[Spread, Spread]:
    """Sum up the latency and the CPU time of some rounds."""
    p50 = Spread.of([each.p50_ms for each in rounds])
    return p50, Spread.of([each.server_cpu_ms for each in rounds])


@contextmanager
def quiet(bench: Bench) -> Iterator[Callable[[str, str, Effort], dict[str, list[Round]]]]:
    """Serve the programs, and give what measures a target with nobody waiting behind anybody."""
    setup = replace(bench.setup, workers=1, connections=1)
    with replace(bench, setup=setup).all_serving() as servers:

        def measure(operation_id: str, target: str, effort: Effort) -> dict[str, list[Round]]:
            # Everybody may send a token, so the catalogue gets one, too.
            operation = Operation("growth", target, operation_id, lambda _: own("GET", target))
            found: dict[str, list[Round]] = {program.name: [] for program in bench.programs}
            for name, each in interleaved(bench.database, servers, setup, operation, effort):
                found[name].append(each)
            return found

        yield measure


def measure_pages(bench: Bench, effort: Effort) -> Iterator[PageGrowth]:
    """Measure pages of todos of several lengths."""
    with quiet(bench) as measure:
        for rows in PAGES:
            bench.log(f"a page of {rows} todos")
            found = measure("listTodos", f"/api/todos?limit={rows}", effort)
            for name, rounds in found.items():
                yield PageGrowth(name, rows, *summed_up(rounds))


def cursor(row: int) -> str:
    """Make the cursor of the page that follows a product (contract: Lists)."""
    moment = FIRST_DAY + timedelta(minutes=row)
    value = f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    payload = orjson.dumps(["/api/products?sort=created_at", value, str(product_id(row))])
    mac = hmac.digest(SECRET_KEY.encode(), payload, "sha256")[:16]
    return urlsafe_b64encode(payload + mac).rstrip(b"=").decode()


def grow(database: Database, known: int, rows: int) -> None:
    """Let the catalogue have so many rows."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(MORE_PRODUCTS, {"first": FIRST_DAY, "known": known, "rows": rows})
        connection.execute("VACUUM ANALYZE products")


def measure_tables(bench: Bench, effort: Effort, sizes: Sequence[int]) -> Iterator[TableGrowth]:
    """Measure the first page and a deep one in a growing catalogue, whose first size it has."""
    with quiet(bench) as measure:
        for known, rows in zip((sizes[0], *sizes), sizes, strict=False):
            bench.log(f"a page of 50 products out of {rows:,}")
            if rows > known:
                grow(bench.database, known, rows)
            deep = f"{PRODUCTS}&{urlencode({'cursor': cursor(int(rows * DEPTH) - 50)})}"
            places: dict[Place, str] = {"first": PRODUCTS, "deep": deep}
            for place, target in places.items():
                found = measure("listProducts", target, effort)
                for name, rounds in found.items():
                    yield TableGrowth(name, rows, place, *summed_up(rounds))
