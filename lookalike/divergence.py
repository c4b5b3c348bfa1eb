"""Where two servers hold different things, since only one of them did what it was asked.

What is read there from then on differs for that reason alone, and hides what differs besides.
"""

from lookalike.calls import Call, Made, is_success
from lookalike.client import Exchange
from lookalike.http import Answer, Outcome
from lookalike.openapi import Operation


class Divergence:
    """What is known of it, by the collections that operations are about."""

    def __init__(self) -> None:
        self._since: dict[str, str] = {}  # what happened first, by the path of a collection
        self._spoiled: set[str | int | float] = set()  # the old server's ids of what differs
        self._done: set[str] = set()  # operations that both servers have carried out
        self._led_here: set[tuple[str, str]] = set()  # operations, and why they were asked

    def __bool__(self) -> bool:
        return bool(self._since)

    def note(self, exchange: Exchange) -> None:
        """Note what an exchange led to."""
        if all(map(is_success, exchange.outcomes)):
            self._done.add(exchange.call.operation.name)
        if diverges(exchange):
            said = " → ".join(map(outcome_of, exchange.outcomes))
            self.add(exchange.call, f"{exchange.call.operation.name} was answered {said}")
            self._spoiled |= {made.value for made in last_made(exchange.call)}

    def add(self, call: Call, said: str) -> None:
        """Note that a collection isn't the same any more since a call."""
        self._since.setdefault(root(call.operation), said)
        self._led_here.add((call.operation.name, call.why))

    def led_here(self, call: Call) -> bool:
        """Tell whether such a call makes servers hold different things, and need not be made again.

        Of an operation that only one server ever carries out, that is each call, unless it creates
        what all others are about.
        """
        name = call.operation.name
        if (name, call.why) in self._led_here:
            return True
        is_one_sided = name not in self._done and name in {each for each, _ in self._led_here}
        return is_one_sided and bool(call.operation.path_parameters)

    def since(self, operation: Operation) -> str:
        """Say what made an operation's answers differ; "" if nothing did."""
        path = root(operation)
        return next(
            (
                said
                for each, said in self._since.items()
                if path.startswith(each) or each.startswith(path)
            ),
            "",
        )

    def is_about(self, call: Call) -> bool:
        """Tell whether a call is about the very thing that differs, or all things of its kind."""
        found = last_made(call)
        if not found:
            return bool(self.since(call.operation))
        return any(made.value in self._spoiled for made in found)


def diverges(exchange: Exchange) -> bool:
    """Tell whether only one server did what it was asked, so that they hold different things."""
    old, new = exchange.outcomes
    return not exchange.call.is_safe and is_success(old) != is_success(new)


def root(operation: Operation) -> str:
    """Return the path of the collection that an operation is about."""
    return operation.path.partition("{")[0].rstrip("/")


def last_made(call: Call) -> list[Made]:
    """Return the id of the thing that a call is about, if it is one that servers made."""
    names = [name for name in call.operation.path_parameters if name in call.path]
    found = [call.path[name] for name in names[-1:]]
    return [value for value in found if isinstance(value, Made)]


def outcome_of(outcome: Outcome) -> str:
    """Say in a word what came."""
    return str(outcome.status) if isinstance(outcome, Answer) else outcome.why
