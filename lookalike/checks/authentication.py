"""Authentication (RFC 9110, sections 11, 15.5.2 and 15.5.4; RFC 6750; RFC 7617)."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lookalike.calls import Call
from lookalike.checks.api import Api, entries
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.paging import MOST, identities, pages, walk
from lookalike.http import Request
from lookalike.openapi import Operation

PACK = Pack("authentication", "Authentication")
UNAUTHORIZED = 401
REFUSED = {401, 403, 404}
WRONG = "lookalike-0000000000"
# RFC 9110, section 11.6.1: a scheme, then a token or parameters.
CHALLENGE = re.compile(r"[\w!#$%&'*+.^`|~-]+(\s+[^\s].*)?")
NO_SECURITY = "no operation that succeeds needs credentials, or no actor is known"


def secured(api: Api) -> list[Operation]:
    """Select each operation that needs credentials, and succeeds with those of an actor."""
    return [
        operation
        for operation in api.operations
        if api.contract.is_secured(operation)
        and (seen := api.accepted(operation))
        and seen.call.actor
    ]


def schemes(api: Api, operation: Operation) -> Iterator[dict[str, object]]:
    """Yield the security schemes that an operation names."""
    components = api.contract.raw.get("components") or {}
    for each in operation.raw.get("security", api.contract.raw.get("security")) or ():
        for name in each:
            scheme = api.contract.resolved((components.get("securitySchemes") or {}).get(name))
            if isinstance(scheme, dict):
                yield scheme


def bare(api: Api, operation: Operation) -> Seen:
    """Send an accepted call, for something new where it writes, without credentials."""
    return api.ask(replace(call_for(api, operation), actor=None))


def call_for(api: Api, operation: Operation) -> Call:
    """Return a call that would succeed with credentials."""
    return api.got(operation).call if operation.is_safe else api.write(operation)


@PACK.check(
    "openapi-security-requirement-object-nothing-without-credentials",
    "An operation that needs credentials does nothing and shows nothing without them.",
    asks="an accepted request without credentials",
    oracle="not 2xx",
    on=secured,
    otherwise=NO_SECURITY,
)
def nothing_without(api: Api, operation: Operation) -> Faults:
    seen = bare(api, operation)
    if seen.is_success:
        yield Fault(f"a request without credentials is answered {seen}", (seen,))


@PACK.check(
    "rfc9110-15.5.2-missing-credentials-are-401",
    "A request that lacks credentials is answered with 401 (Unauthorized).",
    asks="an accepted request without credentials",
    oracle="401; 403 and 404, where the file doesn't declare 401",
    on=secured,
    otherwise=NO_SECURITY,
)
def missing(api: Api, operation: Operation) -> Faults:
    seen = bare(api, operation)
    allowed = {401} if api.declares(operation, UNAUTHORIZED) else REFUSED
    if not seen.is_success and seen.status not in allowed:
        yield Fault(f"a request without credentials is answered {seen}, not 401", (seen,))


@PACK.check(
    "rfc9110-15.5.2-wrong-credentials-are-401",
    "Credentials that nobody has are answered with 401.",
    asks="an accepted request whose credentials are replaced by others of the same scheme",
    oracle="401; 403 and 404, where the file doesn't declare 401",
    on=secured,
    otherwise=NO_SECURITY,
)
def wrong(api: Api, operation: Operation) -> Faults:
    call = call_for(api, operation)
    fields = forged(api, call)
    if not fields:
        return
    seen = api.ask(replace(call, actor=None, fields=[*call.fields, *fields]))
    allowed = {401} if api.declares(operation, UNAUTHORIZED) else REFUSED
    if seen.status not in allowed:
        yield Fault(f"wrong credentials are answered {seen}, not 401", (seen,))


def forged(api: Api, call: Call) -> list[tuple[str, str]]:
    """Return the fields that an actor's credentials are in, with other values."""
    plain = {name.lower() for name, _ in call.fields}
    found = []
    for actor in api.client.actors:
        if actor.name == call.actor:
            signed = actor.signed(Request(call.operation.method, "/"), api.client.target)
            for name, value in signed.fields:
                scheme, space, _ = value.partition(" ")
                if name.lower() == "cookie":
                    forgery = re.sub(r"=[^;]*", f"={WRONG}", value)
                else:
                    forgery = f"{scheme} {WRONG}" if space else WRONG
                if name.lower() not in plain:
                    found.append((name, forgery))
    return found


def challenged(api: Api) -> list[Operation]:
    """Select each operation that is answered with 401 where credentials are missing."""
    found = []
    for operation in secured(api):
        key = ("401", operation.name)
        if key not in api.notes:
            api.notes[key] = bare(api, operation)
        if api.notes[key].status == UNAUTHORIZED:
            found.append(operation)
    return found


@PACK.check(
    "rfc9110-11.6.1-401-has-www-authenticate",
    "An answer with 401 has WWW-Authenticate with at least one challenge.",
    asks="an accepted request without credentials",
    oracle="the field is there, and begins with a scheme",
    on=challenged,
    otherwise="nothing was answered with 401",
)
def has_challenge(api: Api, operation: Operation) -> Faults:
    seen: Seen = api.notes["401", operation.name]
    value = seen.field("www-authenticate")
    if value is None:
        yield Fault("401 comes without WWW-Authenticate", (seen,))
    elif not CHALLENGE.fullmatch(value.strip()):
        yield Fault("WWW-Authenticate names no scheme", (seen,), value)


