"""Rules for every operation: see `x-rules` in openapi.yaml."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import pytest

from contract_tests.cast import Actor, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import (
    NOWHERE,
    SOME_TAG,
    a_product,
    a_todo,
    assert_empty,
    assert_problem,
    compact,
    error,
    header_error,
    parameter_error,
)
from contract_tests.operations.operations import OPERATIONS, PATHS, Operation
from deploy.servers import ALLOWED_ORIGIN as ORIGIN

JSON = "application/json"
LIMIT = 1_048_576  # bytes of a body

Call = Callable[..., Answer]


def each(operations: Iterable[Operation]) -> pytest.MarkDecorator:
    """Run a test once for each of these operations."""
    return pytest.mark.parametrize(
        "operation", list(operations), ids=lambda operation: operation.name
    )


every_operation = each(OPERATIONS)
every_read = each(operation for operation in OPERATIONS if operation.method == "GET")
every_read_with_id = each(
    operation
    for operation in OPERATIONS
    if operation.method == "GET" and NOWHERE in operation.path and not operation.is_for_staff
)
every_operation_with_body = each(operation for operation in OPERATIONS if operation.has_body)
every_operation_without_body = each(operation for operation in OPERATIONS if not operation.has_body)
every_open_operation = each(operation for operation in OPERATIONS if operation.is_open)
every_secured_operation = each(operation for operation in OPERATIONS if not operation.is_open)
every_operation_for_staff = each(operation for operation in OPERATIONS if operation.is_for_staff)
every_operation_with_id = each(operation for operation in OPERATIONS if NOWHERE in operation.path)
every_creation_with_key = each(
    operation for operation in OPERATIONS if operation.declares("Idempotency-Key")
)
every_write_with_if_match = each(
    operation for operation in OPERATIONS if operation.declares("If-Match")
)
every_list = each(operation for operation in OPERATIONS if operation.query)
every_path = pytest.mark.parametrize(("path", "methods"), list(PATHS.items()), ids=list(PATHS))


@pytest.fixture
def call(guest: Actor, sam: Actor) -> Call:
    """Send a request to an operation as somebody who may; ids in its path belong to nothing."""

    def send(operation: Operation, query: str = "", **parts: Any) -> Answer:
        actor = sam if operation.is_for_staff else guest
        if operation.name in {"deleteCurrentUser", "deleteCurrentToken"}:
            actor = register(guest.client, "leaver")  # should it go through, nobody is missed
        return actor.client.request(
            operation.method, operation.path + query, token=actor.token, **parts
        )

    return send


@pytest.fixture
def read(
    client: DifferentialClient, guest: Actor, sam: Actor
) -> Callable[[Operation], tuple[Actor, str]]:
    """Return who reads what, so that an operation of GET answers 200."""

    def who_and_what(operation: Operation) -> tuple[Actor, str]:
        if operation.name == "listTokens":  # its last_used_at moves on with time
            return register(client, "reader"), operation.path
        path = operation.path
        if "{todo_id}" in operation.template:
            path = guest.post("/api/todos", a_todo()).headers["location"]
        if "{product_id}" in operation.template:
            location = sam.post("/api/products", a_product()).headers["location"]
            path = operation.template.replace("/api/products/{product_id}", location)
        return (sam if operation.is_for_staff else guest), path

    return who_and_what


# Order of checks: the host, then the route


@pytest.mark.parametrize(
    "host",
    [
        *("nowhere.invalid", "nowhere.invalid:80", "evil-localhost", "localhost.evil.example"),
        *("a.localhost", "0.0.0.0", "[2001:db8::1]"),  # noqa: S104 (nothing is bound to it)
    ],
)
def test_another_host_is_bad(sam: Actor, host: str) -> None:
    answer = sam.get("/api/health", headers={"Host": host})
    assert_problem(answer, "bad-host", "/api/health")
    # The query and the body come later.
    answer = sam.post("/api/todos?x=1", headers={"Host": host}, body=b"no JSON")
    assert_problem(answer, "bad-host", "/api/todos")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:1"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Prefix": "/evil"},
        {"X-Original-URL": "/api/users/me"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Cookie": "sessionid=x; csrftoken=y"},
        {"Accept-Charset": "utf-16", "Accept-Encoding": "gzip, identity;q=0"},
        {"Cache-Control": "only-if-cached", "Prefer": "return=minimal", "Max-Forwards": "0"},
        {f"X-Header-{n}": "x" * 80 for n in range(80)},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_what_else_a_request_says_is_ignored(anybody: Actor, headers: dict[str, str]) -> None:
    answer = anybody.get("/api/health", headers=headers)
    assert (answer.status, answer.body) == (200, b'{"status":"healthy"}')


NOT_ROUTED = {
    "/api",
    "/api/",
    "/api/nowhere",
    "/api/todos/",
    "/api/health%20",
    "/api/health%0A",
    "/api/health;v=1",
    "/api/products.json",
    "/api/health/",
    "/api/health//",
    "/api//health",
    "/api/health/live",
    "/api/users/" + NOWHERE,
    "/api/tokens/current/",
    "/api/todos/bulk/",
    f"/api/todos/{NOWHERE}/",
    f"/api/todos/{NOWHERE}/items",
    "/api/products/summary/",
    f"/api/products/{NOWHERE}/stock-adjustments/",
    f"/api/products/{NOWHERE}/stock-adjustments/{NOWHERE}",
    "/api/problems",
    "/api/problems/",
    # What frameworks, their extensions and careless deployments serve.
    "/api/docs",
    "/api/docs/",
    "/api/schema",
    "/api/swagger.json",
    "/api/openapi.json",
    "/api/v1/todos",
    "/api/users/alice",
    "/api/users/me/",
    "/api/problems/not-found/",
}


OUTSIDE = {
    "//",
    "//api",
    "//api/health",
    "///api/todos",
    "//docs",
    "/API/todos",
    "/todos",
    "/openapi.yaml",
    "/static/",
    "/admin/",
    "/admin",
    "/admin/login/",
    "/favicon.ico",
    "/.env",
    "/__debug__/",
    "/metrics",
    "/healthz",
}


@pytest.mark.pages
@pytest.mark.parametrize("accept", ["*/*", "application/json"])
@pytest.mark.parametrize("path", sorted(OUTSIDE))
def test_a_path_outside_is_not_found_for_people(anybody: Actor, path: str, accept: str) -> None:
    answer = anybody.get(path, headers={"Accept": accept})
    assert answer.status == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert b"<h1>Not found</h1>" in answer.body
    assert b"<p>Nothing is found at this address.</p>" in answer.body


@pytest.mark.parametrize("path", sorted(NOT_ROUTED - {*PATHS}))
def test_a_path_that_is_not_routed_is_not_found(anybody: Actor, path: str) -> None:
    assert_problem(anybody.get(path), "not-found", path)


@every_operation_with_id
def test_an_id_that_is_no_uuid_is_not_routed(anybody: Actor, operation: Operation) -> None:
    for wrong_id in ("1", NOWHERE.replace("7", "G"), NOWHERE + "0"):
        path = operation.path.replace(NOWHERE, wrong_id)
        # Without a token: the route comes before the look at who asks.
        answer = anybody.client.request(operation.method, path)
        assert_problem(answer, "not-found", path)


@pytest.mark.parametrize(
    "wrong_id",
    [
        "null",
        "019b8d49320473bf8e086130bb92870b",
        "{019b8d49-3204-73bf-8e08-6130bb92870b}",
        "urn:uuid:019b8d49-3204-73bf-8e08-6130bb92870b",
        "019b8d49-3204-73bf-8e08-6130bb92870",
        "019b8d49-3204-73bf-8e08-6130bb92870g",
        "019b8d49-3204-73bf-8e08-6130bb92870b%0A",
        "\u066019b8d49-3204-73bf-8e08-6130bb92870b",
    ],
)
def test_an_id_that_is_nearly_a_uuid_is_not_routed(anybody: Actor, wrong_id: str) -> None:
    # All of them name, in some notation, a product of the demo data, or nearly so.
    encoded = quote(wrong_id, safe="-:%")
    answer = anybody.get(f"/api/products/{encoded}")
    assert_problem(answer, "not-found", f"/api/products/{encoded}")


def test_a_problem_shows_the_path_alone(anybody: Actor) -> None:
    assert_problem(anybody.get("/api/nowhere?instance=/api/todos"), "not-found", "/api/nowhere")


# Order of checks: the method


@every_path
def test_options_names_the_methods(anybody: Actor, path: str, methods: list[str]) -> None:
    answer = anybody.options(path)
    assert_empty(answer)
    assert answer.headers["allow"] == ", ".join(methods)


@every_path
def test_options_looks_at_nothing_else(anybody: Actor, path: str, methods: list[str]) -> None:
    answer = anybody.options(
        path + "?surprise=%ff",
        headers={"Accept": "image/png", "Authorization": "Bearer x", "If-None-Match": "x"},
        body=b"{",
    )
    assert_empty(answer)
    assert answer.headers["allow"] == ", ".join(methods)


@every_path
def test_other_methods_are_not_allowed(sam: Actor, path: str, methods: list[str]) -> None:
    every_method = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"}
    for method in sorted(every_method - set(methods)):
        # The query comes later; whether the token does is open, so it is a good one.
        answer = sam.client.request(method, path + "?surprise=1", token=sam.token)
        if method == "HEAD":
            assert (answer.status, answer.body) == (405, b"")
        else:
            assert_problem(answer, "method-not-allowed", path)
        assert answer.headers["allow"] == ", ".join(methods)


# Order of checks: Accept


@every_operation
def test_it_rejects_an_accept_that_admits_nothing(call: Call, operation: Operation) -> None:
    for accept in ("image/png", "*/*;q=0"):
        # A wrong query and a wrong body come later.
        answer = call(operation, "?surprise=1", headers={"Accept": accept}, body=b"{")
        assert_problem(answer, "not-acceptable", operation.path)


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/*",
        "application/json",
        "Application/JSON",
        "application/json;q=0.001",
        "application/json; q=1.000",
        "application/problem+json",
        "text/html, application/xhtml+xml, */*;q=0.8",
        "image/png,application/json",
        "*/*;q=0, application/json",
        "text/html;q=0, application/*;q=0.1",
    ],
)
def test_it_answers_when_accept_admits_json(anybody: Actor, accept: str) -> None:
    assert anybody.get("/api/health", headers={"Accept": accept}).status == 200


@pytest.mark.parametrize(
    "accept",
    [
        "application/json;q=0",
        "application/json; q=0.000",
        "application/json;q=0, text/html",
        "*/*;q=0",
        "application/xml, text/*;q=1.0",
        "application/jsonp, application/problem",
    ],
)
def test_it_rejects_an_accept_without_json(anybody: Actor, accept: str) -> None:
    answer = anybody.get("/api/health", headers={"Accept": accept})
    assert_problem(answer, "not-acceptable", "/api/health")


def test_an_operation_without_content_counts_as_json(alice: Actor, todo: Any) -> None:
    path = f"/api/todos/{todo['id']}"
    assert_problem(alice.delete(path, headers={"Accept": "text/plain"}), "not-acceptable", path)
    assert_empty(alice.delete(path, headers={"Accept": JSON}))


# Order of checks: authentication and permission


@every_secured_operation
def test_it_needs_a_token(anybody: Actor, operation: Operation) -> None:
    # A wrong query and a wrong body come later.
    answer = anybody.client.request(operation.method, operation.path + "?surprise=1", body=b"{")
    assert_problem(answer, "authentication-required", operation.path)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("credentials", ["Basic YTpi", "Token abc", "BearerX a"])
def test_another_scheme_is_no_token(anybody: Actor, credentials: str) -> None:
    answer = anybody.get("/api/users/me", headers={"Authorization": credentials})
    assert_problem(answer, "authentication-required", "/api/users/me")
    assert answer.headers["www-authenticate"] == "Bearer"


@every_secured_operation
def test_it_rejects_an_unknown_token(anybody: Actor, operation: Operation) -> None:
    answer = anybody.client.request(
        operation.method, operation.path + "?surprise=1", token="A" * 43, body=b"{"
    )
    assert_problem(answer, "invalid-token", operation.path)
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("token", ["x", "A" * 42 + ".", "A" * 4000])
def test_it_rejects_what_is_no_token_of_ours(anybody: Actor, token: str) -> None:
    answer = anybody.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
    assert_problem(answer, "invalid-token", "/api/users/me")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda token: token[:-1]])
def test_a_token_is_compared_exactly(guest: Actor, change: Callable[[str], str]) -> None:
    answer = guest.client.request("GET", "/api/users/me", token=change(guest.token or ""))
    assert_problem(answer, "invalid-token", "/api/users/me")


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER "])
def test_the_scheme_ignores_case(guest: Actor, scheme: str) -> None:
    answer = guest.client.request(
        "GET", "/api/users/me", headers={"Authorization": f"{scheme}{guest.token}"}
    )
    assert (answer.status, answer.json["username"]) == (200, guest.username)


@every_open_operation
def test_an_open_operation_never_looks_at_the_token(anybody: Actor, operation: Operation) -> None:
    def answer_to(headers: dict[str, str]) -> Answer:
        return anybody.client.request(
            operation.method, operation.path, headers={**headers, "Content-Type": JSON}, body=b"{}"
        )

    with_token, without = answer_to({"Authorization": "Bearer x"}), answer_to({})
    assert (with_token.status, with_token.body) == (without.status, without.body)
    assert with_token.status in {200, 404, 422}


@every_operation_for_staff
def test_it_is_for_staff(guest: Actor, operation: Operation) -> None:
    answer = guest.client.request(
        operation.method, operation.path + "?surprise=1", token=guest.token, body=b"{"
    )
    assert_problem(answer, "forbidden", operation.path)


# Order of checks: query parameters and declared request headers


@every_operation
def test_it_rejects_an_unknown_query_parameter(call: Call, operation: Operation) -> None:
    # A wrong media type comes later.
    answer = call(operation, "?surprise=1", body=b"{", headers={"Content-Type": "text/plain"})
    assert_problem(
        answer,
        "invalid-parameters",
        operation.path,
        parameter_error("surprise", "unknown_parameter"),
    )


@every_operation
def test_it_rejects_a_query_that_is_not_utf8(call: Call, operation: Operation) -> None:
    for query in ("%FF=1", "q=%FF", "q=%E2%82", "q=%ED%A0%80", "a=1&q=caf%E9"):
        answer = call(operation, f"?{query}", body=b"{", headers={"Content-Type": "text/plain"})
        assert_problem(answer, "malformed-request", operation.path)


@every_operation
def test_it_skips_empty_pieces_of_the_query(call: Call, operation: Operation) -> None:
    answer = call(operation, "?&&", headers={"Content-Type": JSON}, body=b'{"surprise":1}')
    assert answer.status in {200, 204, 404, 422}


@every_operation
def test_it_names_parameters_as_they_were_meant(call: Call, operation: Operation) -> None:
    answer = call(operation, "?b%C3%A9+c=1&&=x&B&%26a=1=2")
    assert_problem(
        answer,
        "invalid-parameters",
        operation.path,
        parameter_error("", "unknown_parameter"),
        parameter_error("&a", "unknown_parameter"),
        parameter_error("B", "unknown_parameter"),
        parameter_error("bé c", "unknown_parameter"),
    )


@every_list
@pytest.mark.parametrize("second", ["%00", "x"], ids=["the same", "another"])
def test_it_rejects_a_repeated_parameter(call: Call, operation: Operation, second: str) -> None:
    names = sorted(parameter["name"] for parameter in operation.query)
    # Each twice with a value that would be wrong by itself: repetition is the first of the errors.
    query = "&".join(f"{name}=%00&{name}={second}" for name in names)
    assert_problem(
        call(operation, "?" + query),
        "invalid-parameters",
        operation.path,
        *(parameter_error(name, "repeated_parameter") for name in names),
    )


@every_list
@pytest.mark.parametrize(
    ("cursor", "code", "detail"),
    [
        ("", "invalid_cursor", None),
        ("x", "invalid_cursor", None),
        ("a.b", "invalid_cursor", None),
        ("AAAA=", "invalid_cursor", None),
        ("%C3%A9", "invalid_cursor", None),
        ("A" * 4000, "invalid_cursor", None),
        ("A" * 4001, "too_long", 4000),
        ("%00", "invalid_cursor", None),
    ],
    ids=["empty", "short", "dot", "padded", "not ASCII", "the longest", "too long", "NUL"],
)
def test_it_rejects_a_wrong_cursor(
    call: Call, operation: Operation, cursor: str, code: str, detail: str | None
) -> None:
    assert_problem(
        call(operation, f"?cursor={cursor}"),
        "invalid-parameters",
        operation.path,
        parameter_error("cursor", code, detail),
    )


@every_creation_with_key
@pytest.mark.parametrize(
    "key",
    ["", "k" * 256, "a b", "é", "a\tb"],
    ids=["empty", "too long", "space", "not ASCII", "tab"],
)
def test_it_rejects_an_ill_formed_idempotency_key(
    call: Call, operation: Operation, key: str
) -> None:
    answer = call(
        operation, headers={"Idempotency-Key": key, "Content-Type": "text/plain"}, body=b"{"
    )
    assert_problem(
        answer,
        "invalid-parameters",
        operation.path,
        header_error("Idempotency-Key", "invalid_format.idempotency-key"),
    )


@every_creation_with_key
@pytest.mark.parametrize(
    "key",
    ["k", "k" * 255, "".join(map(chr, range(0x21, 0x7F)))],
    ids=["the shortest", "the longest", "each character"],
)
def test_it_takes_a_well_formed_idempotency_key(call: Call, operation: Operation, key: str) -> None:
    # The next check is reached, that of the media type.
    answer = call(
        operation, headers={"Idempotency-Key": key, "Content-Type": "text/plain"}, body=b"{"
    )
    assert_problem(answer, "unsupported-media-type", operation.path)


def test_all_errors_of_query_and_headers_are_given_at_once(guest: Actor) -> None:
    answer = guest.get("/api/todos?zest=1&overdue=maybe&limit=0&Limit=1&completed=1")
    assert_problem(
        answer,
        "invalid-parameters",
        "/api/todos",
        parameter_error("Limit", "unknown_parameter"),
        parameter_error("completed", "invalid_choice", "true, false"),
        parameter_error("limit", "out_of_range.number", 1, 100),
        parameter_error("overdue", "invalid_choice", "true, false"),
        parameter_error("zest", "unknown_parameter"),
    )
    answer = guest.post("/api/todos?a=1&B=2", {}, headers={"Idempotency-Key": "a key"})
    assert_problem(
        answer,
        "invalid-parameters",
        "/api/todos",
        header_error("Idempotency-Key", "invalid_format.idempotency-key"),
        parameter_error("B", "unknown_parameter"),
        parameter_error("a", "unknown_parameter"),
    )


# Order of checks: the body as such


@every_operation_with_body
def test_it_rejects_another_media_type(call: Call, operation: Operation) -> None:
    for headers in (
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": JSON, "Content-Encoding": "gzip"},
    ):
        answer = call(operation, headers=headers, body=b"{}")
        assert_problem(answer, "unsupported-media-type", operation.path)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": ""},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/problem+json"},
        {"Content-Type": "application/json, application/json"},
        {"Content-Type": JSON, "Content-Encoding": "identity, gzip"},
    ],
    ids=lambda headers: " ".join(headers.values()) or "empty",
)
def test_what_is_nearly_json_is_another_media_type(guest: Actor, headers: dict[str, str]) -> None:
    answer = guest.post("/api/todos", headers=headers, body=compact(a_todo()))
    assert_problem(answer, "unsupported-media-type", "/api/todos")


@every_operation_with_body
def test_only_patch_takes_a_merge_patch(call: Call, operation: Operation) -> None:
    answer = call(
        operation,
        headers={"Content-Type": "Application/Merge-Patch+JSON; charset=utf-8"},
        body=b'{"surprise":1}',
    )
    if operation.method == "PATCH":
        assert answer.status in {404, 422}
    else:
        assert_problem(answer, "unsupported-media-type", operation.path)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "Application/JSON"},
        {"Content-Type": "application/json;charset=utf-8"},
        {"Content-Type": "Application/JSON; Charset=UTF-8"},
        {"Content-Type": JSON, "Content-Encoding": "identity"},
        {"Content-Type": JSON, "Content-Encoding": "Identity"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_it_takes_json_by_any_of_its_names(guest: Actor, headers: dict[str, str]) -> None:
    answer = guest.post("/api/todos", headers=headers, body=compact(a_todo()))
    assert answer.status == 201


@every_operation_with_body
def test_it_rejects_a_body_over_one_mebibyte(call: Call, operation: Operation) -> None:
    # The header suffices: the server doesn't wait for the body.
    answer = call(operation, headers={"Content-Type": JSON, "Content-Length": str(LIMIT + 1)})
    assert_problem(answer, "content-too-large", operation.path)


def test_a_body_of_one_mebibyte_is_fine(guest: Actor) -> None:
    body = compact(a_todo()).ljust(LIMIT)
    answer = guest.post("/api/todos", headers={"Content-Type": JSON}, body=body)
    assert answer.status == 201


MALFORMED = {
    "empty": b"",
    "white space": b" \r\n\t ",
    "an array": b"[{}]",
    "a string": b'"Count"',
    "a number": b"1",
    "null": b"null",
    "a form": b"title=Count",
    "cut off": b'{"title":"Count',
    "not opened": b'"title":"A"}',
    "two values": b"{}{}",
    "two values on lines": b'{"title":"A"}\n{"title":"B"}',
    "trailing garbage": b'{"title":"A"} x',
    "a comma too many": b'{"title":"Count",}',
    "a comma too many in an array": b'{"title":"A","tags":["a",]}',
    "no colon": b'{"title" "A"}',
    "a number as a name": b'{1:"A"}',
    "a name without quotes": b'{title:"A"}',
    "a comment": b"{}//",
    "single quotes": b"{'title':'Count'}",
    "a constant of Python's": b'{"title":"A","completed":True}',
    "a raw line feed in a string": b'{"title":"a\nb"}',
    "NUL in a string": b'{"title":"\0"}',
    "NUL behind": b'{"title":"A"}\0',
    "an escape that is none": b'{"title":"\\x41"}',
    "an escape with a sign": b'{"title":"\\u+041"}',
    "a no-break space around": '\u00a0{"title":"A"}'.encode(),
    "a form feed around": b'\f{"title":"A"}',
    "a byte order mark": b'\xef\xbb\xbf{"title":"Count"}',
    "not UTF-8": b'{"title":"\xff"}',
    "truncated UTF-8": b'{"title":"\xe2\x82"}',
    "overlong UTF-8": b'{"title":"\xc0\xaf"}',
    "beyond Unicode": b'{"title":"\xf4\x90\x80\x80"}',
    "a surrogate in UTF-8": b'{"title":"\xed\xa0\x80"}',
    "not UTF-8 in what is ignored": b'{"title":"A","id":"\xff"}',
    "UTF-16": '{"title":"Count"}'.encode("utf-16"),
    "UTF-32": '{"title":"Count"}'.encode("utf-32-be"),
    "an escaped lone surrogate": rb'{"title":"\ud800"}',
    "a lone surrogate in a name": rb'{"\udc00":1}',
    "surrogates in the wrong order": rb'{"title":"\udc00\ud800"}',
    "a pair and a half": rb'{"title":"\ud83c\udf4b\ud83c"}',
    "a lone surrogate in what is ignored": rb'{"title":"A","id":"\ud83c"}',
    "a hundred thousand levels": b"[" * 100_000,
    **{
        f"the number {number}": b'{"title":"A","id":[' + number.encode() + b"]}"
        for number in (
            *("NaN", "-NaN", "Infinity", "-Infinity", "inf", "01", "-01", "+1", "1.", ".5", "-"),
            *("1e", "1.e1", "0x10", "1_000", "1,", "\u0663", "1e400", "-1e400", "9" * 5000),
        )
    },
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=list(MALFORMED))
def test_a_body_is_malformed(guest: Actor, body: bytes) -> None:
    answer = guest.post("/api/todos", headers={"Content-Type": JSON}, body=body)
    assert_problem(answer, "malformed-body", "/api/todos")


@every_operation_with_body
def test_it_rejects_a_malformed_body(call: Call, operation: Operation) -> None:
    for case in ("empty", "the number NaN", "an array", "a lone surrogate in a name"):
        answer = call(operation, headers={"Content-Type": JSON}, body=MALFORMED[case])
        assert_problem(answer, "malformed-body", operation.path)


WELL_FORMED = {
    "white space around": b'\r\n\t {"surprise" : 1 } \n',
    "32 levels": b'{"surprise":' + b"[" * 31 + b"]" * 31 + b"}",
    "32 levels of objects": b'{"surprise":' + b'{"a":' * 30 + b"{}" + b"}" * 31,
    "brackets in a string": b'{"surprise":"' + b"[{" * 100 + rb"\"[" + b'"}',
    "many brackets, but no levels": b'{"surprise":[' + b"[]," * 1000 + b"[]]}",
    "an escaped name": rb'{"\u0073urprise":1}',
    "an escaped pair of surrogates": rb'{"surprise":"\ud83d\ude00"}',
    "an escaped backslash before u": rb'{"surprise":"\\ud800"}',
    "NaN in quotes": b'{"surprise":"NaN"}',
    "small and large numbers": b'{"surprise":[-1e-1000000,-0,1e300,' + b"9" * 300 + b"]}",
}


@pytest.mark.parametrize("body", WELL_FORMED.values(), ids=list(WELL_FORMED))
def test_a_body_is_well_formed(guest: Actor, body: bytes) -> None:
    answer = guest.post("/api/todos", headers={"Content-Type": JSON}, body=body)
    assert answer.status == 422
    assert error("/surprise", "unknown_property") in answer.json["errors"]


@every_operation_with_body
def test_a_well_formed_body_is_looked_into(call: Call, operation: Operation) -> None:
    answer = call(operation, headers={"Content-Type": JSON}, body=WELL_FORMED["32 levels"])
    if NOWHERE in operation.path:
        assert_problem(answer, "not-found", operation.path)
    else:
        assert answer.status == 422
        assert error("/surprise", "unknown_property") in answer.json["errors"]


@every_operation_without_body
def test_bodies_of_get_and_delete_are_ignored(call: Call, operation: Operation) -> None:
    with_body = call(operation, body=b"{", headers={"Content-Type": "text/plain"})
    without = call(operation)
    assert (with_body.status, with_body.body) == (without.status, without.body)
    assert with_body.status in {200, 204, 404}


# Order of checks: the resource


@every_operation_with_id
def test_what_does_not_exist_is_not_found(call: Call, operation: Operation) -> None:
    # If-Match and the body's content come later.
    headers = {"If-Match": SOME_TAG} if operation.declares("If-Match") else {}
    body = {"surprise": 1} if operation.has_body else None
    answer = call(operation, headers=headers, json_body=body)
    assert_problem(answer, "not-found", operation.path)


# Methods, Conditional requests

ONE_REQUEST = {"date", "x-request-id"}  # the headers that are a request's own


def fields_but(answer: Answer, names: set[str]) -> list[tuple[str, str]]:
    """Return an answer's header fields without some; the contract leaves their order open."""
    return sorted(field for field in answer.fields if field[0].lower() not in names)


