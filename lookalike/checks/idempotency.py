"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), where the file declares it."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from lookalike.calls import Call
from lookalike.checks.api import Api, address_of, entries
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack, UnjudgedError
from lookalike.openapi import Operation

PACK = Pack("idempotency", "Idempotency keys")
REUSED = 422  # as section 2.7 says
NAME = "Idempotency-Key"
OTHERWISE = "no operation that succeeds declares Idempotency-Key"


def keyed(api: Api) -> list[Operation]:
    """Select each operation that takes a key."""
    return [o for o in api.succeeded("POST", "PATCH") if api.parameter(o, "header", NAME)]


def key(api: Api) -> str:
    """Make a key that nobody has used."""
    return str(uuid.UUID(int=api.chance.getrandbits(128), version=4))


def under(call: Call, value: str | None) -> Call:
    """Return a call with a key in place of any other, or without one."""
    kept = [pair for pair in call.fields if pair[0].lower() != NAME.lower()]
    return replace(call, fields=kept if value is None else [*kept, (NAME, value)])


def first(api: Api, call: Call) -> Seen:
    """Send a call that must succeed for anything to be judged."""
    seen = api.ask(call)
    if not seen.is_success:
        raise UnjudgedError(f"the first request is answered {seen}")
    return seen


def count(api: Api, operation: Operation) -> tuple[int, Seen] | None:
    """Count what a collection shows on its first page, so long as it isn't full."""
    reader = api.sibling(operation, "GET")
    seen = api.accepted(reader) if reader else None
    if seen is None:
        return None
    got = api.ask(seen.call)
    return len(entries(got.value)), got


@PACK.check(
    "idempotency-key-2.6-retry-is-answered-as-the-first",
    "A retry with the same key is answered with the result of the first request.",
    asks="an accepted request with a new key, twice",
    oracle="status, Location and body are equal",
    on=keyed,
    otherwise=OTHERWISE,
    writes=True,
)
def same_answer(api: Api, operation: Operation) -> Faults:
    call = under(api.write(operation), key(api))
    one = first(api, call)
    two = api.ask(call)
    if two.status != one.status:
        yield Fault(f"the retry is answered {two}, where the first was {one}", (one, two))
    elif two.answer.body != one.answer.body:
        yield Fault("the retry is answered with another body", (one, two))
    elif two.field("location") != one.field("location"):
        yield Fault("the retry is answered with another Location", (one, two))


@PACK.check(
    "idempotency-key-2.6-retry-is-not-done-twice",
    "A retry with the same key isn't done again.",
    asks="GET of the collection, a request with a new key, twice, and GET again",
    oracle="the collection has grown by no more than a single request lets it grow",
    on=lambda api: [o for o in keyed(api) if count(api, o)],
    otherwise="no collection is read by GET where a POST takes a key",
    writes=True,
)
def done_once(api: Api, operation: Operation) -> Faults:
    before = count(api, operation)
    call = under(api.write(operation), key(api))
    one = first(api, call)
    between = count(api, operation)
    two = api.ask(call)
    after = count(api, operation)
    if before and between and after and before[0] < between[0] < after[0]:
        yield Fault("a retry is done twice", (one, between[1], two, after[1]))


@PACK.check(
    "idempotency-key-2.7-reused-with-another-body-is-refused",
    "A key that was used with another body is refused.",
    asks="two requests with one key, and bodies that differ",
    oracle="422, or another 4xx but 409, which is for one that is still in progress",
    on=keyed,
    otherwise=OTHERWISE,
    writes=True,
)
def reused(api: Api, operation: Operation) -> Faults:
    value = key(api)
    one = first(api, under(api.write(operation), value))
    other = different(api, operation, one)
    two = api.ask(under(other, value))
    if two.is_success or (api.declares(operation, REUSED) and two.status != REUSED):
        yield Fault(f"a key with another body is answered {two}, not 422", (one, two))


def different(api: Api, operation: Operation, one: Seen) -> Call:
    """Return a call whose body differs from an earlier one's."""
    for _ in range(5):
        call = api.write(operation, one.call.path)
        if isinstance(call.body, Mapping) and call.body != one.call.body:
            return call
        changed = varied_number(call.body)
        if changed is not None:
            return replace(call, body=changed)
    raise UnjudgedError("no other body is known")


