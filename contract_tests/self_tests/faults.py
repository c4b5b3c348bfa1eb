"""Faults: what a server may lose, add, swap, forget, or wrongly accept."""

import json
import re
from dataclasses import replace
from typing import Any

from contract_tests.client import Answer, Request
from contract_tests.law import digest
from contract_tests.self_tests.faulty_server import Ask, Fault


def nothing(request: Request, ask: Ask) -> Answer:
    """Change nothing, as a control."""
    return ask(request)


# Answers


def with_body(answer: Answer, value: Any) -> Answer:
    """Return an answer with another body, and with the headers that go with it."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    changed = {"etag": digest(body), "content-length": str(len(body))}
    fields = tuple((name, changed.get(name.lower(), value)) for name, value in answer.fields)
    return replace(answer, fields=fields, body=body)


def undeclared_status(request: Request, ask: Ask) -> Answer:
    """Answer a health check with a status that the contract doesn't know."""
    answer = ask(request)
    if request.target.startswith("/api/health"):
        return replace(answer, status=418, reason="I'm a teapot")
    return answer


def without(header: str) -> Fault:
    """Leave a header field out of all answers."""

    def fault(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        kept = tuple(field for field in answer.fields if field[0] != header)
        return replace(answer, fields=kept)

    return fault


def field_twice(request: Request, ask: Ask) -> Answer:
    """Send a header field twice."""
    answer = ask(request)
    return replace(answer, fields=(*answer.fields, ("X-Frame-Options", "DENY")))


def field_renamed(request: Request, ask: Ask) -> Answer:
    """Send a header field under another name."""
    answer = ask(request)
    fields = dict(answer.fields)
    fields["X-Referrer-Policy"] = fields.pop("Referrer-Policy")
    return replace(answer, fields=tuple(fields.items()))


def swapped_rows(request: Request, ask: Ask) -> Answer:
    """Swap the last two rows of a page."""
    answer = ask(request)
    if b'"next":' in answer.body and answer.headers["content-type"] == "application/json":
        page = answer.json
        page["items"][-2:] = page["items"][-2:][::-1]
        return with_body(answer, page)
    return answer


# Requests


def ignores_parameter(name: str) -> Fault:
    """Never look at a query parameter."""

    def fault(request: Request, ask: Ask) -> Answer:
        path, _, query = request.target.partition("?")
        kept = [part for part in query.split("&") if part.partition("=")[0] != name]
        return ask(replace(request, target=f"{path}?{'&'.join(kept)}"))

    return fault


def ignores_header(name: str) -> Fault:
    """Never look at a request header."""

    def fault(request: Request, ask: Ask) -> Answer:
        kept = {field: value for field, value in request.headers.items() if field != name}
        return ask(replace(request, headers=kept))

    return fault


def forgets_put(request: Request, ask: Ask) -> Answer:
    """Acknowledge what is put, and show it, but store nothing."""
    if request.method != "PUT":
        return ask(request)
    stored = ask(replace(request, method="GET", body=None))
    return with_body(stored, {**stored.json, **json.loads(request.body or b"")})


def merges(request: Request, ask: Ask) -> Answer:
    """Merge what is to be replaced."""
    return ask(replace(request, method="PATCH" if request.method == "PUT" else request.method))


def takes_text_for_a_number(request: Request, ask: Ask) -> Answer:
    """Take `"5"` for an integer."""
    body = request.body and re.sub(rb'"delta": ?"(-?\d+)"', rb'"delta":\1', request.body)
    return ask(replace(request, body=body))


def keeps_one_of_a_refused_bulk(request: Request, ask: Ask) -> Answer:
    """Create the first todo of a bulk that is refused."""
    answer = ask(request)
    if request.target == "/api/todos/bulk" and answer.status == 422:
        first = json.dumps(json.loads(request.body or b"")["todos"][0]).encode()
        ask(replace(request, target="/api/todos", body=first))
    return answer