@every_read
def test_what_has_not_changed_is_not_sent_again(
    read: Callable[[Operation], tuple[Actor, str]], operation: Operation
) -> None:
    actor, path = read(operation)
    full = actor.get(path)
    tag = full.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    for matching in (tag, f"W/{tag}", "*", f'"other", {tag}', f'W/"other" \t,\t{tag},"third"'):
        for method in ("GET", "HEAD"):
            answer = actor.client.request(
                method, path, token=actor.token, headers={"If-None-Match": matching}
            )
            assert (answer.status, answer.body) == (304, b"")
            assert fields_but(answer, ONE_REQUEST) == fields_but(
                full, ONE_REQUEST | {"content-type", "content-length"}
            )


@every_read
def test_what_has_changed_is_sent(
    read: Callable[[Operation], tuple[Actor, str]], operation: Operation
) -> None:
    actor, path = read(operation)
    full = actor.get(path)
    for other in (SOME_TAG, f'W/{SOME_TAG}, "x"', '""', f'"{full.headers["etag"][1:-1].upper()}x"'):
        answer = actor.get(path, headers={"If-None-Match": other})
        assert (answer.status, answer.body) == (200, full.body)


@every_read
def test_other_conditions_and_ranges_are_ignored(
    read: Callable[[Operation], tuple[Actor, str]], operation: Operation
) -> None:
    actor, path = read(operation)
    full = actor.get(path)
    answer = actor.get(
        path,
        headers={
            "If-Match": "x",
            "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT",
            "If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT",
            "If-Range": full.headers["etag"],
            "Range": "bytes=0-1",
            "Idempotency-Key": "not declared here",
        },
    )
    assert (answer.status, answer.body) == (200, full.body)
    assert "accept-ranges" not in answer.headers


