"""Expected responses, by the contract, and the bodies that most tests send."""

import json
import re
from typing import Any
from uuid import uuid4

from contract_tests.client import Answer
from contract_tests.contract import CONTRACT

PROBLEMS: dict[str, Any] = CONTRACT["x-problems"]
CODES: dict[str, Any] = CONTRACT["x-error-codes"]

NOWHERE = "00000000-0000-7000-8000-000000000000"  # well-formed, but no resource's id
UPPER = "019B8D49-3204-73BF-8E08-6130BB92870B"  # the id of a product, but for the case
SOME_TAG = f'"{"0" * 32}"'  # well-formed, but no representation's entity tag

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def choices(schema: str) -> list[str]:
    """Return what a schema of the contract allows."""
    found: list[str] = CONTRACT["components"]["schemas"][schema]["enum"]
    return found


def is_id(value: object) -> bool:
    """Tell whether a value is an id as the server makes them."""
    return isinstance(value, str) and UUID7.fullmatch(value) is not None


def is_time(value: object) -> bool:
    """Tell whether a value is a time as responses give them."""
    return isinstance(value, str) and TIME.fullmatch(value) is not None


def compact(value: Any) -> bytes:
    """Return JSON as responses write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# Errors


def detail(code: str, *fills: object) -> str:
    """Return what is said with a code; "invalid_format.slug" is a code with a text of its own."""
    code, _, variant = code.partition(".")
    text: str = CODES[code][variant] if variant else CODES[code]
    values = iter(fills)
    return re.sub(r"\{[^}]*\}", lambda match: str(next(values, match[0])), text)


def error(place: str, code: str, *fills: object, kind: str = "pointer") -> dict[str, str]:
    """Return what is said about a value in the body, or (by `kind`) of another part."""
    return {kind: place, "code": code.partition(".")[0], "detail": detail(code, *fills)}


def parameter_error(name: str, code: str, *fills: object) -> dict[str, str]:
    """Return what is said about a query parameter."""
    return error(name, code, *fills, kind="parameter")


def header_error(name: str, code: str, *fills: object) -> dict[str, str]:
    """Return what is said about a request header."""
    return error(name, code, *fills, kind="header")


def problem(name: str, instance: str, *errors: dict[str, str]) -> dict[str, Any]:
    """Return a problem document of x-problems."""
    about = PROBLEMS[name]
    document = {
        "type": f"/api/problems/{name}",
        "title": about["title"],
        "status": about["status"],
        "detail": about["detail"],
        "instance": instance,
    }
    return {**document, "errors": list(errors)} if errors else document


def assert_problem(answer: Answer, name: str, instance: str, *errors: dict[str, str]) -> None:
    """Hold an answer to a problem document, whole."""
    expected = problem(name, instance, *errors)
    assert (answer.status, answer.json) == (expected["status"], expected)
    assert answer.body == compact(expected)


def assert_empty(answer: Answer) -> None:
    """Hold an answer to 204, which has neither a body nor headers about one."""
    assert (answer.status, answer.body) == (204, b"")


def assert_replayed(answer: Answer, first: Answer) -> None:
    """Hold an answer to being the repetition of an earlier one."""
    assert (answer.status, answer.body) == (first.status, first.body)
    assert answer.headers["idempotency-replayed"] == "true"
    assert answer.headers["etag"] == first.headers["etag"]
    assert answer.headers.get("location") == first.headers.get("location")
    assert "idempotency-replayed" not in first.headers


# Lists


def next_cursor(page: Any) -> str:
    """Return the cursor of a page's `next`, which comes last in it."""
    assert page["next"], "there is no further page"
    return str(page["next"].rpartition("cursor=")[2])


def damaged(cursor: str) -> str:
    """Return a cursor with one character of its payload changed."""
    return ("B" if cursor[0] == "A" else "A") + cursor[1:]


# Bodies


def a_key() -> str:
    """Return a fresh Idempotency-Key."""
    return uuid4().hex


def a_name(prefix: str) -> str:
    """Return a fresh name that serves as username, as well as (without `_`) as slug."""
    return f"{prefix}{uuid4().hex[:12]}"


def a_user(**changes: Any) -> dict[str, Any]:
    """Return a registration that succeeds."""
    username = a_name("user_")
    return {
        "username": username,
        "email": f"{username}@example.com",
        "password": "correct horse battery staple",
        **changes,
    }


def a_todo(**changes: Any) -> dict[str, Any]:
    """Return a new todo with nothing but what it must have."""
    return {"title": "Count the mugs", **changes}


def a_product(**changes: Any) -> dict[str, Any]:
    """Return a new product with nothing but what it must have."""
    return {
        "sku": a_name("TEST-").upper(),
        "name": "Stoneware jug",
        "category": "jugs",
        "price": "19.90",
        "currency": "EUR",
        **changes,
    }


def an_adjustment(**changes: Any) -> dict[str, Any]:
    """Return a movement of stock with nothing but what it must have."""
    return {"delta": 5, "reason": "received", **changes}


# Documents: what was made of such bodies. Ids and times are the server's, so they come from `made`.


def todo_document(made: Any, **changes: Any) -> dict[str, Any]:
    """Return a todo as it is shown: all defaults but for the changes."""
    return {
        "id": made["id"],
        "title": "Count the mugs",
        "notes": "",
        "completed": False,
        "completed_at": None,
        "priority": "normal",
        "due_at": None,
        "tags": [],
        "items": [],
        "progress": {"done": 0, "total": 0},
        "product_id": None,
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
        **changes,
    }


def product_document(made: Any, **changes: Any) -> dict[str, Any]:
    """Return a product as it is shown: all defaults but for the changes."""
    return {
        "id": made["id"],
        "sku": made["sku"],
        "name": "Stoneware jug",
        "description": "",
        "category": "jugs",
        "price": "19.90",
        "currency": "EUR",
        "attributes": {},
        "active": True,
        "stock": 0,
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
        **changes,
    }
