"""Requests that are hardly HTTP, or hardly addresses: most are a framework's to read or refuse.

They come last: where one of two servers does what the other refuses, they hold different things
afterwards.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lookalike.calls import Call, Raw, Text
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.variants.answers import in_field
from lookalike.variants.authentication import is_secured
from lookalike.variants.conditions import heeds_tags
from lookalike.variants.misses import interleaved
from lookalike.variants.parameters import declared, raw_query, set_to
from lookalike.variants.source import Variants, spread

TAGS = ("", "a", '"a', "'a'", '"a" "b"', 'w/"a"', "*, *", '*, "a"', "**", ',"a",')
ACCEPTS = ("", "nonsense", "json", "text/html;q=2", "*/*;q=abc", ",,", "/json", '*/*;a="')
HOSTS = ("", "local host", "localhost:http", "[::1", "a..b", "LOCALHOST:80")
CREDENTIALS = ("", "Bearer", "Bearer a b", "Bearer a,", "Bearer \xe9", "Bearer Bearer a")
QUERIES = ("x&y=%FF", "=", "?", "a;b", "%", "a=b%23c", "%zz=1")
BYTES = ("%FF", "%E2%82", "%", "%zz", "%ED%A0%80")  # no UTF-8, or no encoding


def ill_formed(contract: Contract, exchange: Exchange) -> Variants:
    """Send what breaks the grammar of header fields, addresses and queries."""
    call = exchange.call
    if call.address:
        return
    every = [*interleaved(fields(contract, exchange), paths(call), queries(call))]
    yield from spread(every, contract, among=2)


def fields(contract: Contract, exchange: Exchange) -> Iterator[Call]:
    """Yield calls with header fields that break their own grammar."""
    call, tag = exchange.call, in_field(exchange, "ETag")
    names: dict[str, list[Any]] = {"Accept": [*ACCEPTS], "Host": [*HOSTS]}
    if call.operation.method == "GET":
        names["If-None-Match"] = [*TAGS]
        if tag:
            twice = Text((tag, tag))
            names["If-None-Match"] += [Text((tag,), "slice 1:-1"), twice, Text(("W/W/", tag))]
    if heeds_tags(call):
        names["If-Match"] = [*TAGS]
    if call.body is not None:
        own = call.media_type or "application/json"
        names["Content-Type"] = [
            *(f"{own};", "json", "*/*", f"{own}, text/plain", f"{own} x", f"{own}/x", f" {own}"),
            *(f"{own}; charset=nonsense", f"{own}; charset", f"{own};;charset=utf-8"),
        ]
        names["Content-Encoding"] = ["", "identity, identity"]
    for name, values in names.items():
        for value in values:
            sent = replace(call, why=f"{name}: {value if isinstance(value, str) else 'odd'}")
            if name == "Content-Type":
                yield replace(sent, media_type=value)
            else:
                yield replace(sent, fields=set_to(call.fields, name, value))
    if is_secured(contract, call):
        for text in CREDENTIALS:
            odd = set_to(call.fields, "Authorization", text)
            yield replace(call, actor=None, fields=odd, why=f"Authorization: {text}")


def paths(call: Call) -> Iterator[Call]:
    """Yield calls of paths that are to be normalized (RFC 3986, section 6.2.2), or none at all."""
    path = call.operation.path
    odd = [
        (f"/{path}", "two slashes in front"),
        (path.replace("/", "//")[1:], "two slashes each"),
        (f"{path}//", "two slashes at the end"),
        (f"/.{path}", "a dot segment"),
        (f"/x/..{path}", "dot segments"),
        (f"{path};a=b", "a path parameter"),
    ]
    for target, why in odd:
        yield replace(call, target=target, why=f"{why} (RFC 3986, section 6.2.2)")
    for name in call.path:
        for text in (*BYTES, "..", "%2e%2e", "."):
            yield replace(call, path={**call.path, name: Raw((text,))}, why=f"{{{name}}}: {text}")


def queries(call: Call) -> Iterator[Call]:
    """Yield calls with queries that no form sends."""
    for text in QUERIES:
        yield raw_query(call, text, f"the query {text}")
    for name in [*declared(call, "query")][:2]:
        for text in BYTES:
            yield raw_query(call, f"{name}={text}", f"?{name}={text}")