def test_a_write_ignores_the_conditions_of_reads(sam: Actor) -> None:
    ignored = {
        "If-None-Match": "*",
        "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT",
        "If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT",
    }
    created = sam.post("/api/products", a_product(), headers=ignored)
    path = created.headers["location"]
    replaced = sam.put(path, a_product(), headers=ignored)
    changed = sam.patch(path, {"name": "b"}, headers=ignored)
    assert [answer.status for answer in (created, replaced, changed)] == [201, 200, 200]
    assert changed.json["name"] == "b"
    assert sam.delete(path, headers=ignored).status == 204


# Headers


@pytest.mark.parametrize("request_id", ["a", "A.b_c-9", "x" * 128])
def test_it_echoes_the_request_id(anybody: Actor, request_id: str) -> None:
    for path in ("/api/health", "/api/nowhere"):
        answer = anybody.get(path, headers={"X-Request-ID": request_id})
        assert answer.headers["x-request-id"] == request_id


@pytest.mark.parametrize(
    "request_id",
    ["", "a b", "x" * 129, "é", "a,b", "<x>", "a/b", "a:b", "x" * 8000, "\xd9\xa3"],
    ids=lambda text: f"{text[:3]} {len(text)}",
)
def test_it_makes_a_request_id_where_there_is_none(anybody: Actor, request_id: str) -> None:
    answer = anybody.get("/api/health", headers={"X-Request-ID": request_id})
    assert re.fullmatch(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-request-id"]
    )