def bearers(api: Api) -> list[Operation]:
    """Select each operation with a bearer scheme that is answered with a challenge."""
    return [o for o in challenged(api) if o in with_bearer(api)]


def with_bearer(api: Api) -> list[Operation]:
    """Select each operation that takes a bearer token."""
    return [
        operation
        for operation in secured(api)
        if any(
            scheme.get("type") == "oauth2" or str(scheme.get("scheme", "")).lower() == "bearer"
            for scheme in schemes(api, operation)
        )
    ]


@PACK.check(
    "rfc6750-3-challenge-names-bearer",
    "Where bearer tokens are accepted, the challenge of a 401 names Bearer.",
    asks="an accepted request without credentials",
    oracle="WWW-Authenticate has the scheme Bearer",
    on=lambda api: [o for o in bearers(api) if api.notes["401", o.name].field("www-authenticate")],
    otherwise="no 401 with WWW-Authenticate came where the file has a bearer scheme",
)
def names_bearer(api: Api, operation: Operation) -> Faults:
    seen: Seen = api.notes["401", operation.name]
    if not re.search(r"\bbearer\b", seen.field("www-authenticate") or "", re.IGNORECASE):
        yield Fault("the challenge doesn't name Bearer", (seen,))


@PACK.check(
    "rfc6750-3.1-wrong-token-is-invalid-token",
    "A wrong bearer token is answered with the error invalid_token.",
    asks="an accepted request with a token that nobody has",
    oracle='where it is 401 with a Bearer challenge, it has error="invalid_token"',
    on=with_bearer,
    otherwise="no operation that succeeds takes a bearer token",
)
def invalid_token(api: Api, operation: Operation) -> Faults:
    call = call_for(api, operation)
    field = ("Authorization", f"Bearer {WRONG}")
    seen = api.ask(replace(call, actor=None, fields=[*call.fields, field]))
    value = seen.field("www-authenticate") or ""
    if seen.status == UNAUTHORIZED and "earer" in value and "invalid_token" not in value:
        yield Fault("the challenge for a wrong token doesn't say invalid_token", (seen,), value)


def schemed(api: Api) -> list[Operation]:
    """Select each operation whose credentials are in Authorization, with a scheme."""
    return [
        operation
        for operation in secured(api)
        if (seen := api.accepted(operation)) and " " in (seen.request.header("Authorization") or "")
    ]


@PACK.check(
    "rfc9110-11.1-scheme-ignores-case",
    "The scheme of credentials is read whatever its case.",
    asks="an accepted request with its scheme in lower and in upper case",
    oracle="not 401",
    on=schemed,
    otherwise="no operation that succeeds has its credentials in Authorization",
)
def scheme_case(api: Api, operation: Operation) -> Faults:
    call = call_for(api, operation)
    seen = api.accepted(operation)
    scheme = ((seen and seen.request.header("Authorization")) or "").partition(" ")[0]
    for spelling in {scheme.lower(), scheme.upper()} - {scheme}:
        other = api.ask(replace(call, scheme=spelling))
        if other.status == UNAUTHORIZED:
            yield Fault("a scheme in another case is answered 401", (other,), spelling)


def owned(api: Api) -> list[Operation]:
    """Select operations on items of which one actor's list has some that another's hasn't."""
    found = []
    for operation in secured(api):
        if operation.path.endswith("}") and operation.method in {"GET", "PUT", "PATCH"}:
            key = ("private", operation.path)
            if key not in api.notes:
                api.notes[key] = private(api, operation)
            if api.notes[key]:
                found.append(operation)
    return found


def private(api: Api, operation: Operation) -> tuple[str, str] | None:
    """Return an item's id that is in an actor's list, and who doesn't see it in his own."""
    collection = operation.path.rpartition("/")[0]
    listing = next((o for o in api.operations if (o.method, o.path) == ("GET", collection)), None)
    if listing is None or not api.accepted(listing):
        return None
    mine = api.got(listing)
    for actor in api.client.actors:
        if actor.name == mine.call.actor or not entries(mine.value):
            continue
        call = replace(mine.call, actor=actor.name)
        how = pages(api, listing)
        theirs = [*walk(api, how, size=50, actor=actor.name)] if how else [api.ask(call)]
        seen = {*identities(theirs)}
        hidden = [each for each in identities([mine]) if each not in seen]
        if all(each.is_success for each in theirs) and len(theirs) < MOST and hidden:
            return hidden[0], actor.name
    return None


@PACK.check(
    "rfc9110-15.5.4-anothers-object-is-refused",
    "What is in one actor's list and not in another's, the other one can't read or change.",
    asks="GET, PUT and PATCH of such an item by the other actor",
    oracle="403 or 404",
    on=owned,
    otherwise="no item is in the list of one actor and not in that of another, or only one actor is"
    " known",
)
def anothers(api: Api, operation: Operation) -> Faults:
    item, actor = api.notes["private", operation.path]
    seen = api.accepted(operation)
    if seen is None:
        return
    path = {**seen.call.path, operation.path_parameters[-1]: item}
    own = seen.call if operation.is_safe else api.write(operation, path)
    mine = api.ask(replace(own, path=path))
    theirs = api.ask(replace(own, path=path, actor=actor))
    if mine.is_success and theirs.status not in {403, 404}:
        yield Fault(f"{operation.method} of another's object is answered {theirs}", (mine, theirs))
