"""JSON Merge Patch (RFC 7396), where the file declares application/merge-patch+json."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from lookalike.checks.api import Api
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack, UnjudgedError
from lookalike.checks.where import item_written
from lookalike.checks.writes import is_same
from lookalike.openapi import Operation
from lookalike.samples import sample

PACK = Pack("merge-patch", "JSON Merge Patch")
MEDIA_TYPE = "application/merge-patch+json"
UNSUPPORTED = 415
OTHERWISE = f"no PATCH that succeeds on what GET reads declares {MEDIA_TYPE}"


class Patched(NamedTuple):
    """A state, a patch, and the state after it."""

    before: Seen
    patch: Seen
    after: Seen


def merging(api: Api) -> list[Operation]:
    """Select each PATCH that takes a merge patch."""
    return [o for o in item_written("PATCH")(api) if MEDIA_TYPE in api.contract.contents(o)]


def schema(api: Api, operation: Operation) -> Any:
    """Return the schema of the patch."""
    return api.contract.contents(operation)[MEDIA_TYPE].get("schema") or {}


def apply(api: Api, operation: Operation, patch: Any, path: Mapping[str, Any]) -> Patched:
    """Read, patch and read again."""
    reader = api.sibling(operation, "GET")
    known = api.accepted(reader) if reader else None
    if known is None:
        raise UnjudgedError("there is no GET")
    get = replace(known.call, path=path)
    call = replace(api.write(operation, path), body=patch, media_type=MEDIA_TYPE)
    return Patched(api.ask(get), api.ask(call), api.ask(get))


def candidates(api: Api, operation: Operation, *types: str) -> Iterator[tuple[str, Any]]:
    """Yield members that a patch may set, of some types, with their schemas."""
    for name, inner in api.schemas.properties(schema(api, operation)).items():
        if {*types} & api.schemas.types(inner):
            yield name, inner


def setting(api: Api, operation: Operation) -> dict[str, Any] | None:
    """Return an accepted patch of several members, as the file gives one or as it was sampled."""
    body = api.write(operation, {}).body
    return body if isinstance(body, dict) and body else None


@PACK.check(
    "rfc7396-4-media-type-is-accepted",
    "A patch as application/merge-patch+json is accepted.",
    asks="an accepted patch under this media type",
    oracle="it succeeds",
    on=merging,
    otherwise=OTHERWISE,
    writes=True,
)
def accepted(api: Api, operation: Operation) -> Faults:
    seen = api.ask(replace(api.write(operation), media_type=MEDIA_TYPE))
    if not seen.is_success:
        yield Fault(f"a merge patch is answered {seen}", (seen,))


@PACK.check(
    "rfc7396-2-absent-members-are-kept",
    "A member that isn't in the patch keeps its value.",
    asks="a patch of one member",
    oracle="the other members that a client can write are as before",
    on=merging,
    otherwise=OTHERWISE,
    writes=True,
)
def kept(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    apply(api, operation, setting(api, operation) or {}, path)
    writable = api.schemas.properties(schema(api, operation))
    for name, value in list((setting(api, operation) or {}).items())[:3]:
        done = apply(api, operation, {name: value}, path)
        if not done.patch.is_success or not isinstance(done.before.value, dict):
            continue
        for other in writable:
            before, after = done.before.value.get(other), done.after.members.get(other)
            if other != name and before is not None and not is_same(before, after):
                what = f"{other} was {before!r}, and is {after!r} after a patch of {name}"
                yield Fault(f"{other} isn't kept by a patch of other members", done, what)


@PACK.check(
    "rfc7396-2-null-removes",
    "A null in the patch removes a member that may be null or missing.",
    asks="a patch that sets a nullable member, then one with null for it",
    oracle="it succeeds, and the member is null, missing, or its default",
    on=merging,
    otherwise=OTHERWISE,
    writes=True,
)
def null_removes(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    for name, inner in candidates(api, operation, "null"):
        value = sample(api.contract, inner)
        if value is None or not apply(api, operation, {name: value}, path).patch.is_success:
            continue
        done = apply(api, operation, {name: None}, path)
        after = done.after.members.get(name)
        default = api.schemas.merged(inner).get("default")
        if not done.patch.is_success:
            yield Fault(f"null for {name}, which may be null, is answered {done.patch}", done)
        elif after is not None and after != default:
            yield Fault(f"{name} isn't removed by null", done, f"it is {after!r}")


@PACK.check(
    "rfc7396-2-arrays-are-replaced",
    "An array in the patch replaces the old one whole.",
    asks="a patch with an array, then one with a shorter or another one",
    oracle="the array is the second one",
    on=merging,
    otherwise=OTHERWISE,
    writes=True,
)
def arrays(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    for name, inner in candidates(api, operation, "array"):
        value = sample(api.contract, inner)
        other = api.schemas.varied(inner, value, api.chance)
        apply(api, operation, {name: value}, path)
        seconds: tuple[list[Any], ...] = (other, [])
        for second in seconds:
            done = apply(api, operation, {name: second}, path)
            if not done.patch.is_success or not isinstance(done.after.value, dict):
                continue
            found = done.after.value.get(name)
            if isinstance(found, list) and len(found) > len(second):
                yield Fault(f"the array {name} isn't replaced", done, f"it is {found!r}")


@PACK.check(
    "rfc7396-2-objects-are-merged",
    "An object in the patch is merged with the old one, member by member.",
    asks="a patch that sets an object with several members, then one of its members",
    oracle="the other members are as before",
    on=merging,
    otherwise=OTHERWISE,
    writes=True,
)
def objects(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    for name, inner in candidates(api, operation, "object"):
        value = pair(api, inner)
        if not value or not apply(api, operation, {name: value}, path).patch.is_success:
            continue
        first = next(iter(value))
        done = apply(api, operation, {name: {first: value[first]}}, path)
        found = done.after.members.get(name)
        lost = [each for each in value if isinstance(found, dict) and each not in found]
        if done.patch.is_success and lost:
            yield Fault(f"the object {name} isn't merged", done, f"{', '.join(lost)} is gone")


def pair(api: Api, inner: Any) -> dict[str, Any]:
    """Return an object with two or more members, of properties or of a map's free names."""
    value = sample(api.contract, inner)
    more = api.schemas.merged(inner).get("additionalProperties")
    if isinstance(value, dict) and len(value) < 2 and isinstance(more, dict):  # noqa: PLR2004 - a pair
        names = ("look", "alike")
        value = {**value, **{each: sample(api.contract, more) for each in names}}
    return value if isinstance(value, dict) and len(value) > 1 else {}