# CORS

EXPOSED = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "X-Request-ID"
)


@pytest.mark.other_origin
@every_operation
def test_an_allowed_origin_may_read_the_answer(call: Call, operation: Operation) -> None:
    answer = call(operation, "?surprise=1", headers={"Origin": ORIGIN})
    assert answer.status == 400
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-expose-headers"] == EXPOSED


@pytest.mark.parametrize(
    "origin",
    [
        *("https://other.example", "https://shop.example:444", "http://shop.example", "null", ""),
        *(
            "*",
            "https://shop.example/",
            "https://SHOP.example",
            "https://shop.example.evil.example",
        ),
        *("https://evil-shop.example", "https://a.shop.example", "https://shopXexample"),
        *("shop.example", "https://shop.example, https://evil.example"),
    ],
)
def test_another_origin_may_not(anybody: Actor, origin: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    for answer in (
        anybody.get("/api/health", headers=headers),
        anybody.options("/api/health", headers=headers),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["vary"] == "Origin"


@pytest.mark.other_origin
@every_path
def test_an_allowed_origin_may_ask_beforehand(
    anybody: Actor, path: str, methods: list[str]
) -> None:
    answer = anybody.options(
        path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "DELETE"}
    )
    assert_empty(answer)
    cors = {
        name: value for name, value in answer.headers.items() if name.startswith("access-control-")
    }
    assert cors == {
        "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, If-Match, "
        "If-None-Match, X-Request-ID",
        "access-control-allow-methods": ", ".join(methods),
        "access-control-allow-origin": ORIGIN,
        "access-control-expose-headers": EXPOSED,
        "access-control-max-age": "600",
    }
    assert answer.headers["allow"] == ", ".join(methods)


@pytest.mark.other_origin
def test_options_without_a_method_to_ask_about_is_an_ordinary_answer(anybody: Actor) -> None:
    answer = anybody.options("/api/health", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-expose-headers"] == EXPOSED
    assert "access-control-allow-methods" not in answer.headers
