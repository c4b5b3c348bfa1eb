"""What no client means to send: never a 5xx, never a hang, and the server answers afterwards."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from lookalike.calls import Call, Raw, Resolver
from lookalike.checks.api import Api
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.where import asked, read, written
from lookalike.checks.wire import is_wired, status
from lookalike.checks.wire import written as by_hand
from lookalike.http import NoAnswer, Request
from lookalike.openapi import Operation

PACK = Pack("robustness", "Robustness")
LEVELS = 10_000  # of nested arrays; parsers without a bound run out of stack at about 1,000
LARGE = 2_000_000  # bytes of a body
LONG = 7_000  # characters of a query: servers take at least 8,000 octets (RFC 9110, section 4.1)
FIELD = 30_000  # characters of a header field
NOT_IMPLEMENTED = 501
CRLF = "\r\n"
NO_BODY = "no operation that succeeds takes a JSON body"
WRITES = written("POST", "PUT", "PATCH")
SOFT = "anything but 5xx"


def failed(seen: Seen) -> str:
    """Say how a server failed, or nothing."""
    if isinstance(seen.outcome, NoAnswer):
        return f"not answered: {seen.outcome.why}"
    if seen.status >= 500 and seen.status != NOT_IMPLEMENTED:  # noqa: PLR2004 - RFC 9110, section 15.6
        return f"answered {seen}"
    return ""


Make = Callable[[Api, Operation], Iterable[tuple[str, Any]]]


def bodies(
    name: str,
    statement: str,
    asks: str,
    make: Make,
    *,
    refused: bool = False,
) -> None:
    """Add a check of bodies that must not make a server fail, and may have to be refused."""

    def judge(api: Api, operation: Operation) -> Faults:
        call = api.write(operation)
        api.ask(call)  # what has failed before proves nothing
        for what, body in make(api, operation):
            seen = api.send(replace(call, body=body))
            if how := failed(seen):
                yield Fault(f"{what} is {how}", (seen,))
                if not seen.status:
                    return  # it may have waited for long
            elif refused and seen.status // 100 != 4:  # noqa: PLR2004 - client errors
                yield Fault(f"{what} is answered {seen}, not refused", (seen,))

    PACK.check(
        name,
        statement,
        asks=asks,
        oracle="4xx" if refused else SOFT,
        on=WRITES,
        otherwise=NO_BODY,
        writes=True,
    )(judge)


def constant(*found: tuple[str, bytes]) -> Make:
    """Return what makes the same bodies for each operation."""
    return lambda _api, _operation: found


def texts(api: Api, operation: Operation) -> Iterator[str]:
    """Yield the names of free texts in an accepted body."""
    schema = api.body_schema(operation)
    body = api.write(operation, {}).body
    for name, inner in api.schemas.properties(schema).items():
        merged = api.schemas.merged(inner)
        if isinstance(body, dict) and isinstance(body.get(name), str) and "enum" not in merged:
            yield name


def with_text(written_text: str, what: str) -> Make:
    """Return what puts a JSON string, as it is written, in place of a text."""

    def make(api: Api, operation: Operation) -> Iterator[tuple[str, Any]]:
        body = api.write(operation, {}).body
        for name in [*texts(api, operation)][:3]:
            yield what, {**body, name: Raw((written_text,))}

    return make


def numbers(api: Api, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield numbers that fit into no machine's types."""
    schema = api.body_schema(operation)
    body = api.write(operation, {}).body
    for name, inner in api.schemas.properties(schema).items():
        if api.schemas.types(inner) & {"integer", "number"} and isinstance(body, dict):
            for text in ("9223372036854775808", "1e400", "-1e-400", "9" * 5_000):
                yield f"a number like {text[:22]}", {**body, name: Raw((text,))}