@PACK.check(
    "rfc7396-2-null-in-an-object-removes",
    "A null in an object of the patch removes that member alone.",
    asks="a patch that sets two free names of a map, then one with null for one of them",
    oracle="that name is gone, and the other one is there",
    on=lambda api: [o for o in merging(api) if any(maps(api, o))],
    otherwise="no merge patch has a map of free names",
    writes=True,
)
def nested_null(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    for name, inner in maps(api, operation):
        value = pair(api, inner)
        if not value or not apply(api, operation, {name: value}, path).patch.is_success:
            continue
        first, second = [*value][:2]
        done = apply(api, operation, {name: {first: None}}, path)
        found = done.after.members.get(name)
        if not done.patch.is_success:
            yield Fault(f"null for a name of the map {name} is answered {done.patch}", done)
        elif isinstance(found, dict) and found.get(first) is not None:
            yield Fault(f"null doesn't remove a name of the map {name}", done)
        elif isinstance(found, dict) and second not in found:
            yield Fault(f"null for one name of the map {name} removes others", done)


def maps(api: Api, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield members that are maps of free names."""
    for name, inner in candidates(api, operation, "object"):
        if isinstance(api.schemas.merged(inner).get("additionalProperties"), dict):
            yield name, inner


@PACK.check(
    "rfc7396-2-empty-patch-changes-nothing",
    "An empty patch changes nothing that a client can write.",
    asks="the patch {}",
    oracle="where it succeeds, each such member is as before",
    on=lambda api: [o for o in merging(api) if api.schemas.accepts(schema(api, o), {})],
    otherwise=f"{OTHERWISE}, or the schema refuses an empty one",
    writes=True,
)
def empty(api: Api, operation: Operation) -> Faults:
    done = apply(api, operation, {}, api.item(operation))
    if not done.patch.is_success:
        yield Fault(f"an empty patch, which the schema accepts, is answered {done.patch}", done)
        return
    for name in api.schemas.properties(schema(api, operation)):
        if done.before.members.get(name) != done.after.members.get(name):
            yield Fault(f"{name} changes with an empty patch", done)


@PACK.check(
    "rfc5789-2-patch-is-atomic",
    "A patch of which one member is wrong changes nothing.",
    asks="a patch with accepted members, and one more of a wrong type",
    oracle="where it is refused, GET is answered as before",
    on=merging,
    otherwise=OTHERWISE,
    writes=True,
)
def atomic(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    good = setting(api, operation) or {}
    for name, inner in candidates(api, operation, "string", "integer", "number", "boolean"):
        wrong = {key: value for key, value in good.items() if key != name}
        if api.schemas.accepts(inner, {"look": "alike"}):
            continue
        done = apply(api, operation, {**wrong, name: {"look": "alike"}}, path)
        if not done.patch.is_success and done.before.answer.body != done.after.answer.body:
            yield Fault("a patch that was refused has changed something", done)
            return


def announcing(api: Api) -> list[Operation]:
    """Select each PATCH whose 415 is declared to have Accept-Patch."""
    found = []
    for operation in api.succeeded("PATCH"):
        declared = api.contract.resolved(
            (operation.raw.get("responses") or {}).get(str(UNSUPPORTED)) or {}
        )
        names = {str(name).lower() for name in declared.get("headers") or ()}
        if "accept-patch" in names:
            found.append(operation)
    return found


@PACK.check(
    "rfc5789-2.2-unsupported-patch-has-accept-patch",
    "Where the file declares Accept-Patch, a patch of an unknown media type is answered with it.",
    asks="a patch of an unknown media type",
    oracle="415 with Accept-Patch",
    on=announcing,
    otherwise="no PATCH declares Accept-Patch",
    writes=True,
)
def accept_patch(api: Api, operation: Operation) -> Faults:
    call = api.write(operation)
    seen = api.ask(replace(call, media_type="application/vnd.lookalike.unknown"))
    if seen.status != UNSUPPORTED or seen.field("accept-patch") is None:
        yield Fault(f"an unknown patch is answered {seen}, without Accept-Patch", (seen,))
