"""Users who sign up and sign in by the API's own operations, for what ends sessions and accounts.

Nobody's account that was there before is touched by it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lookalike.calls import Call, Text, at, is_success
from lookalike.client import Exchange
from lookalike.comparison import escaped
from lookalike.http import Answer
from lookalike.openapi import Contract
from lookalike.pools import made_at, plain

TOKENS = ("token", "accesstoken", "authtoken", "sessiontoken", "idtoken", "jwt", "key")
FORMER = ("current", "old", "existing", "former", "previous")


def password_of(body: Any) -> str | None:
    """Return the name of a body's password, if it has exactly one."""
    names = [name for name in body if "password" in plain(name)] if isinstance(body, dict) else []
    return names[0] if len(names) == 1 else None


def signs_up(exchange: Exchange, unique: Iterable[str]) -> bool:
    """Tell whether an accepted call has registered a user: by a unique name, and a password."""
    call = exchange.call
    return (
        call.operation.method == "POST"
        and password_of(call.body) is not None
        and any(name in call.body for name in unique)
    )


def credentials(contract: Contract, exchange: Exchange) -> tuple[str, Text] | None:
    """Return the header field by which whoever has just signed in is known, if they are."""
    answer = exchange.outcomes.old
    is_signing_in = exchange.call.operation.method == "POST" and password_of(exchange.call.body)
    if not is_signing_in or not all(map(is_success, exchange.outcomes)):
        return None
    if not isinstance(answer, Answer):
        return None
    for name in members(answer):
        if plain(name) in TOKENS:
            made = made_at(exchange, "body", f"/{escaped(name)}", "")
            value = at(answer, made)
            if isinstance(value, str) and value:
                field, prefix = scheme(contract)
                return field, Text((prefix, made._replace(value=value)))
    return None


def members(answer: Answer) -> list[str]:
    """Return the names of an answer's members."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return []
    return [*value] if isinstance(value, dict) else []


def scheme(contract: Contract) -> tuple[str, str]:
    """Return the header field of a token, and what stands before it there (RFC 6750)."""
    components = contract.resolved(contract.raw.get("components")) or {}
    for given in (components.get("securitySchemes") or {}).values():
        found = contract.resolved(given)
        if found.get("type") == "apiKey" and found.get("in") == "header":
            return str(found["name"]), ""
    return "Authorization", "Bearer "


def signing_in(call: Call, registered: Call) -> Call:
    """Return a call that signs in whom another call has registered."""
    known = registered.body
    body = {name: known.get(name, value) for name, value in call.body.items()}
    if (password := password_of(known)) and (asked := password_of(call.body)):
        body[asked] = known[password]
    return replace(call, body=body, actor=None)


def as_user(call: Call, registered: Call, field: tuple[str, Text]) -> Call:
    """Return a call in the name of a user who has signed in, with their password if it asks."""
    body = call.body
    password = password_of(registered.body)
    if isinstance(body, Mapping) and password:
        body = {
            name: registered.body[password] if is_former(name) else value
            for name, value in body.items()
        }
    fields = [pair for pair in call.fields if pair[0].lower() != field[0].lower()]
    return replace(call, body=body, fields=[*fields, field], actor=None)


def changed_password(call: Call, registered: Call) -> Call | None:
    """Return the registration as it would be with the password that a call changes it to."""
    password = password_of(registered.body)
    given = call.body if isinstance(call.body, Mapping) else {}
    for name, value in given.items():
        if password and "password" in plain(name) and not is_former(name):
            return replace(registered, body={**registered.body, password: value})
    return None


def is_former(name: str) -> bool:
    """Tell whether a member holds the password that a user has until now."""
    return "password" in plain(name) and any(word in plain(name) for word in FORMER)
