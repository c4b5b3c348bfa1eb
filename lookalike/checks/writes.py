"""What was written is there (RFC 9110, sections 9.2.2, 9.3.4, 9.3.5, 10.2.2 and 15.3.2)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from lookalike.calls import Call
from lookalike.checks.api import Api, address_of
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.where import item_written
from lookalike.openapi import Operation
from lookalike.values import moment

PACK = Pack("writes", "What was written is there")
CREATED = 201
GONE = {404, 410}


def is_same(sent: Any, found: Any) -> bool:
    """Tell whether a server may have understood one value and written it as the other."""
    if sent == found and isinstance(sent, bool) == isinstance(found, bool):
        return True
    if isinstance(sent, dict) and isinstance(found, dict):
        return all(is_same(inner, found[name]) for name, inner in sent.items() if name in found)
    if isinstance(sent, list) and isinstance(found, list):
        if len(sent) != len(found):
            return False
        # Some keep a list as a set; its order isn't what this is about.
        return all(map(is_same, sent, found)) or sorted(map(repr, sent)) == sorted(map(repr, found))
    if isinstance(sent, str) and isinstance(found, str):
        times = moment(sent), moment(found)
        return bool(times[0] and times[0] == times[1]) or is_same_number(sent, found)
    return False


def is_same_number(sent: str, found: str) -> bool:
    """Tell whether two texts are one decimal number: "1.0" and "1.00"."""
    try:
        return Decimal(sent) == Decimal(found)
    except InvalidOperation:
        return False


def lost(sent: Any, found: Any) -> Iterator[str]:
    """Yield the members that were sent and are something else now; those that aren't shown pass."""
    if isinstance(sent, Mapping) and isinstance(found, Mapping):
        for name, value in sent.items():
            if name in found and not is_same(value, found[name]):
                yield str(name)


def reading(api: Api, operation: Operation, path: Mapping[str, Any]) -> Seen | None:
    """GET what an operation writes to."""
    reader = api.sibling(operation, "GET")
    seen = api.accepted(reader) if reader else None
    return api.ask(replace(seen.call, path=path)) if seen else None


@PACK.check(
    "rfc9110-9.3.4-put-is-read-back",
    "GET after a successful PUT shows what was put.",
    asks="PUT of something new, then GET",
    oracle="each member that was sent and is shown has the value sent; times and decimal numbers"
    " are compared by value",
    on=item_written("PUT"),
    otherwise="no PUT succeeds on what GET reads",
    writes=True,
)
def put_is_read(api: Api, operation: Operation) -> Faults:
    yield from read_back(api, operation, operation)


@PACK.check(
    "rfc5789-2-patch-is-read-back",
    "GET after a successful PATCH shows what was patched.",
    asks="PATCH of something new, then GET",
    oracle="each member that was sent and is shown has the value sent",
    on=item_written("PATCH"),
    otherwise="no PATCH succeeds on what GET reads",
    writes=True,
)
def patch_is_read(api: Api, operation: Operation) -> Faults:
    yield from read_back(api, operation, operation)


def read_back(api: Api, operation: Operation, reader: Operation) -> Faults:
    """Yield where GET doesn't show what was written."""
    path = api.item(operation)
    call = api.write(operation, path)
    write = api.ask(call)
    after = reading(api, reader, path)
    if write.is_success and after is not None and isinstance(call.body, Mapping):
        shown = api.schemas.properties(api.body_schema(operation))
        sent = {name: value for name, value in call.body.items() if name in shown}
        for name in lost(sent, after.value):
            what = f"sent {call.body[name]!r}, found {after.value[name]!r}"
            yield Fault(f"{name} isn't what {operation.method} wrote", (write, after), what)


