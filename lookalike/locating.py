"""Where on a server the API is: below which path, and whether its paths end with a slash."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from lookalike.calls import Call, Resolver, as_text
from lookalike.endings import Ending, toggled
from lookalike.http import Answer, Outcome, Request
from lookalike.openapi import Contract, Operation
from lookalike.samples import path_of
from lookalike.targets import Target, Wrapper

TRIED = 12  # operations, before it is said that none succeeds
GUESSED = 3  # of them, below a path that nobody has named
SPELLED = 100  # paths that are asked for once one is known to end otherwise
ANYTHING = (("Accept", "*/*"),)
NOT_FOUND = 404
REDIRECTIONS = frozenset({301, 302, 303, 307, 308})  # RFC 9110, section 15.4
# Below which paths APIs mostly are, where neither the address nor the file says it.
USUAL = ("/api", "/api/v1", "/v1", "/api/v2", "/v2", "/rest")


def readable(contract: Contract) -> list[tuple[Operation, Request]]:
    """Return the GET requests of the file that need nothing which isn't known yet."""
    found = [(each, request_of(contract, each)) for each in contract.operations]
    return [(operation, request) for operation, request in found if request is not None]


def request_of(contract: Contract, operation: Operation) -> Request | None:
    """Build a GET request with the file's own values for what is required, if it has them."""
    if operation.method != "GET" or operation.path_parameters:
        return None
    query: list[tuple[str, str]] = []
    for parameter in operation.parameters:
        if not parameter.get("required"):
            continue
        schema = contract.resolved(parameter.get("schema")) or {}
        choices = schema.get("enum") or schema.get("examples") or [None]
        values = (
            parameter.get("example"),
            schema.get("example"),
            schema.get("default"),
            choices[0],
        )
        value = next((each for each in values if each is not None), None)
        if value is None or parameter["in"] != "query" or isinstance(value, dict | list):
            return None
        query.append((str(parameter["name"]), as_text(value)))
    target = f"{operation.path}?{urlencode(query)}" if query else operation.path
    return Request("GET", target, ANYTHING)


class BelowPath(Wrapper):
    """A server whose API is below a path that its address doesn't have."""

    def __init__(self, target: Target, path: str) -> None:
        super().__init__(target)
        self.base_url = target.base_url + path
        self._path = path

    def send(self, request: Request) -> Outcome:
        """Send a request below the path."""
        return super().send(replace(request, target=self._path + request.target))


def below(target: Target, path: str, contract: Contract) -> tuple[Target, bool]:
    """Return the server below the path that its API is at, and whether that had to be guessed.

    It is at its address, if this has a path, or else below the file's base path, unless nothing is
    there.
    """
    likely = [target]
    if path and not urlsplit(target.base_url).path:
        likely.insert(0, BelowPath(target, path))
    asked = [request for _, request in readable(contract)]
    for there in likely:
        if any(is_found(there, request) for request in asked[:TRIED]):
            return there, False
    for there in (BelowPath(target, usual) for usual in USUAL):
        if any(is_found(there, request) for request in asked[:GUESSED]):
            return there, True
    return likely[0], False


def is_found(target: Target, request: Request) -> bool:
    """Tell whether a server has anything at a path, with a slash at its end or without."""
    for each in (request, replace(request, target=toggled(request.target))):
        outcome = target.send(each)
        if isinstance(outcome, Answer) and outcome.status != NOT_FOUND:
            return True
    return False


def ending(target: Target, contract: Contract) -> tuple[Ending | None, str]:
    """Find out whether a server's paths end otherwise than the file's; say by what that was seen.

    All paths of the file are looked at once one does: some may be routed by hand.
    """
    every = dict(requests(contract))
    declared = {operation.path: request for operation, request in readable(contract)}
    first = dict([*(declared or every).items()][:TRIED])
    seen = {path: spelling(target, request) for path, request in first.items()}
    path = next((path for path, found in seen.items() if found.is_other), None)
    if path is None:
        return None, ""
    for each, request in [*every.items()][:SPELLED]:
        if each not in seen:
            seen[each] = spelling(target, request)
    as_written = [each for each, found in seen.items() if found.is_there and not found.is_other]
    has_slash = not path.endswith("/")
    return Ending.of(has_slash=has_slash, as_written=as_written), seen[path].answer


def requests(contract: Contract) -> Iterator[tuple[str, Request]]:
    """Yield each path of the file with a GET, which is safe even where it isn't declared."""
    for operation in contract.operations:
        call = Call(operation, path_of(contract, operation))
        yield operation.path, Request("GET", call.request(Resolver({})).target, ANYTHING)


class Spelling(NamedTuple):
    """Whether a server has a path, and whether only with another ending than the file's."""

    is_there: bool
    is_other: bool = False
    answer: str = ""  # to the file's, where it has the other one


def spelling(target: Target, request: Request) -> Spelling:
    """Ask for a path as the file has it, and with the other ending where that isn't there."""
    outcome = target.send(request)
    if not isinstance(outcome, Answer):
        return Spelling(is_there=False)
    here, there = (each.partition("?")[0] for each in (request.target, toggled(request.target)))
    if outcome.status in REDIRECTIONS:
        location = urljoin(target.base_url + here, outcome.header("location") or "")
        is_other = urlsplit(location).path == urlsplit(target.base_url + there).path != here
        answer = f"{here} with a redirection to {there} ({outcome.status})"
        return Spelling(is_other, is_other, answer)
    if outcome.status != NOT_FOUND:
        return Spelling(is_there=True)
    again = target.send(replace(request, target=toggled(request.target)))
    is_other = isinstance(again, Answer) and again.status not in {NOT_FOUND, *REDIRECTIONS}
    return Spelling(is_other, is_other, f"{here} with 404, and has {there}")
