"""Methods and Allow (RFC 9110, sections 9, 10.2.1, 15.5.6 and 15.6.2)."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from lookalike.calls import Call
from lookalike.checks.api import Api
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.where import answered, read
from lookalike.endings import toggled
from lookalike.openapi import Operation

PACK = Pack("methods", "Methods and Allow")
WRITES = ("PUT", "PATCH", "POST")  # DELETE might delete what nobody can make again
UNAUTHORIZED, NOT_ALLOWED, NOT_IMPLEMENTED, FORBIDDEN = 401, 405, 501, 403
REFUSALS = {UNAUTHORIZED, FORBIDDEN, NOT_ALLOWED, NOT_IMPLEMENTED}
NOT_FOUND = 404


def undeclared(api: Api, operation: Operation) -> str | None:
    """Return a method that the file declares for no path that a request's could be."""
    seen = api.accepted(operation)
    path = urlsplit(seen.request.target).path if seen else operation.path
    paths = (path, toggled(path)) if api.client.target.ending else (path,)
    known = {method for method in WRITES for each in paths if api.contract.find(method, each)}
    return next((method for method in WRITES if method not in known), None)


def lacking(api: Api) -> list[Operation]:
    """Select one operation of each path that doesn't declare all methods."""
    return [operation for operation in answered(api) if undeclared(api, operation)]


def refusal(api: Api, operation: Operation) -> Seen:
    """Ask by a method that the file doesn't declare, once."""
    key = ("refusal", operation.path)
    if key not in api.notes:
        seen = api.accepted(operation)
        if seen is None:
            raise LookupError(operation.name)
        method = undeclared(api, operation) or "TRACE"
        call = replace(seen.call, method=method, query=(), body=None, media_type="")
        api.notes[key] = api.ask(call)
    found: Seen = api.notes[key]
    return found


def refused(api: Api) -> list[Operation]:
    """Select one operation of each path where a method is answered with 405."""
    return [o for o in lacking(api) if refusal(api, o).status == NOT_ALLOWED]


def allowed(seen: Seen) -> set[str] | None:
    """Return the methods that Allow lists, None where there is no such field."""
    value = seen.field("allow")
    return None if value is None else {name.strip() for name in value.split(",") if name.strip()}


@PACK.check(
    "rfc9110-15.5.6-undeclared-method-is-405",
    "A method that a path doesn't have is answered with 405 (Method Not Allowed).",
    asks="PUT, PATCH or POST, whichever the file doesn't declare, on each path",
    oracle="405 or 501; 401 and 403 are accepted, as credentials may be looked at first",
    on=lacking,
    otherwise="no path that succeeds lacks PUT, PATCH and POST",
    writes=True,
)
def undeclared_method(api: Api, operation: Operation) -> Faults:
    seen = refusal(api, operation)
    if seen.is_success:
        yield Fault(f"{seen.request.method} succeeds, and the file doesn't declare it", (seen,))
    elif seen.status not in REFUSALS:
        yield Fault(f"a method that isn't declared is answered {seen}, not 405", (seen,))


@PACK.check(
    "rfc9110-15.5.6-405-has-allow",
    "An answer with 405 has an Allow field.",
    asks="the same method that isn't declared",
    oracle="Allow is there, and may be empty",
    on=refused,
    otherwise="nothing was answered with 405",
    writes=True,
)
def has_allow(api: Api, operation: Operation) -> Faults:
    seen = refusal(api, operation)
    if allowed(seen) is None:
        yield Fault("405 comes without Allow", (seen,))


def with_allow(api: Api) -> list[Operation]:
    """Select one operation of each path whose 405 has Allow."""
    return [o for o in refused(api) if allowed(refusal(api, o)) is not None]


@PACK.check(
    "rfc9110-10.2.1-allow-lists-what-is-declared",
    "Allow lists the methods of the target resource.",
    asks="the same method that isn't declared",
    oracle="each method that the file declares for the path is listed, the refused one isn't",
    on=with_allow,
    otherwise="no answer with 405 has Allow",
    writes=True,
)
def lists_declared(api: Api, operation: Operation) -> Faults:
    seen = refusal(api, operation)
    listed = allowed(seen) or set()
    if missing := sorted(api.methods(operation.path) - listed):
        yield Fault(f"Allow leaves out {', '.join(missing)}, which the file declares", (seen,))
    if seen.request.method in listed:
        yield Fault("Allow lists the very method that was refused", (seen,))


