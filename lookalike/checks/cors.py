"""Cross-origin requests (the Fetch Standard, section "CORS protocol"), where they are allowed."""

from dataclasses import replace

from lookalike.calls import Call
from lookalike.checks.api import Api
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.where import answered
from lookalike.openapi import Operation

PACK = Pack("cors", "Cross-origin requests")
FETCH = "https://fetch.spec.whatwg.org/"
OTHERWISE = "no answer lets scripts of the origin read it; --origin names another one"
STRANGER = "https://stranger.example"
SIMPLE = {"GET", "HEAD", "POST"}  # methods that need no preflight by themselves


def from_origin(call: Call, origin: str) -> Call:
    """Return a call as a script of an origin makes it."""
    return replace(call, fields=[*call.fields, ("Origin", origin)])


def shared(api: Api) -> list[Operation]:
    """Select one operation of each path whose answer an origin may read."""
    return [o for o in answered(api) if o.is_safe and permits(got(api, o), api.origin)]


def got(api: Api, operation: Operation, origin: str = "") -> Seen:
    """Ask as a script of an origin does, once."""
    key = (f"origin {origin}", operation.name)
    if key not in api.notes:
        call = api.got(operation).call
        api.notes[key] = api.ask(from_origin(call, origin or api.origin))
    found: Seen = api.notes[key]
    return found


def permits(seen: Seen, origin: str) -> bool:
    """Tell whether an answer lets an origin read it."""
    return seen.field("access-control-allow-origin") in {"*", origin}


def preflight(api: Api, operation: Operation, origin: str = "") -> Seen:
    """Ask as a browser does before an operation, without credentials."""
    seen = api.accepted(operation)
    fields = [
        ("Origin", origin or api.origin),
        ("Access-Control-Request-Method", operation.method),
    ]
    if (seen and seen.call.media_type) or api.contract.is_secured(operation):
        fields.append(("Access-Control-Request-Headers", "authorization,content-type"))
    return api.ask(Call(operation, seen.call.path if seen else {}, fields=fields, method="OPTIONS"))


def flown(api: Api) -> list[Operation]:
    """Select each operation that succeeds on a path that an origin may read."""
    paths = {operation.path for operation in shared(api)}
    return [o for o in api.operations if o.path in paths and api.accepted(o)]


@PACK.check(
    "fetch-cors-preflight-is-answered",
    "A preflight request is answered with an ok status and the permission.",
    asks="OPTIONS with Origin, Access-Control-Request-Method and -Headers, without credentials",
    oracle="2xx with Access-Control-Allow-Origin",
    on=flown,
    otherwise=OTHERWISE,
    link=f"{FETCH}#cors-preflight-fetch",
)
def is_answered(api: Api, operation: Operation) -> Faults:
    seen = preflight(api, operation)
    if not seen.is_success:
        yield Fault(f"a preflight is answered {seen}", (seen,))
    elif not permits(seen, api.origin):
        yield Fault("a preflight is answered without Access-Control-Allow-Origin", (seen,))


@PACK.check(
    "fetch-cors-preflight-permits-declared-methods",
    "The answer to a preflight permits the methods that the file declares.",
    asks="a preflight for each operation",
    oracle="Access-Control-Allow-Methods lists the method, or it is GET, HEAD or POST, or `*` is"
    " there",
    on=flown,
    otherwise=OTHERWISE,
    link=f"{FETCH}#http-access-control-allow-methods",
)
def permits_methods(api: Api, operation: Operation) -> Faults:
    seen = preflight(api, operation)
    names = {each.strip() for each in (seen.field("access-control-allow-methods") or "").split(",")}
    if seen.is_success and not names & {"*", operation.method} and operation.method not in SIMPLE:
        yield Fault(f"a preflight doesn't permit {operation.method}", (seen,))


def typed(api: Api) -> list[Operation]:
    """Select each operation with a body or credentials on a path that an origin may read."""
    return [
        o
        for o in flown(api)
        if ((seen := api.accepted(o)) and seen.call.media_type) or api.contract.is_secured(o)
    ]


