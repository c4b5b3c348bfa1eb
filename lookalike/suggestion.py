"""A login recipe for `lookalike.toml`, as far as the OpenAPI file shows how its users sign in."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lookalike.form_data import URLENCODED
from lookalike.openapi import Contract, Operation

USER = re.compile(r"user(_?name)?|login|e-?mail|account|identifier", re.IGNORECASE)
PASSWORD = re.compile(r"passw(or)?d|passphrase", re.IGNORECASE)
TOKEN = re.compile(r"((access|auth|id|session|bearer|api)[-_]?)?(token|key|jwt)", re.IGNORECASE)
LOGIN = re.compile(r"log-?in|sign-?in|token|session|auth", re.IGNORECASE)
REGISTER = re.compile(r"register|sign-?up|users?$|accounts?$", re.IGNORECASE)
DEPTH = 3  # how deep a token may be in an answer: {"data": {"user": {"token": …}}}


def suggest(contract: Contract, *, may_register: bool = True) -> str:
    """Return the lines of an actor, with `$NAME` for what only the reader knows; or nothing."""
    lines = (
        logging_in(contract, may_register=may_register)
        or (signing_up(contract) if may_register else [])
        or schemes(contract)
    )
    return "\n".join(["[actors.me]", *lines]) if lines else ""


def logging_in(contract: Contract, *, may_register: bool) -> list[str]:
    """Return a recipe that takes an operation of the file, if one looks like a login."""
    logins = [each for each in contract.operations if body_of(contract, each, PASSWORD)]
    logins = [each for each in logins if LOGIN.search(each.path) and not each.path_parameters]
    for login in sorted(logins, key=contract.is_secured):
        media_type, members = body_of(contract, login, PASSWORD)
        user = next((name for name in members if USER.fullmatch(name)), None)
        token = next(tokens(contract, login), None)
        if user is None or (token is None and media_type != URLENCODED):
            continue
        password = next(name for name in members if PASSWORD.fullmatch(name))
        kind = "form" if media_type == URLENCODED else "json"
        registration = registering(contract, user, password) if may_register else None
        credentials = {user: "$API_USER", password: "$API_PASSWORD"}
        lines = []
        if registration is not None:
            fresh = members_of_fresh(contract, registration, user, password)
            credentials = {user: fresh[user], password: fresh[password]}
            lines.append(step("register", registration, "json", fresh))
        lines.append(step("login", login, kind, credentials))
        if token is not None:
            lines.append(f'token = "{token}"')
            if not bearer(contract):
                lines += [f"headers = {inline(headers)}" for headers in custom(contract)]
        return lines
    return []


def signing_up(contract: Contract) -> list[str]:
    """Return a recipe by which anybody registers, and sends Basic credentials from then on."""
    kinds = [str(scheme.get("scheme", "")).lower() for scheme in scheme_list(contract)]
    if "basic" not in kinds:
        return []
    for operation in contract.operations:
        _, members = body_of(contract, operation, PASSWORD)
        user = next((name for name in members if USER.fullmatch(name)), "")
        password = next((name for name in members if PASSWORD.fullmatch(name)), "")
        if user and registering(contract, user, password) == operation:
            fresh = members_of_fresh(contract, operation, user, password)
            basic = json.dumps([fresh[user], fresh[password]], ensure_ascii=False)
            return [step("register", operation, "json", fresh), f"basic = {basic}"]
    return []


def body_of(
    contract: Contract, operation: Operation, name: re.Pattern[str]
) -> tuple[str, Mapping[str, Any]]:
    """Return the media type and members of a request's body that has one of a name, or nothing."""
    body = contract.resolved(operation.raw.get("requestBody"))
    content = body.get("content") if isinstance(body, dict) else None
    if operation.method == "POST" and isinstance(content, dict):
        for media_type, each in content.items():
            members = properties(contract, (each or {}).get("schema"))
            if any(name.fullmatch(member) for member in members):
                return media_type.partition(";")[0].strip().lower(), members
    return "", {}


def properties(contract: Contract, schema: Any) -> dict[str, Any]:
    """Return an object's properties, those of the schemas it is made of included."""
    schema = contract.resolved(schema)
    if not isinstance(schema, dict):
        return {}
    found: dict[str, Any] = {}
    for part in schema.get("allOf") or []:
        found |= properties(contract, part)
    own = schema.get("properties")
    return found | (own if isinstance(own, dict) else {})


def tokens(contract: Contract, operation: Operation) -> Iterator[str]:
    """Yield JSON Pointers to texts in a success's answer that are named as tokens are."""
    responses = operation.raw.get("responses")
    for status, given in (responses if isinstance(responses, dict) else {}).items():
        if not str(status).startswith("2"):
            continue
        response = contract.resolved(given)
        for each in (response.get("content") or {}).values():
            yield from pointers(contract, (each or {}).get("schema"), DEPTH)


