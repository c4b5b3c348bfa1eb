"""Paths near one that was found (RFC 3986, section 3.3)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from lookalike.calls import Call, Raw, Text
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.variants.misses import interleaved, plain
from lookalike.variants.source import Variants

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
NO_UUID = "00000000-0000-4000-8000-000000000000"
NIL = "00000000-0000-0000-0000-000000000000"
NO_INTEGER = 999_999_937
NO_IDS = ("null", "undefined", "nonsense", "*", "-", "\u00e9", "a" * 300, "a b", "' OR 1=1")


class Odd(NamedTuple):
    """A value of a path parameter, and what is special about it."""

    value: Any
    why: str


def nowhere(value: Any) -> Any:
    """Return an id of the form of another that names nothing."""
    text = str(plain(value))
    if UUID.fullmatch(text):
        return NO_UUID
    return NO_INTEGER if re.fullmatch(r"\d+", text) else "no-such-thing"


def paths(contract: Contract, exchange: Exchange) -> Variants:
    """Ask for ids that are nowhere, ids written otherwise, and paths that are almost right."""
    call = exchange.call
    if call.address:
        return
    odd = [near_id(call, name, value) for name, value in call.path.items()]
    yield from interleaved(*odd, near_path(call))


def near_id(call: Call, name: str, value: Any) -> Iterator[Call]:
    """Yield calls with ids near one."""
    for odd in interleaved([Odd(nowhere(value), "an id that is nowhere")], near_value(value)):
        yield replace(call, path={**call.path, name: odd.value}, why=f"{{{name}}}: {odd.why}")


def near_value(value: Any) -> Iterator[Odd]:
    """Yield what is near an id, made from each server's own."""
    text = str(plain(value))
    if text.lower() != text.upper():
        yield Odd(Text((value,), "upper" if text != text.upper() else "lower"), "another case")
    if re.fullmatch(r"\d+", text):
        yield Odd(Text(("0", value)), "a zero in front")
        yield Odd(Text((value, ".0")), "a fraction")
        yield Odd(Text(("+", value)), "a sign")
        yield Odd(Text(("-", value)), "a sign")
        for number in (0, 2**31, 2**63, 10**30):
            yield Odd(number, "a number at the end of a machine's range")
        yield Odd(Text((value,), "arabic"), "Arabic digits")
        yield Odd(Text((value, "e0")), "an exponent")
    else:
        yield Odd("1", "a number")
        # of a number, these may be the id of something else on one server alone
        yield Odd(Text((value,), "shortened"), "a character fewer")
        yield Odd(Text((value,), "flipped"), "another character")
    if UUID.fullmatch(text):
        yield Odd(Text((value,), "compact"), "a UUID without hyphens")
        yield Odd(Text(("{", value, "}")), "a UUID in braces")
        yield Odd(Text(("urn:uuid:", value)), "a UUID as a URN (RFC 9562, section 4)")
        yield Odd(NIL, "the nil UUID (RFC 9562, section 5.9)")
    yield Odd(Text((value, "x")), "a character more")
    yield Odd(Text((" ", value)), "a space in front")
    yield Odd(Text((value, " ")), "a space at the end")
    yield Odd(
        Raw((Text((value,), "encoded"),)), "each character encoded (RFC 3986, section 6.2.2.2)"
    )
    yield Odd(Raw((value, "%0A")), "a line feed at the end, which `$` allows")
    yield Odd(Raw((value, "%00")), "NUL at the end")
    yield Odd(Raw((value, "%2F")), "an encoded slash at the end")
    yield Odd(Raw((value, ".json")), "a suffix")
    yield Odd(Raw((value, ";a=b")), "a path parameter (RFC 3986, section 3.3)")
    for other in NO_IDS:
        yield Odd(other, "no id")
    yield Odd("", "an empty id")


def near_path(call: Call) -> Iterator[Call]:
    """Yield calls of paths near one."""
    path = call.operation.path
    odd = [
        (f"{path}/", "a slash at the end"),
        (f"{path}/nonsense", "a path below it"),
        (path.upper() if "{" not in path else re.sub(r"^/\w+", upper, path), "another case"),
        (f"{path}.json", "a suffix"),
        (f"{path}x", "a character more"),
        (re.sub(r"^/(\w)", first_encoded, path), "an encoded letter (RFC 3986, section 6.2.2.2)"),
        (f"{path}%20", "an encoded space at the end"),
        (f"{path}%00", "NUL at the end"),
        (f"{path}?", "an empty query"),
    ]
    for target, why in odd:
        if target != path:
            yield replace(call, target=target, why=why)


def upper(match: re.Match[str]) -> str:
    """Return what matched in upper case."""
    return match[0].upper()


def first_encoded(match: re.Match[str]) -> str:
    """Return what matched with its letter encoded."""
    return f"/%{ord(match[1]):02X}"