@PACK.check(
    "fetch-cors-preflight-permits-needed-headers",
    "The answer to a preflight permits the request headers that an operation needs.",
    asks="a preflight with `authorization,content-type`",
    oracle="Access-Control-Allow-Headers lists Content-Type where there is a body, and"
    " Authorization where the file has a scheme with it; `*` is enough for the former",
    on=typed,
    otherwise="no operation on a path that the origin may read has a body or needs credentials",
    link=f"{FETCH}#http-access-control-allow-headers",
)
def permits_headers(api: Api, operation: Operation) -> Faults:
    seen = preflight(api, operation)
    given = seen.field("access-control-allow-headers") or ""
    names = {each.strip().lower() for each in given.split(",")}
    accepted = api.accepted(operation)
    if not seen.is_success or accepted is None:
        return
    if accepted.call.media_type and not names & {"*", "content-type"}:
        yield Fault("a preflight doesn't permit Content-Type", (seen,))
    if accepted.request.header("Authorization") and "authorization" not in names:
        yield Fault("a preflight doesn't permit Authorization", (seen,))


@PACK.check(
    "fetch-cors-errors-are-readable",
    "An error is readable for the origin, as a success is.",
    asks="an id that nothing has, or a path that leads nowhere below it, with Origin",
    oracle="Access-Control-Allow-Origin is there, too",
    on=lambda api: [o for o in shared(api) if api.unknown(o)],
    otherwise="no GET with an id in its path is readable for the origin",
    link=f"{FETCH}#http-cors-protocol",
)
def errors(api: Api, operation: Operation) -> Faults:
    seen = api.accepted(operation)
    values = api.unknown(operation)
    if seen and values:
        error = api.ask(from_origin(replace(seen.call, path=values), api.origin))
        if not error.is_success and not permits(error, api.origin):
            yield Fault(f"a {error.status} isn't readable for the origin", (error,))


@PACK.check(
    "fetch-cors-origin-is-in-vary",
    "An answer that names the origin says in Vary that it depends on it.",
    asks="GET with Origin",
    oracle="Vary has Origin or `*`, where Access-Control-Allow-Origin isn't `*`",
    on=shared,
    otherwise=OTHERWISE,
    link=f"{FETCH}#cors-protocol-and-http-caches",
)
def vary(api: Api, operation: Operation) -> Faults:
    seen = got(api, operation)
    names = {each.strip().lower() for each in (seen.field("vary") or "").split(",")}
    if seen.field("access-control-allow-origin") != "*" and not names & {"*", "origin"}:
        yield Fault("the origin is named, and Vary doesn't say so", (seen,))


@PACK.check(
    "fetch-cors-no-credentials-for-everybody",
    "Credentials aren't permitted to any origin that asks.",
    asks="GET with the Origin of a stranger, and with null",
    oracle="no Access-Control-Allow-Credentials: true beside `*`, the stranger's origin, or null",
    on=shared,
    otherwise=OTHERWISE,
    link=f"{FETCH}#cors-protocol-and-credentials",
)
def credentials(api: Api, operation: Operation) -> Faults:
    for origin in (STRANGER, "null"):
        seen = got(api, operation, origin)
        allowed = seen.field("access-control-allow-origin")
        if seen.field("access-control-allow-credentials") == "true" and allowed in {"*", origin}:
            yield Fault(f"credentials are permitted to {allowed}, whoever asks", (seen,))


@PACK.check(
    "fetch-cors-one-origin-is-named",
    "Access-Control-Allow-Origin is one origin, `*` or null.",
    asks="GET with Origin",
    oracle="one value without a comma",
    on=lambda api: [
        o
        for o in answered(api)
        if o.is_safe and got(api, o).field("access-control-allow-origin") is not None
    ],
    otherwise="no answer has Access-Control-Allow-Origin",
    link=f"{FETCH}#http-access-control-allow-origin",
)
def one_origin(api: Api, operation: Operation) -> Faults:
    seen = got(api, operation)
    if "," in (value := seen.field("access-control-allow-origin") or ""):
        yield Fault("Access-Control-Allow-Origin names several origins", (seen,), value)
