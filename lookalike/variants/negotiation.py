"""Which representation is sent (RFC 9110, section 12)."""

from collections.abc import Sequence
from dataclasses import replace

from lookalike.calls import Call
from lookalike.client import Exchange
from lookalike.http import Answer
from lookalike.openapi import Contract
from lookalike.variants.parameters import set_to
from lookalike.variants.source import Variants, spread

SECTION = {
    "Accept": "RFC 9110, section 12.5.1",
    "Accept-Charset": "RFC 9110, section 12.5.2",
    "Accept-Encoding": "RFC 9110, section 12.5.3",
    "Accept-Language": "RFC 9110, section 12.5.4",
}


def negotiation(contract: Contract, exchange: Exchange) -> Variants:
    """Ask for the answer in the types that it has, in others, and with odd preferences."""
    call, answer = exchange.call, exchange.outcomes.old
    own = answer.media_type if isinstance(answer, Answer) and answer.media_type else ""
    responses = (call.operation.raw.get("responses") or {}).values()
    contents = [contract.resolved(response).get("content") or {} for response in responses]
    declared = [*dict.fromkeys(media_type for content in contents for media_type in content)]
    own = own or next(iter(declared), "application/json")
    accepting = [preferring(call, "Accept", value) for value in accepts(own, declared)]
    yield from spread(accepting, contract, among=2, always=len(declared) + 6)
    twice = set_to(call.fields, "Accept", "image/png", own)
    yield replace(call, fields=twice, why="Accept twice (RFC 9110, section 5.3)")
    others = [
        *(
            ("Accept-Encoding", value)
            for value in ("gzip", "identity;q=0", "*;q=0", "br;q=1, gzip")
        ),
        *(("Accept-Language", value) for value in ("de", "en-GB;q=0.8, *;q=0")),
        ("Accept-Charset", "iso-8859-1"),
    ]
    yield from spread([preferring(call, *each) for each in others], contract, among=2)


def accepts(own: str, declared: Sequence[str]) -> list[str]:
    """Return values of Accept, those first that are most likely to show something."""
    family = own.partition("/")[0]
    values = [
        *(other for other in declared if other != own),
        *(", ".join(each) for each in (declared, declared[::-1]) if len(declared) > 1),
        *("image/png", f"{own};q=0", f"{own};q=0, */*", f"text/html, {own};q=0.5", own.upper()),
        *(f"{family}/*", f"{own}, */*;q=0", f"text/html;q=0.9, {own};q=0.8, */*;q=0.1"),
        *(f"*/*;q=0.1, {own};q=0, {family}/*;q=0.5", f"{own}; charset=utf-8", f"{own};q=0.001"),
        *("application/problem+json", "text/*", "*/*, image/png", f"{own};version=2"),
        "application/xml;q=1, application/json;q=0.999",
    ]
    return [*dict.fromkeys(values)]


def preferring(call: Call, name: str, value: str) -> Call:
    """Return the call with a preference."""
    why = f"{name}: {value} ({SECTION[name]})"
    return replace(call, fields=set_to(call.fields, name, value), why=why)