def varied_number(value: Any) -> Any:
    """Return a body with one other number, None where there is no number."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, int) and not isinstance(inner, bool):
                return {**value, name: inner + 1}
            if (changed := varied_number(inner)) is not None:
                return {**value, name: changed}
    return None


def own_address(api: Api, seen: Seen) -> str:
    """Return the Location of an answer, where it is that of one thing among others."""
    found = seen.field("location") or ""
    base = urlsplit(api.client.target.base_url).path
    reader = api.contract.find("GET", address_of(found).path.removeprefix(base))
    return "" if reader and not reader.path_parameters else found


@PACK.check(
    "idempotency-key-2.2-other-key-is-another-request",
    "A request with another key is another request.",
    asks="two accepted requests, each with a key of its own",
    oracle="neither is answered with what the other one made: the Locations differ",
    on=lambda api: [o for o in keyed(api) if (seen := api.accepted(o)) and own_address(api, seen)],
    otherwise="no operation that takes a key answers with Location",
    writes=True,
)
def other_key(api: Api, operation: Operation) -> Faults:
    one = first(api, under(api.write(operation), key(api)))
    two = first(api, under(api.write(operation), key(api)))
    if one.field("location") == two.field("location"):
        yield Fault("a request with another key is answered as a retry", (one, two))


@PACK.check(
    "idempotency-key-2.7-failed-request-can-be-repeated",
    "A request that was refused doesn't make its key useless for the right one.",
    asks="a body that is refused with a new key, then an accepted one with the same key",
    oracle="the second one succeeds, or is refused as another body (422, or 400)",
    on=keyed,
    otherwise=OTHERWISE,
    writes=True,
)
def after_failure(api: Api, operation: Operation) -> Faults:
    value = key(api)
    call = under(api.write(operation), value)
    one = api.ask(replace(call, body=[]))
    two = api.ask(call)
    if not one.is_success and not two.is_success and two.status not in {400, 422}:
        yield Fault(f"after a request that failed, its key is answered {two}", (one, two))


def required(api: Api) -> list[Operation]:
    """Select each operation that must have a key."""
    return [o for o in keyed(api) if (api.parameter(o, "header", NAME) or {}).get("required")]


@PACK.check(
    "idempotency-key-2.7-missing-key-is-400",
    "Where a key is required, a request without one is refused.",
    asks="an accepted request without a key",
    oracle="400, or another 4xx that the file declares",
    on=required,
    otherwise="no operation that succeeds requires Idempotency-Key",
    writes=True,
)
def missing_key(api: Api, operation: Operation) -> Faults:
    seen = api.ask(under(api.write(operation), None))
    if seen.status // 100 != 4:  # noqa: PLR2004 - client errors
        yield Fault(f"a request without a key is answered {seen}", (seen,))


def shared(api: Api) -> list[Operation]:
    """Select operations that need credentials and give what they make an address."""
    secured = [
        operation
        for operation in keyed(api)
        if api.contract.is_secured(operation)
        and (seen := api.accepted(operation))
        and own_address(api, seen)
    ]
    return secured if len(api.client.actors) > 1 else []


@PACK.check(
    "idempotency-key-5-keys-belong-to-who-sent-them",
    "A key of one client shows nothing to another client.",
    asks="a request with a new key, and the same by another actor",
    oracle="the second answer isn't the first one's: another Location, where there is one",
    on=shared,
    otherwise="no operation with Idempotency-Key needs credentials and answers with Location,"
    " or only one actor is known",
    writes=True,
)
def others_key(api: Api, operation: Operation) -> Faults:
    call = under(api.write(operation), key(api))
    one = first(api, call)
    for actor in api.client.actors:
        if actor.name != call.actor:
            two = api.ask(replace(call, actor=actor.name))
            if two.is_success and two.answer.body == one.answer.body and one.answer.body:
                yield Fault("another actor gets the answer of a key's owner", (one, two))
