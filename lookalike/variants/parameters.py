"""Parameters of queries and header fields: near misses, repeats, unknown ones, odd encodings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any
from urllib.parse import quote

from lookalike.calls import Call
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.schemas import Schema, read
from lookalike.variants.misses import ESCAPED, Miss, interleaved, plain, text_misses
from lookalike.variants.source import Variants, spread
from lookalike.variants.valid import examples, others

# Fields with sources of their own, and what belongs to authentication.
OWN_SOURCES = {
    *("accept", "accept-encoding", "authorization", "content-type", "cookie", "idempotency-key"),
    *("if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"),
}

SHORT = 500  # characters of one parameter among others


def declared(call: Call, place: str) -> dict[str, Mapping[str, Any]]:
    """Return the parameters of an operation that go into a query, a path or a header."""
    found = call.operation.parameters
    return {str(each["name"]): each for each in found if each.get("in") == place}


def schema_of(contract: Contract, parameter: Mapping[str, Any]) -> Schema:
    """Return the schema of a parameter, which may be that of its content."""
    raw = parameter.get("schema")
    for entry in (parameter.get("content") or {}).values():
        raw = raw or entry.get("schema")
    schema = read(contract, raw or {})
    given = [*examples(parameter)]
    return replace(schema, raw={**schema.raw, "examples": given}) if given else schema


def set_to(pairs: Sequence[tuple[str, Any]], name: str, *values: Any) -> list[tuple[str, Any]]:
    """Return parameters with others of one name."""
    return [*(pair for pair in pairs if pair[0] != name), *((name, value) for value in values)]


def sent(pairs: Sequence[tuple[str, Any]], name: str) -> Any:
    """Return the value of a parameter in a call, if it has one."""
    return next((value for key, value in pairs if key == name), None)


def valid_texts(schema: Schema) -> Iterator[Any]:
    """Yield values of a parameter: single ones, even where it takes several."""
    inner = schema.items() if schema.type == "array" else schema
    for value in others(inner, None):
        if value is not None and not isinstance(value, dict | list):
            yield value


def queries(contract: Contract, exchange: Exchange) -> Variants:
    """Send each declared parameter with values near valid ones, and others that aren't declared."""
    call = exchange.call
    if call.address:
        return
    parameters = declared(call, "query")
    near = []
    for name, parameter in parameters.items():
        schema = schema_of(contract, parameter)
        value = sent(call.query, name)
        if value is None:
            value = next(valid_texts(schema), None)
        near.append(of_parameter(call, name, schema, plain(value)))
    yield from interleaved(*near)
    yield from several(contract, call, parameters)
    yield from unknown(call, parameters)


def together(contract: Contract, exchange: Exchange) -> Variants:
    """Send all parameters with values near valid ones at once, as bodies.together does."""
    call = exchange.call
    if call.address:
        return
    near = []
    for name, parameter in declared(call, "query").items():
        schema = schema_of(contract, parameter)
        value = plain(sent(call.query, name))
        value = next(valid_texts(schema), None) if value is None else value
        found = (miss.value for miss in text_misses(schema, value))
        near.append([(name, text) for text in found if isinstance(text, str) and len(text) < SHORT])
    for number, row in enumerate(zip_longest(*near), start=1):
        query = [each for each in row if each is not None]
        if len(query) == 1:
            return
        yield replace(call, query=query, why=f"each parameter is odd, in way {number}")


def of_parameter(call: Call, name: str, schema: Schema, value: Any) -> Iterator[Call]:
    """Yield calls in which one parameter has odd values."""
    found = text_misses(schema, value)
    yield from (
        replace(call, query=set_to(call.query, name, miss.value), why=f"?{name}: {miss.why}")
        for miss in interleaved(found, repeated(value))
        if isinstance(miss.value, str)
    )
    if value is not None:
        for other in (*others(schema, value), value):
            twice = set_to(call.query, name, value, other)
            yield replace(call, query=twice, why=f"?{name} twice")
            break
        yield replace(call, query=set_to(call.query, name, value, value), why=f"?{name} twice")
        yield replace(call, query=set_to(call.query, name, value, ""), why=f"?{name}, and empty")
        yield replace(call, query=set_to(call.query, f"{name}[]", value), why=f"?{name}[]")
        yield replace(call, query=set_to(call.query, name.swapcase(), value), why="another case")
    yield raw_query(call, f"{name}", f"?{name} without a value")
    yield raw_query(call, f"{name}=%00", f"?{name} is NUL")


def repeated(value: Any) -> Iterator[Miss]:
    """Yield texts of which a parser may make several."""
    if value is not None:
        for joint in (",", "&", ";"):
            yield Miss(f"{value}{joint}{value}", f"two values with {joint!r} between")


def raw_query(call: Call, text: str, why: str) -> Call:
    """Return a call with a query's text in front of its parameters, as it stands."""
    return replace(call, target=f"{call.target or call.operation.path}?{text}", why=why)


def several(
    contract: Contract, call: Call, parameters: Mapping[str, Mapping[str, Any]]
) -> Iterator[Call]:
    """Yield calls with several wrong parameters: servers say which, in some order."""
    wrong = []
    for name, parameter in parameters.items():
        first = next(text_misses(schema_of(contract, parameter), None), None)
        wrong.append((name, first.value if first else ""))
    if len(wrong) > 1:
        yield replace(call, query=wrong, why="each parameter is odd")
        yield replace(call, query=wrong[::-1], why="each parameter is odd, in another order")
        odd = [*wrong[::-1], ("x", "1"), *((name, "") for name in ESCAPED)]
        yield replace(call, query=odd, why="each parameter is odd, and some are unknown")
        yield replace(call, query=[(name, "") for name in parameters], why="all are empty")