def pointers(contract: Contract, schema: Any, depth: int) -> Iterator[str]:
    """Yield JSON Pointers to a schema's texts that are named as tokens are, the highest first."""
    members = properties(contract, schema)
    for name, inner in members.items():
        kind = contract.resolved(inner)
        if (
            TOKEN.fullmatch(name)
            and isinstance(kind, dict)
            and kind.get("type") in ("string", None)
        ):
            yield f"/{name}"
    if depth > 1:
        for name, inner in members.items():
            yield from (f"/{name}{rest}" for rest in pointers(contract, inner, depth - 1))


def registering(contract: Contract, user: str, password: str) -> Operation | None:
    """Return the operation by which anybody can become a user, if the file has one."""
    for operation in contract.operations:
        media_type, members = body_of(contract, operation, PASSWORD)
        if (
            media_type == "application/json"
            and {user, password} <= members.keys()
            and REGISTER.search(operation.path)
            and not operation.path_parameters
            and not contract.is_secured(operation)
        ):
            return operation
    return None


def members_of_fresh(
    contract: Contract, operation: Operation, user: str, password: str
) -> dict[str, Any]:
    """Return the members that a registration needs, with texts that are new each time."""
    _, members = body_of(contract, operation, PASSWORD)
    body = contract.resolved(operation.raw.get("requestBody"))
    schema = contract.resolved(body["content"]["application/json"].get("schema"))
    required = schema.get("required") if isinstance(schema, dict) else None
    found: dict[str, Any] = {}
    for name in [user, *(required if isinstance(required, list) else []), password]:
        kind = contract.resolved(members.get(name)) or {}
        if PASSWORD.fullmatch(name):
            found[name] = "correct horse 7 Battery"
        elif kind.get("format") == "email" or re.search("mail", name, re.IGNORECASE):
            found[name] = "user{fresh}@example.com"
        elif USER.fullmatch(name):
            found[name] = "user{fresh}"
        else:
            value = kind.get("example", kind.get("default"))
            found[name] = value if isinstance(value, str | int | float) else "…"
    return found


def step(name: str, operation: Operation, kind: str, members: Mapping[str, Any]) -> str:
    """Write a step of a recipe on one line of TOML."""
    return f'{name} = {{ request = "{operation.name}", {kind} = {inline(members)} }}'


def inline(members: Mapping[str, Any]) -> str:
    """Write an inline table of TOML; scalars are written there as in JSON."""
    pairs = (
        f"{name if re.fullmatch(r'[A-Za-z0-9_-]+', name) else json.dumps(name)} = "
        + json.dumps(value, ensure_ascii=False)
        for name, value in members.items()
    )
    return f"{{ {', '.join(pairs)} }}"


def scheme_list(contract: Contract) -> Sequence[Mapping[str, Any]]:
    """Return the file's security schemes (OpenAPI, Security Scheme Object)."""
    components = contract.raw.get("components")
    given = components.get("securitySchemes") if isinstance(components, dict) else None
    resolved = [contract.resolved(each) for each in (given or {}).values()]
    return [each for each in resolved if isinstance(each, dict)]


def bearer(contract: Contract) -> bool:
    """Tell whether tokens go where most do: that needs no line."""
    found = scheme_list(contract)
    return not found or any(
        str(each.get("scheme", "")).lower() == "bearer"
        or each.get("type") in ("oauth2", "openIdConnect")
        for each in found
    )


def custom(contract: Contract) -> list[dict[str, str]]:
    """Return header fields that a token goes into, by the first API key of the file."""
    names = [each.get("name") for each in scheme_list(contract) if each.get("in") == "header"]
    scheme = "Token " if names[:1] == ["Authorization"] else ""
    return [{str(name): f"{scheme}{{token}}"} for name in names[:1]]


def schemes(contract: Contract) -> list[str]:
    """Return a recipe by the file's first security scheme that can be had without a login."""
    for scheme in scheme_list(contract):
        kind, name = scheme.get("type"), str(scheme.get("name"))
        if kind == "http" and str(scheme.get("scheme")).lower() == "basic":
            return ['basic = ["$API_USER", "$API_PASSWORD"]']
        match kind, scheme.get("in"):
            case "apiKey", "header":
                headers = {name: "$API_KEY"}
            case "apiKey", "cookie":
                headers = {"Cookie": f"{name}=$API_COOKIE"}
            case (("http" | "oauth2" | "openIdConnect"), _):
                headers = {"Authorization": "Bearer $API_TOKEN"}
            case _:
                continue
        return [f"headers = {inline(headers)}"]
    return []