def not_numbers(api: Api, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield what some parsers take for numbers."""
    body = api.write(operation, {}).body
    names = [*body] if isinstance(body, dict) else []
    for name in names[:3]:
        for text in ("NaN", "-Infinity"):
            yield f"{text} in a body", {**body, name: Raw((text,))}


bodies(
    "rfc8259-2-ill-formed-json-is-refused",
    "A body that is no JSON is refused.",
    "a body that breaks off, one with a comma too many, two values, single quotes",
    constant(
        ("a body that breaks off", b'{"look": '),
        ("a body with a comma too many", b'{"look": 1,}'),
        ("a body of two values", b"{} {}"),
        ("a body in single quotes", b"{'look': 1}"),
    ),
    refused=True,
)
bodies(
    "rfc8259-8.1-other-encodings-are-refused",
    "A body that isn't UTF-8 is refused.",
    "a letter in Latin-1, and half a character",
    constant(
        ("a body in Latin-1", '{"look": "é"}'.encode("latin-1")),
        ("a body with half a character", b'{"look": "\xe2\x82"}'),
    ),
    refused=True,
)
bodies(
    "rfc8259-6-nan-is-refused",
    "NaN and Infinity are no JSON.",
    "an accepted body with NaN, and -Infinity, in place of a member",
    not_numbers,
    refused=True,
)
bodies(
    "rfc8259-9-deep-json-is-survived",
    "A body that is nested too deep doesn't make the server fail.",
    "arrays and objects of 10,000 levels",
    constant(
        (f"an array {LEVELS:,} levels deep", b"[" * LEVELS + b"]" * LEVELS),
        (f"an object {LEVELS:,} levels deep", b'{"a":' * LEVELS + b"1" + b"}" * LEVELS),
    ),
)
bodies(
    "rfc8259-6-huge-numbers-are-survived",
    "Numbers beyond 64 bits and beyond a double don't make the server fail.",
    "2^63, 1e400, -1e-400 and 5,000 digits in place of each number",
    numbers,
)
bodies(
    "rfc8259-8.2-lone-surrogates-are-survived",
    "Half a surrogate pair doesn't make the server fail.",
    r'"\ud800" in place of a text',
    with_text(r'"\ud800"', "half a surrogate pair"),
)
bodies(
    "rfc8259-7-nul-is-survived",
    "The character NUL in a text doesn't make the server fail.",
    r'"a\u0000b" in place of a text',
    with_text(r'"a\u0000b"', "the character NUL"),
)
bodies(
    "rfc9110-15.5.14-large-content-is-survived",
    "A large body doesn't make the server fail.",
    f"{LARGE:,} bytes, most of which are white space that JSON allows",
    constant((f"a body of {LARGE:,} bytes", b"{}" + b" " * LARGE)),
)


@PACK.check(
    "rfc3986-2.1-percent-encoding-is-survived",
    "Octets in an address that are no text don't make the server fail.",
    asks="%00, %FF, %ZZ and %D8%00 in the path, in place of an id, and in the query",
    oracle=SOFT,
    on=read,
    otherwise="no GET succeeds",
)
def percents(api: Api, operation: Operation) -> Faults:
    seen = api.got(operation)
    queries = [each["name"] for each in operation.parameters if each["in"] == "query"]
    for text in ("%00", "%FF", "%ZZ", "%D8%00", "%C0%AE"):
        calls = [replace(seen.call, query=[(name, Raw((text,)))]) for name in queries[:4]]
        if operation.path_parameters:
            name = operation.path_parameters[-1]
            calls.append(replace(seen.call, path={**seen.call.path, name: Raw((text,))}))
        for call in calls or [replace(seen.call, query=[("look", Raw((text,)))])]:
            other = api.send(call)
            if how := failed(other):
                yield Fault(f"{text} in the address is {how}", (other,))
                if not other.status:
                    return  # it may have waited for long


@PACK.check(
    "rfc9110-4.1-long-addresses-are-survived",
    "A long address doesn't make the server fail.",
    asks=f"a query of {LONG:,} characters",
    oracle=SOFT,
    on=read,
    otherwise="no GET succeeds",
)
def long_query(api: Api, operation: Operation) -> Faults:
    names = [each["name"] for each in operation.parameters if each["in"] == "query"]
    call = api.got(operation).call
    other = api.send(replace(call, query=[((names or ["look"])[0], "a" * LONG)]))
    if how := failed(other):
        yield Fault(f"a query of {LONG:,} characters is {how}", (other,))


@PACK.check(
    "rfc6585-5-large-fields-are-survived",
    "Large header fields don't make the server fail.",
    asks=f"a field of {FIELD:,} characters",
    oracle="anything but 5xx; 431 (Request Header Fields Too Large) is meant for it",
    on=lambda api: read(api)[:1],
    otherwise="no GET succeeds",
)
def large_field(api: Api, operation: Operation) -> Faults:
    call = api.got(operation).call
    other = api.send(replace(call, fields=[*call.fields, ("X-Lookalike", "a" * FIELD)]))
    if how := failed(other):
        yield Fault(f"a header field of {FIELD:,} characters is {how}", (other,))


def wired(api: Api) -> list[Operation]:
    """Select one GET that succeeds, of a server at an address."""
    return read(api)[:1] if is_wired(api.client.target) else []


def by_wire(
    name: str, statement: str, asks: str, write: Callable[[str, Request], bytes], what: str
) -> None:
    """Add a check of a request that breaks HTTP's own rules, and must be answered with 400."""

    def judge(api: Api, operation: Operation) -> Faults:
        base = api.client.target.base_url
        seen = api.got(operation)
        sent = write(base, seen.request)
        found = status(base, sent)
        shown = f"sent, with \\r\\n between the lines: {' | '.join(sent.decode().split(CRLF))}"
        if found is None:
            yield Fault(f"{what} is not answered in time", (), shown)
        elif found // 100 != 4 and found != 0:  # noqa: PLR2004 - client errors
            yield Fault(f"{what} is answered {found}, not 400", (), shown)

    PACK.check(
        name,
        statement,
        asks=asks,
        oracle="400, or another 4xx; a connection that is closed is accepted",
        on=wired,
        otherwise="no GET succeeds, or the server isn't reached by plain HTTP",
    )(judge)


by_wire(
    "rfc9112-3.2-missing-host-is-400",
    "A request of HTTP/1.1 without Host is answered with 400 (Bad Request).",
    "GET without Host",
    lambda base, request: by_hand(base, request, host=False),
    "a request without Host",
)
by_wire(
    "rfc9112-3.2-two-hosts-are-400",
    "A request with more than one Host is answered with 400.",
    "GET with two different Host fields",
    lambda base, request: by_hand(base, request, ("Host", "lookalike.example")),
    "a request with two Host fields",
)
by_wire(
    "rfc9112-6.3-invalid-content-length-is-400",
    "A request whose Content-Length is no number is answered with 400.",
    "GET with `Content-Length: look`",
    lambda base, request: by_hand(base, request, ("Content-Length", "look")) + b"{}",
    "an invalid Content-Length",
)
by_wire(
    "rfc9112-6.3-two-lengths-are-400",
    "A request with two Content-Length that differ is answered with 400.",
    "GET with the lengths 2 and 3",
    lambda base, request: (
        by_hand(base, request, ("Content-Length", "2"), ("Content-Length", "3")) + b"{} "
    ),
    "a request with two lengths",
)


def chunkable(api: Api) -> list[Operation]:
    """Select one operation with a body, of a server at an address."""
    return [*WRITES(api)][:1] if is_wired(api.client.target) else []


@PACK.check(
    "rfc9112-7.1-chunked-bodies-are-read",
    "A body in chunks is read as one with a length.",
    asks="an accepted body with a length, and another one in chunks",
    oracle="the same class of status; 411 (Length Required) is accepted",
    on=chunkable,
    otherwise="no operation that succeeds takes a JSON body, or the server isn't reached by plain"
    " HTTP",
    writes=True,
)
def chunked(api: Api, operation: Operation) -> Faults:
    plain = api.ask(api.write(operation))
    call = in_chunks(api.write(operation))
    seen = api.send(call)
    if how := failed(seen):
        yield Fault(f"a body in chunks is {how}", (plain, seen))
    elif seen.status // 100 != plain.status // 100 and seen.status != 411:  # noqa: PLR2004 - Length Required
        yield Fault(f"a body in chunks is answered {seen}, and one with a length {plain}", (seen,))


def in_chunks(call: Call) -> Call:
    """Return a call whose body is sent in two chunks."""
    body = call.request(Resolver({})).body or b""
    half = len(body) // 2
    chunks = b"".join(
        f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        for piece in (body[:half], body[half:], b"")
    )
    return replace(call, body=chunks, fields=[*call.fields, ("Transfer-Encoding", "chunked")])


def others(api: Api, operation: Operation) -> Iterator[Seen]:
    """Yield what other packs have asked; those of this one say themselves what came of it."""
    for seen in api.client.exchanges:
        if seen.call.operation is operation and seen.pack != PACK.name:
            yield seen


@PACK.check(
    "rfc9110-15.6-no-server-error",
    "No request makes the server fail.",
    asks="what the checks of other packs ask",
    oracle="no 5xx but 501",
    on=asked,
    otherwise="nothing was asked",
)
def no_server_error(api: Api, operation: Operation) -> Faults:
    for seen in others(api, operation):
        if seen.status and (how := failed(seen)):
            yield Fault(f"a request of {seen.check or 'the preparation'} is {how}", (seen,))


@PACK.check(
    "rfc9110-3.4-every-request-is-answered",
    "Each request is answered: none waits for ever, and no connection breaks.",
    asks="what the checks of other packs ask",
    oracle="an answer, within the time limit",
    on=asked,
    otherwise="nothing was asked",
)
def is_answered(api: Api, operation: Operation) -> Faults:
    for seen in others(api, operation):
        if isinstance(seen.outcome, NoAnswer):
            what = f"a request of {seen.check or 'the preparation'} is {failed(seen)}"
            yield Fault(what, (seen,), seen.outcome.detail)


@PACK.check(
    "rfc9110-9.3.1-server-is-still-there",
    "After all this the server answers as before.",
    asks="a GET that succeeded before",
    oracle="it succeeds",
    on=read,
    otherwise="no GET succeeds",
)
def still_there(api: Api, operation: Operation) -> Faults:
    first = api.accepted(operation)
    if first:
        seen = api.send(first.call)
        if not seen.is_success:
            yield Fault(
                f"what succeeded is now {failed(seen) or f'answered {seen}'}", (first, seen)
            )
