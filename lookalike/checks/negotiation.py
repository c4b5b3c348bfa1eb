"""Content negotiation and media types (RFC 9110, sections 8, 12, 15.5.7 and 15.5.16)."""

from collections.abc import Callable
from dataclasses import replace

from lookalike.calls import Call
from lookalike.checks.api import Api
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.where import written
from lookalike.http import is_json
from lookalike.openapi import Operation

PACK = Pack("negotiation", "Content negotiation and media types")
NOT_ACCEPTABLE, UNSUPPORTED = 406, 415
UNKNOWN = "application/vnd.lookalike.unknown"


def accepting(call: Call, accept: str) -> Call:
    """Return a call with an Accept field."""
    kept = [(name, value) for name, value in call.fields if name.lower() != "accept"]
    return replace(call, fields=[*kept, ("Accept", accept)])


def typed(api: Api) -> list[Operation]:
    """Select each GET whose successful answer is declared to have a media type."""
    return [o for o in api.succeeded("GET") if concrete(api, o)]


def concrete(api: Api, operation: Operation) -> list[str]:
    """Return the declared media types of success, without ranges and parameters."""
    found = [name.partition(";")[0].strip().lower() for name in api.success_types(operation)]
    return [*dict.fromkeys(name for name in found if "*" not in name)]


def choosing(api: Api) -> list[Operation]:
    """Select each GET whose successful answer may have one of several media types."""
    return [o for o in typed(api) if len(concrete(api, o)) > 1]


def refusing(api: Api) -> list[Operation]:
    """Select each GET that declares 406."""
    return [o for o in typed(api) if api.declares(o, NOT_ACCEPTABLE)]


@PACK.check(
    "rfc9110-12.5.1-declared-type-is-sent",
    "Accept with a declared media type is answered with that type.",
    asks="GET with each declared media type in Accept",
    oracle="it succeeds, with this Content-Type",
    on=typed,
    otherwise="no GET that succeeds declares a media type",
)
def declared_type(api: Api, operation: Operation) -> Faults:
    got = api.got(operation)
    for media_type in concrete(api, operation):
        seen = api.ask(accepting(got.call, media_type))
        if not seen.is_success:
            yield Fault(f"Accept: {media_type} is answered {seen}", (seen,))
        elif seen.answer.media_type != media_type and seen.answer.body:
            found = seen.answer.media_type or "no Content-Type"
            yield Fault(f"Accept: {media_type} is answered with {found}", (seen,))


@PACK.check(
    "rfc9110-12.5.1-ranges-admit-the-type",
    "A media range admits the types within it, whatever its case.",
    asks="GET with `*/*`, with a range such as `application/*`, and with the type in upper case",
    oracle="the status and media type that GET has without Accept",
    on=typed,
    otherwise="no GET that succeeds declares a media type",
)
def ranges(api: Api, operation: Operation) -> Faults:
    got = api.got(operation)
    media_type = got.answer.media_type
    if not media_type:
        return
    kind = media_type.partition("/")[0]
    for accept in ("*/*", f"{kind}/*", media_type.upper(), f"{UNKNOWN}, {media_type};q=0.5"):
        seen = api.ask(accepting(got.call, accept))
        if (seen.status, seen.answer.media_type) != (got.status, media_type):
            what = f"{seen} with {seen.answer.media_type or 'no Content-Type'}"
            yield Fault(f"Accept: {accept} is answered {what}", (got, seen))


@PACK.check(
    "rfc9110-12.4.2-the-preferred-type-is-sent",
    "Of several media types the one with the highest weight is sent.",
    asks="GET with one declared media type at weight 1 and the others at 0.1",
    oracle="the Content-Type of weight 1",
    on=choosing,
    otherwise="no GET declares several media types",
)
def preferred(api: Api, operation: Operation) -> Faults:
    got = api.got(operation)
    types = concrete(api, operation)
    for wanted in types:
        others = ", ".join(f"{each};q=0.1" for each in types if each != wanted)
        seen = api.ask(accepting(got.call, f"{others}, {wanted}"))
        if seen.is_success and seen.answer.media_type != wanted:
            what = f"{wanted} is preferred, and {seen.answer.media_type} sent"
            yield Fault("weights in Accept aren't followed", (seen,), what)


@PACK.check(
    "rfc9110-12.5.5-vary-names-accept",
    "An answer that depends on Accept says so in Vary.",
    asks="GET with each declared media type in Accept",
    oracle="Vary has Accept or `*`, where other types came",
    on=choosing,
    otherwise="no GET declares several media types",
)
def vary(api: Api, operation: Operation) -> Faults:
    got = api.got(operation)
    seen = [api.ask(accepting(got.call, each)) for each in concrete(api, operation)]
    if len({each.answer.media_type for each in seen if each.is_success}) > 1:
        names = {name.strip().lower() for name in (seen[0].field("vary") or "").split(",")}
        if not names & {"accept", "*"}:
            yield Fault("what is sent depends on Accept, and Vary doesn't say so", (*seen,))