@PACK.check(
    "rfc9110-10.2.1-allow-is-true",
    "A method that Allow lists is answered.",
    asks="GET and HEAD, where Allow lists them",
    oracle="neither 405 nor 501",
    on=with_allow,
    otherwise="no answer with 405 has Allow",
    writes=True,
)
def allow_is_true(api: Api, operation: Operation) -> Faults:
    first = refusal(api, operation)
    for method in sorted({"GET", "HEAD"} & (allowed(first) or set())):
        seen = api.ask(replace(first.call, method=method))
        if seen.status in {NOT_ALLOWED, NOT_IMPLEMENTED}:
            yield Fault(f"Allow lists {method}, which is answered {seen}", (first, seen))


@PACK.check(
    "rfc9110-15.6.2-unknown-method-is-refused",
    "A method that no standard knows is refused.",
    asks="LOOKALIKE on each path",
    oracle="4xx or 501",
    on=answered,
    otherwise="no operation succeeds",
    writes=True,
)
def unknown_method(api: Api, operation: Operation) -> Faults:
    seen = api.accepted(operation)
    if seen:
        call = replace(seen.call, method="LOOKALIKE", query=(), body=None, media_type="")
        other = api.ask(call)
        if not (400 <= other.status < 500 or other.status == NOT_IMPLEMENTED):  # noqa: PLR2004
            yield Fault(f"the method LOOKALIKE is answered {other}", (other,))


def with_options(api: Api) -> list[Operation]:
    """Select one operation of each path where OPTIONS succeeds."""
    found = []
    for operation in answered(api):
        key = ("options", operation.path)
        if key not in api.notes:
            seen = api.accepted(operation)
            if seen is None:
                continue
            call = replace(seen.call, method="OPTIONS", query=(), body=None, media_type="")
            api.notes[key] = api.ask(call)
        if api.notes[key].is_success:
            found.append(operation)
    return found


@PACK.check(
    "rfc9110-9.3.7-options-lists-methods",
    "A successful answer to OPTIONS says in Allow what the resource can do.",
    asks="OPTIONS on each path",
    oracle="Allow lists each method that the file declares for the path",
    on=with_options,
    otherwise="OPTIONS succeeds nowhere",
)
def options_lists_methods(api: Api, operation: Operation) -> Faults:
    seen: Seen = api.notes["options", operation.path]
    listed = allowed(seen)
    if listed is None:
        yield Fault("OPTIONS succeeds without Allow", (seen,))
    elif missing := sorted(api.methods(operation.path) - listed):
        yield Fault(f"Allow leaves out {', '.join(missing)}, which the file declares", (seen,))


@PACK.check(
    "rfc9110-9.2.1-safe-methods-change-nothing",
    "HEAD and OPTIONS change nothing.",
    asks="GET, GET, HEAD, OPTIONS and GET again",
    oracle="the last GET is answered as those before, where these two are alike",
    on=read,
    otherwise="no GET succeeds",
)
def safe_methods(api: Api, operation: Operation) -> Faults:
    first, second = api.got(operation), api.got(operation)
    if (first.status, first.answer.body) != (second.status, second.answer.body):
        return  # it varies by itself
    between = [api.send(replace(first.call, method=method)) for method in ("HEAD", "OPTIONS")]
    last = api.got(operation)
    if (last.status, last.answer.body) != (first.status, first.answer.body):
        yield Fault("GET is answered otherwise after HEAD and OPTIONS", (first, *between, last))


def nowhere(api: Api) -> list[Operation]:
    """Select the operation that comes first, in place of the whole server."""
    return [*api.operations[:1]]


@PACK.check(
    "rfc9110-15.5.5-unknown-path-is-404",
    "A path that leads nowhere is answered with 404 (Not Found).",
    asks="GET of a path that the file doesn't declare, with credentials",
    oracle="404 or 410; 401 and 403 are accepted",
    on=nowhere,
    otherwise="the file declares no operation",
)
def unknown_path(api: Api, operation: Operation) -> Faults:
    for path in strange_paths(api):
        call = Call(operation, method="GET", target=path, actor=api.actor(operation))
        seen = api.ask(call)
        if seen.status not in {NOT_FOUND, 410, UNAUTHORIZED, FORBIDDEN}:
            yield Fault(f"a path that leads nowhere is answered {seen}", (seen,))


def strange_paths(api: Api) -> Iterator[str]:
    """Yield paths that no template of the file fits."""
    stem = next((o.path for o in api.operations if "{" not in o.path), "").rstrip("/")
    for path in ("/lookalike-leads/no/where/at/all", f"{stem}/lookalike-leads/no/where/at/all"):
        if api.contract.find("GET", path) is None:
            yield path
