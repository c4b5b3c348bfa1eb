"""Methods that a path declares, and those that it doesn't (RFC 9110, section 9)."""

from dataclasses import replace

from lookalike.client import Exchange
from lookalike.openapi import METHODS, Contract
from lookalike.variants.source import Variants


def methods(contract: Contract, exchange: Exchange) -> Variants:
    """Ask for the same path by other methods; those that are declared have calls of their own."""
    call = replace(exchange.call, body=None, media_type="")
    declared = {each.method for each in contract.operations if each.path == call.operation.path}
    if "GET" in declared and "HEAD" not in declared and call.operation.method == "GET":
        yield replace(call, method="HEAD", why="HEAD as GET (RFC 9110, section 9.3.2)")
    if call.operation.method != min(declared):
        return  # once for each path is enough
    yield replace(call, method="OPTIONS", why="OPTIONS (RFC 9110, section 9.3.7)")
    undeclared = "a method that isn't declared (RFC 9110, section 15.5.6)"
    others = {method.upper() for method in METHODS} - declared - {"HEAD", "OPTIONS", "TRACE"}
    for method in sorted(others):
        yield replace(call, method=method, why=undeclared)
    if "GET" not in declared:
        yield replace(call, method="HEAD", why=undeclared)
    yield replace(call, method="TRACE", why="TRACE (RFC 9110, section 9.3.8)")
    yield replace(call, method="PROPFIND", why="a method of another standard (RFC 4918)")
    yield replace(call, method="FROB", why="an unknown method (RFC 9110, section 15.6.2)")
    yield replace(call, method="get", why="a method in lower case (RFC 9110, section 9.1)")
    yield replace(call, actor=None, method="OPTIONS", why="OPTIONS without credentials")
    yield replace(call, actor=None, method="FROB", why="an unknown method without credentials")