@PACK.check(
    "rfc9110-15.5.7-unacceptable-is-406",
    "Where the file declares 406 (Not Acceptable), an Accept that admits nothing is answered so.",
    asks="GET with a media type that nobody has, and with weight 0 for everything",
    oracle="406",
    on=refusing,
    otherwise="no GET that succeeds declares 406",
)
def unacceptable(api: Api, operation: Operation) -> Faults:
    got = api.got(operation)
    for accept in (UNKNOWN, "*/*;q=0"):
        seen = api.ask(accepting(got.call, accept))
        if seen.status != NOT_ACCEPTABLE:
            yield Fault(f"Accept: {accept} is answered {seen}, not 406", (seen,))


def bodied(api: Api) -> list[Operation]:
    """Select each operation that takes JSON, and neither all types nor plain text."""
    return [
        operation
        for operation in written("POST", "PUT", "PATCH")(api)
        if not {name.partition("/")[0] for name in api.contract.contents(operation)} & {"*", "text"}
    ]


@PACK.check(
    "rfc9110-15.5.16-undeclared-type-is-refused",
    "A body of a media type that the file doesn't declare is refused, with 415 if it declares 415.",
    asks="an accepted body as text/plain and as an unknown type",
    oracle="4xx; 415 (Unsupported Media Type), where the operation declares it",
    on=bodied,
    otherwise="no operation that succeeds takes a JSON body",
    writes=True,
)
def undeclared_type(api: Api, operation: Operation) -> Faults:
    call = api.write(operation)
    for media_type in ("text/plain", UNKNOWN):
        seen = api.ask(replace(call, media_type=media_type))
        if seen.status // 100 != 4:  # noqa: PLR2004 - client errors
            yield Fault(
                f"a body as {media_type}, which isn't declared, is answered {seen}", (seen,)
            )
        elif api.declares(operation, UNSUPPORTED) and seen.status != UNSUPPORTED:
            yield Fault(f"a body as {media_type} is answered {seen}, not 415", (seen,))


@PACK.check(
    "rfc9110-8.3.1-media-types-ignore-case",
    "The media type of a body is read whatever its case.",
    asks="an accepted body with its Content-Type in upper case",
    oracle="neither 415 nor 400, where it was accepted without",
    on=written("POST", "PUT", "PATCH"),
    otherwise="no operation that succeeds takes a JSON body",
    writes=True,
)
def ignores_case(api: Api, operation: Operation) -> Faults:
    yield from same_type(api, operation, str.upper, "in upper case")


@PACK.check(
    "rfc8259-11-charset-changes-nothing",
    "JSON with the parameter charset=utf-8 is JSON.",
    asks="an accepted body with `; charset=utf-8` after its media type",
    oracle="neither 415 nor 400, where it was accepted without",
    on=written("POST", "PUT", "PATCH"),
    otherwise="no operation that succeeds takes a JSON body",
    writes=True,
)
def charset(api: Api, operation: Operation) -> Faults:
    yield from same_type(api, operation, "{}; charset=utf-8".format, "with charset=utf-8")


def same_type(api: Api, operation: Operation, spell: Callable[[str], str], words: str) -> Faults:
    """Yield a fault where another spelling of a media type is refused."""
    control = api.ask(api.write(operation))
    if not control.is_success:
        return
    call = api.write(operation)
    seen = api.ask(replace(call, media_type=spell(call.media_type)))
    if seen.status in {400, UNSUPPORTED}:
        yield Fault(f"the media type {words} is answered {seen}", (control, seen))


@PACK.check(
    "openapi-media-type-object-each-type-is-accepted",
    "Each media type that the file declares for a body is accepted.",
    asks="an accepted body as each declared JSON type",
    oracle="not 415",
    on=written("POST", "PUT", "PATCH"),
    otherwise="no operation that succeeds takes a JSON body",
    writes=True,
    link="https://spec.openapis.org/oas/v3.1.1.html#media-type-object",
)
def each_type(api: Api, operation: Operation) -> Faults:
    for media_type in api.contract.contents(operation):
        if is_json(media_type) and "*" not in media_type:
            seen = api.ask(replace(api.write(operation), media_type=media_type))
            if seen.status == UNSUPPORTED:
                yield Fault(f"{media_type}, which is declared, is answered {seen}", (seen,))