def unknown(call: Call, parameters: Mapping[str, Any]) -> Iterator[Call]:
    """Yield calls with parameters that nobody declared."""
    for name in ("x", "page", "format", "", *ESCAPED):
        if name not in parameters:
            query = [*call.query, (name, "1")]
            yield replace(call, query=query, why=f"an unknown parameter {name!r}")
    for name in [*parameters][:1]:
        encoded = quote(name[0]).replace(name[0], f"%{ord(name[0]):02X}") + name[1:]
        value = plain(sent(call.query, name))
        text = f"{encoded}={quote(str('1' if value is None else value))}"
        yield raw_query(call, text, "a name that is encoded")
    yield raw_query(call, "&&", "a query of nothing")


def header_fields(contract: Contract, exchange: Exchange) -> Variants:
    """Send each declared header field with odd values, and fields that servers may heed."""
    call = exchange.call
    origins = [
        replace(call, fields=set_to(call.fields, "Origin", value), why=f"Origin: {value}")
        for origin in contract.origins
        for value in (f"{origin}.evil.example", origin, origin.upper(), f"{origin}:8443")
    ]
    yield from spread(origins, contract, among=4)
    near = []
    for name, parameter in declared(call, "header").items():
        if name.lower() in OWN_SOURCES:
            continue
        schema = schema_of(contract, parameter)
        value = sent(call.fields, name)
        if value is None:
            value = next(valid_texts(schema), None)
        near.append(of_field(call, name, schema, plain(value)))
    yield from interleaved(*near)
    yield from common_fields(contract, call)


def of_field(call: Call, name: str, schema: Schema, value: Any) -> Iterator[Call]:
    """Yield calls in which one header field has odd values."""
    for miss in text_misses(schema, value):
        if can_be_sent(miss.value):
            fields = set_to(call.fields, name, miss.value)
            yield replace(call, fields=fields, why=f"{name}: {miss.why}")
    other = next(others(schema, value), value)
    if value is not None:
        yield replace(call, fields=set_to(call.fields, name, value, other), why=f"{name} twice")
        yield replace(
            call, fields=set_to(call.fields, name, f"{value}, {value}"), why=f"{name} as a list"
        )
    if sent(call.fields, name) is not None:
        yield replace(call, fields=set_to(call.fields, name), why=f"without {name}")


def can_be_sent(value: Any) -> bool:
    """Tell whether a text can be a field's value (RFC 9110, section 5.5), and isn't too long."""
    longest = 6000  # octets, which most servers take
    return (
        isinstance(value, str)
        and len(value) < longest
        and all(
            letter == "\t" or " " <= letter <= "~" or "\x80" <= letter <= "\xff" for letter in value
        )
    )


def common_fields(contract: Contract, call: Call) -> Iterator[Call]:
    """Yield calls with fields that proxies and browsers send."""
    common = [
        replace(call, fields=set_to(call.fields, name, value), why=why)
        for name, value, why in COMMON
    ]
    yield from spread(common, contract, among=4, always=ALWAYS)
    if not call.operation.is_safe:
        for method in ("DELETE", "PUT", "GET"):
            if method != call.operation.method:
                fields = set_to(call.fields, "X-HTTP-Method-Override", method)
                yield replace(call, fields=fields, why="another method in a header field")
    bare = replace(call, method="OPTIONS", actor=None, body=None, media_type="")
    for method in (call.operation.method, "PATCH", "FROB"):
        for origin in ("https://app.example", "null"):
            asked = (
                ("Origin", origin),
                ("Access-Control-Request-Method", method),
                ("Access-Control-Request-Headers", "authorization, content-type, x-custom"),
            )
            yield replace(bare, fields=asked, why="a preflight (Fetch, section 3.3.6)")


ALWAYS = 4  # of what follows
COMMON = [
    ("X-Request-ID", "lookalike-1", "a request's name, which may be echoed"),
    ("Origin", "https://app.example", "from another origin (Fetch, section 3.2)"),
    ("X-Request-ID", "two words; <b>", "an odd name of a request"),
    ("X-Request-ID", "a" * 200, "a long name of a request"),
    ("X-Correlation-ID", "lookalike-1", "a request's name, which may be echoed"),
    ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a trace (W3C)"),
    ("Origin", "null", "from an opaque origin"),
    ("Origin", "https://app.example.evil.example", "from another origin"),
    ("X-Forwarded-For", "203.0.113.7", "as a proxy sends it"),
    ("X-Forwarded-Proto", "https", "as a proxy sends it"),
    ("X-Forwarded-Host", "evil.example", "as a proxy sends it"),
    ("X-Forwarded-Prefix", "/prefix", "as a proxy sends it"),
    (
        "Forwarded",
        "for=203.0.113.7;host=evil.example;proto=https",
        "as a proxy sends it (RFC 7239)",
    ),
    ("Host", "evil.example", "another host (RFC 9110, section 7.2)"),
    ("X-Requested-With", "XMLHttpRequest", "as scripts send it"),
    ("Cookie", "session=nonsense; csrftoken=nonsense", "cookies of nobody"),
    ("Prefer", "return=minimal", "a preference (RFC 7240)"),
    ("Expect", "nonsense", "an unknown expectation (RFC 9110, section 10.1.1)"),
    ("Cache-Control", "no-cache", "past all caches (RFC 9111, section 5.2.1.4)"),
    ("Cache-Control", "only-if-cached", "from caches only (RFC 9111, section 5.2.1.7)"),
    ("Upgrade", "h2c", "an upgrade (RFC 9110, section 7.8)"),
    ("X-Custom", "a" * 5000, "a long field"),
]
