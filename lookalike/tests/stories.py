"""Stories that tests tell two servers."""

from collections.abc import Callable
from typing import Any

from lookalike.alignment import Difference, Place
from lookalike.calls import Call, Made, at
from lookalike.client import DifferentialClient, Exchange
from lookalike.http import Answer
from lookalike.openapi import Operation
from lookalike.targets import WsgiTarget

Application = Callable[..., Any]


def operation(method: str, path: str) -> Operation:
    """Describe an operation with as little as possible."""
    return Operation(method, path, {}, ())


def made(exchange: Exchange, pointer: str = "/id", part: str = "body") -> Made:
    """Take a value from the answers to an earlier call."""
    old = exchange.outcomes.old
    assert isinstance(old, Answer), old
    place = Place(exchange.call.operation.name, old.status, part, pointer)
    value = at(old, Made(exchange.step, part, pointer, place, ""))
    assert value is not None, (pointer, old)
    return Made(exchange.step, part, pointer, place, value)


def between(
    old: Application, new: Application, twin: Application | None = None
) -> DifferentialClient:
    """Build a client of applications in this process."""
    return DifferentialClient(
        WsgiTarget(old), WsgiTarget(new), twin=WsgiTarget(twin) if twin else None
    )


def create(
    client: DifferentialClient, path: str, body: dict[str, Any], *, learn: bool = False
) -> Exchange:
    """Send a POST with JSON."""
    call = Call(operation("POST", path), body=body, media_type="application/json")
    return client.send(call, learn=learn)


def tell(client: DifferentialClient) -> list[Difference]:
    """Do to two collections whatever can be done; return all differences, judged in the end."""
    client.send(Call(operation("GET", "/todos")), learn=True)
    for path in ("/todos", "/notes"):
        one = operation("GET", f"{path}/{{id}}")
        patch = operation("PATCH", f"{path}/{{id}}")
        delete = operation("DELETE", f"{path}/{{id}}")
        create(client, path, {"title": "Buy milk", "owner": "ann"}, learn=True)
        exchanges = [
            create(client, path, {"title": title, "price": 7, "due": "2030-01-02T03:04:05Z"})
            for title in ("A walk", "Buy milk", "Rest")
        ]
        client.send(Call(operation("GET", path)), learn=True)
        for exchange in exchanges:
            key = {"id": made(exchange)}
            client.send(Call(one, path=key), learn=True)
            changed = Call(
                patch, path=key, body={"title": "Changed"}, media_type="application/json"
            )
            client.send(changed, learn=True)
            client.send(Call(one, path={"id": made(exchange, "#2", "location")}))
        parent = create(client, path, {"title": "Below", "parent": made(exchanges[0])})
        client.send(Call(one, path={"id": made(parent)}))
        client.send(Call(delete, path={"id": made(exchanges[1])}))
        client.send(Call(one, path={"id": made(exchanges[1])}), learn=True)
        create(client, path, {"title": "After"})
        client.send(Call(operation("GET", path)))
        client.send(Call(operation("PUT", path)))
    return [found for exchange in client.rejudge() for found in exchange.differences]
