"""Users who sign up and sign in by the API's own operations, for what ends sessions and accounts.

Nobody's account that was there before is touched by it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lookalike.actors import Actor
from lookalike.calls import Call, Own, Text, at, is_success, made_in
from lookalike.client import Exchange
from lookalike.comparison import escaped
from lookalike.form_data import URLENCODED
from lookalike.http import Answer
from lookalike.openapi import Contract
from lookalike.pools import made_at, plain

TOKENS = ("token", "accesstoken", "authtoken", "sessiontoken", "idtoken", "jwt", "key")
FORMER = ("current", "old", "existing", "former", "previous")


def login_of(contract: Contract, actor: Actor) -> Call | None:
    """Return an ordinary call that logs an actor in once more, if the file has the recipe's."""
    login = actor.recipe.login
    body = login and (login.json or login.form)
    if login is None or not isinstance(body, Mapping) or not login.needs <= {"fresh"}:
        return None
    method, _, target = login.request.partition(" ")
    operation = contract.find(method, login.path)
    if operation is None or operation.path != target:
        return None
    return Call(
        operation,
        fields=[*login.headers.items()],
        body=owned(body, actor, ""),
        media_type="application/json" if login.json else URLENCODED,
        form="" if login.json else URLENCODED,
        actor=actor.name,
        why="the login once more",
    )


def owned(value: Any, actor: Actor, pointer: str) -> Any:
    """Return a part of a login's body in which each text is the actor's in each story."""
    if isinstance(value, Mapping):
        return {
            name: owned(inner, actor, f"{pointer}/{escaped(name)}") for name, inner in value.items()
        }
    if isinstance(value, list):
        return [owned(inner, actor, f"{pointer}/{index}") for index, inner in enumerate(value)]
    return Own(actor.name, pointer, actor.own(pointer) or "") if isinstance(value, str) else value


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


def is_as_user(call: Call) -> bool:
    """Tell whether a call is sent in the name of a user who is none of the actors."""
    return call.actor is None and any(
        isinstance(value, Text) and [*made_in(value)] for _, value in call.fields
    )


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
