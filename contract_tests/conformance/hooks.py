"""Logins and further checks for Schemathesis; loaded by schemathesis.toml.

Most operations are tested as the demo data's users, since the examples are theirs. Operations that
end their own token or account get a new user each time.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import uuid4
from zlib import crc32

import schemathesis

from contract_tests.client import Request, send
from contract_tests.generation import extend

Case = schemathesis.Case[Any]

# The password of new users, and the current password in the example of `changePassword`.
PASSWORD = "correct horse battery staple"
ENDING = {"deleteCurrentUser", "deleteCurrentToken", "changePassword"}

# Tokens that the tests themselves have made, by id: revoking one is its owner's business.
tokens: dict[str, str] = {}


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Generate what clients don't send, as well."""
    extend(raw_schema)


@schemathesis.auth(refresh_interval=None)  # what is kept is decided here, by operation
class Cast:
    """Logs in whoever may do what the operation does."""

    def get(self, case: Case, context: schemathesis.AuthContext) -> str:
        operation = case.operation.definition.raw
        base_url = case.operation.base_url or ""
        tags = operation["tags"]
        if (token_id := (case.path_parameters or {}).get("token_id")) in tokens:
            return tokens[token_id]
        if operation["operationId"] in ENDING:
            return new_user_token(base_url)
        if "tokens" in tags:  # which may be revoked by a later step
            return log_in(base_url, "bob", "bob-demo-password")
        if "users" in tags:
            return kept_new_user_token(base_url)
        return demo_token(base_url, "sam" if {"products", "stock"} & {*tags} else "alice")

    def set(self, case: Case, token: str, context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def after_call(
    context: schemathesis.HookContext, case: Case, response: schemathesis.Response
) -> None:
    """Keep account of the tokens that tests make and revoke."""
    match case.operation.definition.raw["operationId"], response.status_code:
        case "createToken", HTTPStatus.CREATED:
            token = response.json()
            tokens[token["id"]] = token["token"]
        case "deleteToken", HTTPStatus.NO_CONTENT:
            tokens.pop(case.path_parameters["token_id"], None)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Make the well-formed values right that nobody guesses, so that what is around them is tested.

    A key is for one request only, a cursor and an entity tag are the server's to give, names must
    be new, a reference must lead somewhere. About every eighth value stays as it was generated.
    """
    headers: Any = case.headers or {}
    drop_further_headers(headers, is_negative=is_negative(case))
    if KEY.fullmatch(headers.get("Idempotency-Key", "")):
        headers["Idempotency-Key"] = str(uuid4())
    tags = headers.get("If-Match", "")
    if TAGS.fullmatch(tags) and is_chosen(tags):
        headers["If-Match"] = "*"
    cursor = (case.query or {}).get("cursor")
    if isinstance(cursor, str) and CURSOR.fullmatch(cursor) and is_chosen(cursor):
        del case.query["cursor"]
    if not isinstance(case.body, dict) or case.path == "/api/tokens":  # where names must be known
        return
    todos = case.body.get("todos")
    for body in [case.body, *(todos if isinstance(todos, list) else [])]:
        if isinstance(body, dict):
            improve(body, case.operation.base_url or "")


def drop_further_headers(headers: Any, *, is_negative: bool) -> None:
    """Drop header fields of any value whose names mean something.

    Hypothesis draws the names of further ones from the strings in this code, too.
    """
    for name in FRAMING:
        headers.pop(name, None)
    for name, pattern in DECLARED.items():
        if not is_negative and not pattern.fullmatch(headers.get(name, "*")):
            del headers[name]


def is_negative(case: Case) -> bool:
    """Tell whether a request is meant to break the contract, as far as is known."""
    return case.meta is None or case.meta.generation.mode.is_negative


def improve(body: dict[str, Any], base_url: str) -> None:
    """Put right values in place of well-formed ones."""
    for name, (pattern, make) in RIGHT.items():
        given = body.get(name)
        if isinstance(given, str) and pattern.fullmatch(given) and is_chosen(given):
            body[name] = make(base_url)


def is_chosen(given: str) -> bool:
    """Choose seven of eight values, the same ones in each run."""
    return crc32(given.encode()) % 8 > 0


def some_product(base_url: str) -> str:
    """Return the id of a product that exists."""
    page = send(base_url, Request("GET", "/api/products?limit=1")).json
    return str(page["items"][0]["id"])


KEY = re.compile(r"[!-~]{1,255}")
# The connection's own header fields, which are drawn once in a while: gunicorn answers what is
# wrong there before it is a request (docs/decisions/server.md), and the raw_http layer looks at it.
FRAMING = ("Content-Length", "Transfer-Encoding", "Expect")
CURSOR = re.compile(r"[A-Za-z0-9_-]+")
TAGS = re.compile(r'\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*')
DECLARED = {"Idempotency-Key": KEY, "If-Match": TAGS, "If-None-Match": TAGS}
RIGHT: dict[str, tuple[re.Pattern[str], Callable[[str], str]]] = {
    "product_id": (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), some_product),
    "current_password": (re.compile(r"[^\0]{1,128}", re.DOTALL), lambda _: PASSWORD),
    # Of the example, or captured from an answer: somebody has them by then.
    "username": (re.compile(r"carol|st_[0-9a-f]{20}"), lambda _: f"st_{uuid4().hex[:20]}"),
    "email": (
        re.compile(r"(carol|st_[0-9a-f]{20})\b.*@.*"),
        lambda _: f"st_{uuid4().hex[:20]}@example.com",
    ),
    "sku": (re.compile(r"MUG-.*"), lambda _: f"MUG-{uuid4().hex[:20].upper()}"),
}


@schemathesis.check
def refused_for_what_a_schema_cannot_say(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """Hold the refusal of a well-formed request to depend on the data, and to say so."""
    if (
        is_negative(case)
        or response.status_code < HTTPStatus.BAD_REQUEST
        or response.headers.get("content-type") != ["application/problem+json"]
    ):
        return
    problem = response.json()
    name = problem["type"].rpartition("/")[2]
    reasons = {(name, error["code"]) for error in problem.get("errors", [{"code": None}])}
    excused = {
        ("invalid-parameters", "invalid_cursor"),
        ("invalid-credentials", None),
        ("too-many-requests", None),
        ("not-found", None),
        ("already-exists", "taken"),
        ("insufficient-stock", "insufficient_stock"),
        ("precondition-failed", None),
        ("idempotency-key-reused", "key_reused"),
        ("invalid-body", "not_found"),
        ("invalid-body", "incorrect_password"),
    }
    assert reasons <= excused, f"refused, though well-formed: {json.dumps(problem)}"


@cache
def demo_token(base_url: str, username: str) -> str:
    """Log in one of the demo data's people, once."""
    return log_in(base_url, username, f"{username}-demo-password")


@cache
def kept_new_user_token(base_url: str) -> str:
    """Register a user for the operations on one's account that leave it in place."""
    return new_user_token(base_url)


def new_user_token(base_url: str) -> str:
    """Register a user whom a test may use up."""
    username = f"st_{uuid4().hex[:20]}"
    post(
        base_url,
        "/api/users",
        {"username": username, "email": f"{username}@example.com", "password": PASSWORD},
    )
    return log_in(base_url, username, PASSWORD)


def log_in(base_url: str, username: str, password: str) -> str:
    """Return a new token."""
    token = post(base_url, "/api/tokens", {"username": username, "password": password})
    tokens[token["id"]] = token["token"]
    return tokens[token["id"]]


def post(base_url: str, target: str, body: Any) -> Any:
    """Create something that a test needs."""
    answer = send(base_url, Request.with_json("POST", target, body))
    if answer.status != HTTPStatus.CREATED:
        raise RuntimeError(f"POST {target} of {body}: {answer}")
    return answer.json
