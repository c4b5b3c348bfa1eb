"""What would make a run worthless is found before it, and said on one line."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from lookalike.actors import Actor
from lookalike.calls import is_success
from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.locating import NOT_FOUND, TRIED, readable
from lookalike.login import LoginError
from lookalike.openapi import Contract, Operation
from lookalike.suggestion import suggest
from lookalike.targets import IMPORT_PATH, Target

UNAUTHORIZED = 401
Targets = Mapping[str, Target]  # by the names that users know: OLD, NEW, TWIN


class PreflightError(Exception):
    """A run would be worthless; the text says why, and what to do."""


class SharedDatabaseError(PreflightError):
    """Two servers have one database, so each request would be carried out there twice."""


def is_same(one: str, other: str) -> bool:
    """Tell whether two addresses are of one server, by whatever name or default port."""
    if IMPORT_PATH.fullmatch(one) or IMPORT_PATH.fullmatch(other):
        return one == other
    one, other = (each if "://" in each else f"http://{each}" for each in (one, other))
    ours, theirs = urlsplit(one), urlsplit(other)
    if address(one)[1] != address(other)[1] or ours.path.rstrip("/") != theirs.path.rstrip("/"):
        return False
    return ours.hostname == theirs.hostname or bool(address(one)[0] & address(other)[0])


def address(url: str) -> tuple[frozenset[str], int]:
    """Return the IP addresses and the port of a base URL."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname or "", port, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset(), port
    return frozenset(str(each[4][0]) for each in found), port


def reach(name: str, target: Target) -> None:
    """Ask a server for anything at all."""
    outcome = target.send(Request("GET", "/", (("Accept", "*/*"),)))
    if isinstance(outcome, NoAnswer):
        raise PreflightError(f"{name} {target.base_url} gives no answer: {reason(outcome)}")
    location = outcome.header("location") or ""
    there, here = urlsplit(location), urlsplit(target.base_url)
    if there.scheme == "https" and here.scheme == "http" and there.hostname == here.hostname:
        raise PreflightError(
            f"{name} {target.base_url} redirects to https; give it as https://{there.netloc}"
        )


def reason(outcome: NoAnswer) -> str:
    """Say what to do about a server that doesn't answer."""
    detail = f"{outcome.why} ({outcome.detail})" if outcome.detail else outcome.why
    if "CERTIFICATE_VERIFY_FAILED" in outcome.detail:
        return f"{detail}; name its authority with --ca FILE, or use --insecure"
    if outcome.why in {"not HTTP", "closed"} or "SSL" in outcome.detail:
        return f"{detail}; is it http or https?"
    if outcome.why == "refused":
        return f"{detail}; is it running there?"
    return detail


def sign_in(
    targets: Targets, actors: Sequence[Actor], contract: Contract, *, may_write: bool
) -> None:
    """Sign each actor in on each server, and see that the credentials are taken."""
    asked = [
        (operation, request)
        for operation, request in readable(contract)
        if contract.is_secured(operation)
    ]
    for actor in actors:
        if actor.recipe.register is not None and not may_write:
            raise PreflightError(
                f"the actor {actor.name!r} registers, and nothing may be written: name an account"
                " in its recipe, or allow the host with --write-to HOST"
            )
        told: list[str] = []
        for name, target in targets.items():
            try:
                told.append(actor.sign_in(target))
            except LoginError as error:
                raise PreflightError(f"{actor.name!r} can't sign in on {name}: {error}") from None
            if told[-1] and not told[0] and actor.recipe.is_fresh:
                raise SharedDatabaseError(
                    f"a user whom OLD has just registered is known on {name}: they use one"
                    " database; start each with its own"
                )
            refused = [*refusals(asked[:TRIED], target, actor)]
            if asked and len(refused) == len(asked[:TRIED]):
                raise PreflightError(
                    f"{name} doesn't take the credentials of {actor.name!r}: {refused[0]} is"
                    f" answered 401 with them; look at its recipe"
                )


def refusals(
    asked: Sequence[tuple[Operation, Request]], target: Target, actor: Actor
) -> Iterator[str]:
    """Yield the operations that are answered 401, until one isn't."""
    for operation, request in asked:
        outcome = target.send(target.spelled(actor.signed(request, target)))
        if not isinstance(outcome, Answer) or outcome.status != UNAUTHORIZED:
            return
        yield operation.name


def succeed(
    targets: Targets,
    actors: Sequence[Actor],
    contract: Contract,
    note: Callable[[str], None],
    *,
    may_write: bool,
) -> None:
    """See that at least one operation of the file succeeds on each server."""
    asked = readable(contract)[:TRIED]
    if not asked:
        note("No GET of the file can be tried beforehand: whether requests succeed is seen later.")
    is_open = ""  # a server that asks for no credentials
    for name, target in targets.items():
        answers: dict[str, Outcome] = {}
        for operation, request in asked:
            for actor in (*actors, None):
                signed = actor.signed(request, target) if actor else request
                answers[operation.name] = target.send(target.spelled(signed))
                if is_success(answers[operation.name]):
                    is_open = is_open or ("" if actor else name)
                    break
            if is_success(answers[operation.name]):
                break
        else:
            if asked:
                said = nothing_succeeds(name, target, answers)
                statuses = {each.status for each in answers.values() if isinstance(each, Answer)}
                if UNAUTHORIZED in statuses and not actors:
                    than = f", where {is_open} asks for none" if is_open else ""
                    said = f"{said}{than}; {hint(contract, may_write=may_write)}"
                raise PreflightError(said)


def nothing_succeeds(name: str, target: Target, answers: Mapping[str, Outcome]) -> str:
    """Say that nothing succeeds on a server, and why that is most likely."""
    told = [f"{operation} {word(outcome)}" for operation, outcome in answers.items()]
    more = f" and {len(told) - 4} more" if len(told) > 4 else ""  # noqa: PLR2004 - a line's length
    text = f"nothing succeeds on {name} {target.base_url}: {', '.join(told[:4])}{more}"
    if {each.status for each in answers.values() if isinstance(each, Answer)} == {NOT_FOUND}:
        path = urlsplit(target.base_url).path
        asked = f"is {path} the right" if path else "is there a"
        return f"{text}; {asked} base path, such as {target.base_url.removesuffix(path)}/api?"
    return text


def word(outcome: Outcome) -> str:
    """Say in a word what came."""
    return str(outcome.status) if isinstance(outcome, Answer) else outcome.why


def hint(contract: Contract, *, may_write: bool) -> str:
    """Say which lines give requests their credentials."""
    lines = suggest(contract, may_register=may_write)
    if not lines:
        return "credentials are needed: see --header, and [actors] in lookalike.toml"
    return "it needs credentials. By the file, these lines in lookalike.toml should do:\n\n" + lines
