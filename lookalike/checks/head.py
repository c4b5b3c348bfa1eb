"""HEAD, which is GET without the content (RFC 9110, section 9.3.2)."""

from dataclasses import replace

from lookalike.checks.api import Api
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.where import read
from lookalike.openapi import Operation

PACK = Pack("head", "HEAD equals GET")
# RFC 9110, section 9.3.2: fields whose value is determined only while generating the content.
DETERMINED_LATER = {"connection", "content-length", "date", "keep-alive", "transfer-encoding"}


def headed(api: Api) -> list[Operation]:
    """Select each GET of which HEAD succeeds, too."""
    return [o for o in read(api) if head(api, o).is_success]


def head(api: Api, operation: Operation) -> Seen:
    """Ask HEAD of what GET has found."""
    seen = api.accepted(operation)
    if seen is None:
        raise LookupError(operation.name)
    return api.ask(replace(seen.call, method="HEAD"))


@PACK.check(
    "rfc9110-9.3.2-head-equals-get",
    "HEAD is answered with the status of GET.",
    asks="GET and HEAD of everything that GET finds",
    oracle="both statuses are equal",
    on=read,
    otherwise="no GET succeeds",
)
def head_equals_get(api: Api, operation: Operation) -> Faults:
    got, seen = api.got(operation), head(api, operation)
    if seen.status != got.status:
        yield Fault(f"HEAD is answered {seen}, where GET is {got}", (got, seen))


@PACK.check(
    "rfc9110-9.3.2-head-has-the-fields-of-get",
    "HEAD is answered with the header fields of GET.",
    asks="GET, HEAD and GET again",
    oracle="the same fields; the same values, where both GETs agree; but those that depend on the"
    " content may be missing",
    on=headed,
    otherwise="no HEAD succeeds",
)
def head_has_fields(api: Api, operation: Operation) -> Faults:
    got, seen, again = api.got(operation), head(api, operation), api.got(operation)
    for name in dict.fromkeys(name.lower() for name, _ in got.answer.fields):
        if name in DETERMINED_LATER:
            continue
        if seen.field(name) is None:
            yield Fault(f"HEAD comes without {name}", (got, seen))
        elif got.field(name) == again.field(name) != seen.field(name):
            what = f"{name} is {got.field(name)!r} for GET, and {seen.field(name)!r} for HEAD"
            yield Fault(f"HEAD has another {name} than GET", (got, seen), what)


@PACK.check(
    "rfc9110-8.6-head-content-length-is-gets",
    "Content-Length of HEAD, if there is any, is that of the content that GET sends.",
    asks="GET, HEAD and GET again",
    oracle="equal to that of GET, or missing, where both GETs agree",
    on=headed,
    otherwise="no HEAD succeeds",
)
def head_content_length(api: Api, operation: Operation) -> Faults:
    got, seen, again = api.got(operation), head(api, operation), api.got(operation)
    length = seen.field("content-length")
    if got.field("content-encoding") or len(got.answer.body) != len(again.answer.body):
        return
    if length is not None and length != str(len(got.answer.body)):
        what = f"{length}, where GET sends {len(got.answer.body)} bytes"
        yield Fault("HEAD has another Content-Length than GET's content", (got, seen), what)


def missing(api: Api) -> list[Operation]:
    """Select each GET whose path can lead to nothing, and of which HEAD succeeds elsewhere."""
    return [o for o in headed(api) if api.unknown(o)]


@PACK.check(
    "rfc9110-9.3.2-head-of-nothing-is-gets-error",
    "HEAD of what isn't there is answered with the status of GET.",
    asks="GET and HEAD of an id that nothing has",
    oracle="both statuses are equal",
    on=missing,
    otherwise="no GET of which HEAD succeeds has an id in its path",
)
def head_of_nothing(api: Api, operation: Operation) -> Faults:
    seen = api.accepted(operation)
    values = api.unknown(operation)
    if seen is None or values is None:
        return
    got = api.ask(replace(seen.call, path=values))
    other = api.ask(replace(seen.call, path=values, method="HEAD"))
    if got.status // 100 == 4 and got.status != other.status:  # noqa: PLR2004 - client errors
        yield Fault(f"HEAD is answered {other}, where GET is {got}", (got, other))
