"""The todos that are dumped, and the bodies that are loaded."""

import json
import sys
import timeit
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

MOMENT = datetime(2026, 3, 14, 17, 0, 0, 500000, tzinfo=UTC)
BODY = {
    "title": "Photograph the red mug for the catalogue",
    "notes": "Borrow the lamp first.",
    "completed": False,
    "priority": "high",
    "due_at": "2027-03-06T16:00:00+01:00",
    "tags": ["office", "photos"],
    "items": [{"text": "Borrow the lamp"}, {"text": "Clean the table", "done": True}],
    "product_id": None,
}
# Each measurement: `dump` or `load`, in which way, and what does it for a list.
Ways = Mapping[tuple[str, str], Callable[[list[Any]], Any]]


class Tag(str):
    """A tag, which one ORM gives as an object with a slug, and another query as a text."""

    __slots__ = ()

    @property
    def slug(self) -> str:
        """The text itself."""
        return str(self)


class Related(list[Any]):
    """Related objects, which one ORM gives as a list, and the other by a manager."""

    def all(self) -> "Related":
        """Return them, as a manager would that has fetched them before."""
        return self


def todo(priority: Any) -> SimpleNamespace:
    """Make a todo that has what every library looks at."""
    items = Related(
        SimpleNamespace(id=UUID(int=number), text=f"Step {number}", done=number == 1)
        for number in range(3)
    )
    tags = Related([Tag("office"), Tag("photos")])
    return SimpleNamespace(
        id=UUID(int=7),
        title=BODY["title"],
        notes=BODY["notes"],
        completed=False,
        completed_at=None,
        priority=priority,
        due_at=MOMENT,
        tags=tags,
        tag_list=tags,
        items=items,
        item_list=items,
        progress={"done": 1, "total": 3},
        product_id=UUID(int=8),
        product=SimpleNamespace(pk=UUID(int=8)),
        created_at=MOMENT,
        updated_at=MOMENT,
    )


def measure(ways: Ways, priority: Any) -> None:
    """Print the microseconds of every way, for each number of objects on the command line.

    The rounds are interleaved: way by way, then the next round.
    """
    rounds = int(sys.argv[1])
    found = []
    for objects in map(int, sys.argv[2:]):
        inputs: dict[str, list[Any]] = {
            "dump": [todo(priority)] * objects,
            "load": [BODY] * objects,
        }
        timers = {key: timeit.Timer(partial(do, inputs[key[0]])) for key, do in ways.items()}
        repeats = {key: max(1, timer.autorange()[0] // 4) for key, timer in timers.items()}
        for _ in range(rounds):
            for (direction, way), timer in timers.items():
                number = repeats[direction, way]
                seconds = timer.timeit(number) / number
                found.append([direction, way, objects, seconds * 1e6])
    print(json.dumps(found))