@PACK.check(
    "rfc9110-9.2.2-put-is-idempotent",
    "The same PUT twice has the effect of one.",
    asks="PUT, GET, the same PUT, and GET",
    oracle="the second one succeeds, too, and members that were sent are as before",
    on=item_written("PUT"),
    otherwise="no PUT succeeds on what GET reads",
    writes=True,
)
def put_twice(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    call = api.write(operation, path)
    first = api.ask(call)
    before = reading(api, operation, path)
    second = api.ask(call)
    after = reading(api, operation, path)
    if not first.is_success or before is None or after is None:
        return
    if not second.is_success:
        yield Fault(f"the same PUT is answered {second} the second time", (first, second))
    elif isinstance(call.body, Mapping) and isinstance(before.value, dict):
        names = [name for name in call.body if name in before.value]
        sent = {name: before.value[name] for name in names}
        for name in lost(sent, after.value):
            yield Fault(f"{name} changes with the second, equal PUT", (before, second, after))


@PACK.check(
    "rfc9110-9.3.5-deleted-is-gone",
    "What was deleted isn't found any more.",
    asks="DELETE of something new, then GET",
    oracle="404 or 410",
    on=item_written("DELETE"),
    otherwise="no DELETE succeeds on what GET reads",
    writes=True,
)
def deleted(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    delete = api.ask(api.write(operation, path))
    after = reading(api, operation, path)
    if delete.is_success and delete.status != 202 and after and after.status not in GONE:  # noqa: PLR2004 - may be done later
        yield Fault(f"what was deleted is answered {after}", (delete, after))


@PACK.check(
    "rfc9110-9.2.2-delete-is-idempotent",
    "A second DELETE finds nothing, or succeeds again.",
    asks="DELETE of something new, twice",
    oracle="the second one is 2xx, 404 or 410",
    on=item_written("DELETE"),
    otherwise="no DELETE succeeds on what GET reads",
    writes=True,
)
def deleted_twice(api: Api, operation: Operation) -> Faults:
    call = api.write(operation)
    first = api.ask(call)
    second = api.ask(call)
    if first.is_success and not second.is_success and second.status not in GONE:
        yield Fault(f"the second DELETE is answered {second}", (first, second))


def creating(api: Api) -> list[Operation]:
    """Select each POST that is answered with 201 and a Location."""
    return [
        operation
        for operation in api.succeeded("POST")
        if (seen := api.accepted(operation)) and seen.status == CREATED and seen.field("location")
    ]


@PACK.check(
    "rfc9110-15.3.2-location-leads-to-what-was-created",
    "The Location of a 201 leads to what was created.",
    asks="POST, then GET of its Location",
    oracle="GET succeeds, where the file declares one there",
    on=creating,
    otherwise="no POST is answered with 201 and Location",
    writes=True,
)
def location(api: Api, operation: Operation) -> Faults:
    created = api.ask(api.write(operation))
    found = follow(api, created)
    if found is not None and not found.is_success:
        yield Fault(f"GET of the Location is answered {found}", (created, found))


@PACK.check(
    "rfc9110-15.3.2-created-is-read-back",
    "GET of what was created shows what was sent.",
    asks="POST, then GET of its Location",
    oracle="each member that was sent and is shown has the value sent",
    on=creating,
    otherwise="no POST is answered with 201 and Location",
    writes=True,
)
def created_is_read(api: Api, operation: Operation) -> Faults:
    call = api.write(operation)
    created = api.ask(call)
    found = follow(api, created)
    if found is None or not found.call.operation.path_parameters:
        return  # such as /me, which depends on who asks
    if found.is_success and isinstance(call.body, Mapping):
        shown = api.schemas.properties(api.body_schema(operation))
        sent = {name: value for name, value in call.body.items() if name in shown}
        for name in lost(sent, found.value):
            what = f"sent {call.body[name]!r}, found {found.value[name]!r}"
            yield Fault(f"{name} isn't what POST wrote", (created, found), what)


def follow(api: Api, created: Seen) -> Seen | None:
    """GET the address of what was created, where it is one of the same server and of the file."""
    given = created.field("location")
    if not given or not created.is_success:
        return None
    base = api.client.target.base_url
    there = address_of(given, f"{base}{created.request.target}")
    path = there.path.removeprefix(urlsplit(base).path)
    if there.netloc != urlsplit(base).netloc:
        return None
    reader = api.contract.find("GET", path)
    if reader is None:
        return None
    target = f"{path}?{there.query}" if there.query else path
    return api.ask(Call(reader, target=target, actor=api.actor(reader)))
