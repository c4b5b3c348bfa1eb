"""Request headers: tokens, conditions, idempotency keys, request ids; and the ignored ones."""

import json

from contract_tests.differential_client import digest
from contract_tests.raw_http.probe import (
    ALICE,
    BOBS_OTHER_TODO,
    BOBS_TODO,
    JSON,
    MERGE_PATCH,
    NO_TODO,
    PRODUCT,
    SAM,
    Error,
    Probe,
    header,
    pointer,
    request,
)

HEALTH = b'{"status":"healthy"}'
HEALTH_TAG = digest(HEALTH)

# Bob's todo of the demo data, byte for byte as the contract has it written.
BOBS_TODO_BODY = json.dumps(
    {
        "id": "019c27fa-d4b4-7f89-8e55-045230615ea6",
        "title": "Order tea towels in green",
        "notes": "",
        "completed": False,
        "completed_at": None,
        "priority": "low",
        "due_at": None,
        "tags": ["supplier"],
        "items": [],
        "progress": {"done": 0, "total": 0},
        "product_id": None,
        "created_at": "2026-02-04T09:27:55.828153Z",
        "updated_at": "2026-02-04T09:27:55.828153Z",
    },
    separators=(",", ":"),
).encode()
BOBS_TAG = digest(BOBS_TODO_BODY)
BOB = "Authorization: Bearer {bob}"


def challenged(name: str, *fields: str) -> Probe:
    """Expect that a request counts as one without a token."""
    return Probe(name, request("GET /api/users/me", *fields), 401, "authentication-required")


def invalid(name: str, *fields: str) -> Probe:
    """Expect that a token is refused."""
    return Probe(name, request("GET /api/users/me", *fields), 401, "invalid-token")


def welcome(name: str, *fields: str) -> Probe:
    """Expect that a token is taken: Alice's account is the demo data's."""
    return Probe(
        name,
        request("GET /api/users/me", *fields),
        200,
        body=b'{"id":"019b8d2b-8c00-7df2-b0ae-bffdf9d49080","username":"alice",'
        b'"email":"alice@example.com","is_staff":false,"created_at":"2026-01-05T08:00:00.000000Z"}',
    )


AUTHORIZATION = [
    challenged("no Authorization"),
    challenged("Authorization empty", "Authorization:"),
    challenged("Basic", "Authorization: Basic YWxpY2U6YWxpY2UtZGVtby1wYXNzd29yZA=="),
    challenged("Digest", 'Authorization: Digest username="alice"'),
    challenged("Token, as some frameworks have it", "Authorization: Token {alice}"),
    challenged("a scheme that starts like Bearer", "Authorization: BearerX {alice}"),
    challenged("a scheme that ends like Bearer", "Authorization: XBearer {alice}"),
    challenged("a token without a scheme", "Authorization: {alice}"),
    challenged("a scheme beyond ASCII", "Authorization: B\xc3\xa9arer {alice}"),
    challenged("a token elsewhere", "X-Authorization: Bearer {alice}", "Cookie: token={alice}"),
    welcome("Bearer", "Authorization: Bearer {alice}"),
    welcome("bearer", "Authorization: bearer {alice}"),
    welcome("BEARER", "Authorization: BEARER {alice}"),
    welcome("several spaces", "Authorization: Bearer    {alice}"),
    welcome(
        "space behind the token, which the field's syntax allows", "Authorization: Bearer {alice}  "
    ),
    welcome("field name in upper case", "AUTHORIZATION: Bearer {alice}"),
    welcome("no space before the value", "Authorization:Bearer {alice}"),
    invalid("unknown token", "Authorization: Bearer " + "A" * 43),
    invalid("short token", "Authorization: Bearer x"),
    invalid("long token", "Authorization: Bearer " + "A" * 8000),
    invalid("token and a word", "Authorization: Bearer {alice} x"),
    invalid("token and a letter", "Authorization: Bearer {alice}A"),
    invalid("token and padding", "Authorization: Bearer {alice}="),
    invalid("token and a comma", "Authorization: Bearer {alice},"),
    invalid("token in quotes", 'Authorization: Bearer "{alice}"'),
    invalid("token behind a space and a tab", "Authorization: Bearer \t{alice}"),
    invalid("token as a parameter", "Authorization: Bearer token={alice}"),
    invalid("token beyond ASCII", "Authorization: Bearer caf\xc3\xa9"),
    invalid("token that is no UTF-8", "Authorization: Bearer \xff\xfe"),
    invalid("token beyond ASCII behind a good one", "Authorization: Bearer {alice}\xc2\xa0"),
    invalid("another user's token added", "Authorization: Bearer {alice}, Bearer {bob}"),
    invalid("Bearer twice", "Authorization: Bearer Bearer {alice}"),
    invalid("a bad token comes before a bad query", "Authorization: Bearer x", "If-None-Match: x"),
    Probe(
        "an operation for everybody never looks at the token",
        request("GET /api/health", "Authorization: Bearer x"),
        200,
        body=HEALTH,
    ),
    Probe(
        "neither does the catalogue",
        request(f"GET {PRODUCT}", "Authorization: Basic \xff"),
        200,
        holds=b'"sku":"MUG-RED"',
    ),
    Probe(
        "nor logging in",
        request("POST /api/tokens", "Authorization: Bearer x", JSON, body="{}"),
        422,
        "invalid-body",
        (pointer("/password", "required"), pointer("/username", "required")),
    ),
    Probe(
        "staff's work isn't for others, not even to see whether the body is right",
        request("POST /api/products", ALICE, "Content-Type: text/plain", body="x"),
        403,
        "forbidden",
    ),
    Probe(
        "stock isn't for others, not even to see whether there is such a product",
        request(
            "GET /api/products/00000000-0000-7000-8000-000000000000/stock-adjustments?x=1", ALICE
        ),
        403,
        "forbidden",
    ),
    Probe("another's todo does not exist", request(f"GET {BOBS_TODO}", ALICE), 404, "not-found"),
    Probe("nor for staff", request(f"GET {BOBS_TODO}", SAM), 404, "not-found"),
    Probe(
        "its owner's todo, byte for byte",
        request(f"GET {BOBS_TODO}", BOB),
        200,
        body=BOBS_TODO_BODY,
        fields={"ETag": BOBS_TAG},
    ),
]

ILL_FORMED = "invalid_format.entity-tags"


def none_match(name: str, status: int, *values: str) -> Probe:
    """Ask for health on a condition."""
    return Probe(
        f"If-None-Match: {name}",
        request("GET /api/health", *(f"If-None-Match: {value}" for value in values)),
        status,
        body=HEALTH if status == 200 else b"",
        fields={"ETag": HEALTH_TAG}
        | ({"Content-Type": None, "Content-Length": None} if status == 304 else {}),
    )


def no_tags(value: str, *error: str) -> Probe:
    """Expect that an If-None-Match is refused."""
    return Probe(
        f"If-None-Match is ill-formed: {value[:40]!r}",
        request("GET /api/health", f"If-None-Match: {value}"),
        400,
        "invalid-parameters",
        (header("If-None-Match", *(error or (ILL_FORMED,))),),
    )


CONDITIONS = [
    none_match("the tag", 304, HEALTH_TAG),
    none_match("the tag, weak", 304, f"W/{HEALTH_TAG}"),
    none_match("anything", 304, "*"),
    none_match("the last of a list", 304, f'"a", W/"b" ,\t{HEALTH_TAG}'),
    none_match("a list without spaces", 304, f'"a",{HEALTH_TAG},"b"'),
    none_match("the second of two fields", 304, '"a"', HEALTH_TAG),
    none_match("another tag", 200, '"a"'),
    none_match("an empty tag", 200, '""'),
    none_match("the tag in upper case", 200, HEALTH_TAG.upper()),
    none_match("a tag that is an asterisk in quotes", 200, '"*"'),
    none_match("a tag with a comma in it", 200, f'"a,{HEALTH_TAG[1:-1]}"'),
    none_match("a tag of all that may be in one", 200, '"!#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~"'),
    none_match("no condition", 200),
    Probe(
        "If-None-Match on HEAD",
        request("HEAD /api/health", f"If-None-Match: {HEALTH_TAG}"),
        304,
        fields={"ETag": HEALTH_TAG},
    ),
    Probe(
        "If-None-Match on a todo",
        request(f"GET {BOBS_TODO}", BOB, f"If-None-Match: {BOBS_TAG}"),
        304,
        fields={"ETag": BOBS_TAG},
    ),
    Probe(
        "If-None-Match: * on a page", request("GET /api/products?limit=1", "If-None-Match: *"), 304
    ),
    Probe(
        "If-None-Match: * on the summary",
        request("GET /api/products/summary", "If-None-Match: *"),
        304,
    ),
    Probe(
        "If-None-Match: * on the contract",
        request("GET /api/openapi.yaml", "If-None-Match: *"),
        304,
    ),
    Probe(
        "If-None-Match: * on a text",
        request("GET /api/problems/not-found", "If-None-Match: *"),
        304,
    ),
    Probe(
        "If-None-Match: * on what is not there",
        request(f"GET {NO_TODO}", ALICE, "If-None-Match: *"),
        404,
        "not-found",
    ),
    no_tags(""),
    no_tags("a"),
    no_tags(HEALTH_TAG[1:-1]),
    no_tags(HEALTH_TAG[:-1]),
    no_tags(f"w/{HEALTH_TAG}"),
    no_tags(f"W/ {HEALTH_TAG}"),
    no_tags("W/*"),
    no_tags('*, "a"'),
    no_tags('"a", *'),
    no_tags("*, *"),
    no_tags('"a",'),
    no_tags(',"a"'),
    no_tags('"a",,"b"'),
    no_tags('"a" "b"'),
    no_tags('"a";"b"'),
    no_tags('"a b"'),
    no_tags('"a\tb"'),
    no_tags('"a"b"'),
    no_tags("'a'"),
    no_tags('"caf\xc3\xa9"'),
    no_tags('"\xff"'),
    no_tags('"a"\xc2\xa0'),
    no_tags('"' + "a" * 5000),
    Probe(
        "If-None-Match ill-formed in its second field",
        request("GET /api/health", 'If-None-Match: "a"', "If-None-Match: b"),
        400,
        "invalid-parameters",
        (header("If-None-Match", ILL_FORMED),),
    ),
    Probe(
        "If-None-Match is not declared for PATCH, and ignored",
        request(f"PATCH {NO_TODO}", ALICE, JSON, "If-None-Match: x", body="{}"),
        404,
        "not-found",
    ),
    Probe(
        "If-Match is not declared for GET, and ignored",
        request("GET /api/health", "If-Match: x"),
        200,
    ),
    Probe(
        "a condition is looked at after the token",
        request("GET /api/todos", "If-None-Match: x"),
        401,
        "authentication-required",
    ),
]


def if_match(name: str, value: str, status: int, problem: str, *errors: Error) -> Probe:
    """Patch Bob's todo on a condition, with a body that would fail if the condition held."""
    return Probe(
        f"If-Match: {name}",
        request(
            f"PATCH {BOBS_TODO}", BOB, MERGE_PATCH, f"If-Match: {value}", body='{"title":null}'
        ),
        status,
        problem,
        errors,
    )


NULL_TITLE = pointer("/title", "null_not_allowed")

WRITING_CONDITIONS = [
    if_match("the tag", BOBS_TAG, 422, "invalid-body", NULL_TITLE),
    if_match("anything", "*", 422, "invalid-body", NULL_TITLE),
    if_match("one of a list", f'"a", {BOBS_TAG}', 422, "invalid-body", NULL_TITLE),
    if_match("the tag, weak: never strongly equal", f"W/{BOBS_TAG}", 412, "precondition-failed"),
    if_match("another tag", '"a"', 412, "precondition-failed"),
    if_match("an empty tag", '""', 412, "precondition-failed"),
    if_match("an asterisk in quotes", '"*"', 412, "precondition-failed"),
    if_match("the tag in upper case", BOBS_TAG.upper(), 412, "precondition-failed"),
    if_match("empty", "", 400, "invalid-parameters", header("If-Match", ILL_FORMED)),
    if_match(
        "the tag without quotes",
        BOBS_TAG[1:-1],
        400,
        "invalid-parameters",
        header("If-Match", ILL_FORMED),
    ),
    if_match(
        "a list with an asterisk",
        f"{BOBS_TAG}, *",
        400,
        "invalid-parameters",
        header("If-Match", ILL_FORMED),
    ),
    if_match("beyond ASCII", '"\xff"', 400, "invalid-parameters", header("If-Match", ILL_FORMED)),
    Probe(
        "If-Match on DELETE",
        request(f"DELETE {BOBS_OTHER_TODO}", BOB, 'If-Match: "a"'),
        412,
        "precondition-failed",
    ),
    Probe(
        "If-Match on DELETE, ill-formed",
        request(f"DELETE {BOBS_OTHER_TODO}", BOB, "If-Match: a"),
        400,
        "invalid-parameters",
        (header("If-Match", ILL_FORMED),),
    ),
    Probe(
        "If-Match on PUT",
        request(f"PUT {BOBS_TODO}", BOB, JSON, 'If-Match: "a"', body='{"title":""}'),
        412,
        "precondition-failed",
    ),
    Probe(
        "If-Match on PUT of a product",
        request(f"PUT {PRODUCT}", SAM, JSON, 'If-Match: "a"', body="{}"),
        412,
        "precondition-failed",
    ),
    Probe(
        "If-Match on one's account",
        request("PATCH /api/users/me", ALICE, JSON, 'If-Match: "a"', body="{}"),
        412,
        "precondition-failed",
    ),
    Probe(
        "If-Match: * on what is not there",
        request(f"DELETE {NO_TODO}", ALICE, "If-Match: *"),
        404,
        "not-found",
    ),
    Probe(
        "If-Match on another's todo",
        request(f"DELETE {BOBS_TODO}", ALICE, 'If-Match: "a"'),
        404,
        "not-found",
    ),
    Probe(
        "the body's form comes before If-Match",
        request(f"PATCH {BOBS_TODO}", BOB, JSON, 'If-Match: "a"', body="{"),
        400,
        "malformed-body",
    ),
    Probe(
        "If-Match on PUT of a password is not declared, and ignored",
        request("PUT /api/users/me/password", ALICE, JSON, "If-Match: a", body="[]"),
        400,
        "malformed-body",
    ),
]

KEY = "Idempotency-Key"


def bad_key(name: str, value: str, *error: str) -> Probe:
    """Expect that a key is refused."""
    return Probe(
        f"{KEY}: {name}",
        request("POST /api/todos", ALICE, JSON, f"{KEY}: {value}", body='{"title":"Never"}'),
        400,
        "invalid-parameters",
        (header(KEY, *(error or ("invalid_format.idempotency-key",))),),
    )


def good_key(name: str, value: str) -> Probe:
    """Expect that a key is taken."""
    return Probe(
        f"{KEY}: {name}",
        request("POST /api/todos", ALICE, JSON, f"{KEY}: {value}", body='{"title":"Wire: key"}'),
        201,
        holds=b'"title":"Wire: key"',
        fields={"Idempotency-Replayed": None},
    )


KEYS = [
    good_key("ordinary", "{unique-key}-1"),
    good_key("in quotes, which belong to it", '"{unique-key}-2"'),
    good_key("all kinds of characters", "{unique-key}-3!#$%&'()*+,-./:;<=>?@[\\]^_`|~"),
    good_key("255 characters", "{unique-key}" + "k" * 243),
    bad_key("256 characters", "{unique-key}" + "k" * 244),
    bad_key("empty", ""),
    bad_key("space inside", "a key"),
    bad_key("tab inside", "a\tkey"),
    bad_key("beyond ASCII", "caf\xc3\xa9"),
    bad_key("not UTF-8", "\xff"),
    bad_key("no-break space", "a\xc2\xa0key"),
    Probe(
        "a key and the query, both wrong",
        request("POST /api/todos?x=1", ALICE, JSON, f"{KEY}: a key", body="{}"),
        400,
        "invalid-parameters",
        (
            header(KEY, "invalid_format.idempotency-key"),
            Error("parameter", "x", "unknown_parameter"),
        ),
    ),
    Probe(
        "logging in takes no key, so that a bad one is ignored",
        request("POST /api/tokens", JSON, f"{KEY}: a key", body="{"),
        400,
        "malformed-body",
    ),
    Probe(
        "PUT takes no key either",
        request(f"PUT {NO_TODO}", ALICE, JSON, f"{KEY}: a key", body="{}"),
        404,
        "not-found",
    ),
    Probe(
        "a bad key of nobody's",
        request("POST /api/todos", JSON, f"{KEY}: a key", body="{}"),
        401,
        "authentication-required",
    ),
]


def request_id(name: str, *values: str, echoed: str | None = None) -> Probe:
    """Send a request id (or several), which is echoed or replaced."""
    return Probe(
        f"X-Request-ID: {name}",
        request("GET /api/health", *(f"X-Request-ID: {value}" for value in values)),
        200,
        body=HEALTH,
        request_id=echoed,
    )


REQUEST_IDS = [
    request_id(
        "a UUID",
        "019b8d49-3204-73bf-8e08-6130bb92870b",
        echoed="019b8d49-3204-73bf-8e08-6130bb92870b",
    ),
    request_id("one character", "a", echoed="a"),
    request_id("all that may be in one", "AZaz09._-", echoed="AZaz09._-"),
    request_id("128 characters", "a" * 128, echoed="a" * 128),
    request_id("blanks around, which the field's syntax allows", "  wire  ", echoed="wire"),
    request_id("129 characters", "a" * 129),
    request_id("empty", ""),
    request_id("a space inside", "a b"),
    request_id("a slash", "a/b"),
    request_id("a colon", "a:b"),
    request_id("an equals sign", "a="),
    request_id("beyond ASCII", "caf\xc3\xa9"),
    request_id("not UTF-8", "\xff"),
    request_id("an Arabic digit", "\xd9\xa3"),
    request_id("two of them", "a", "b"),
    request_id("the same one twice", "a", "a"),
    request_id("markup", "<script>"),
    Probe(
        "X-Request-ID of an error is replaced, too",
        request("GET /api/nothing", "X-Request-ID: a b"),
        404,
        "not-found",
        request_id=None,
    ),
]

# What careless patterns would take minutes for.
LONG = [
    invalid("8,000 spaces before the token", "Authorization: Bearer" + " " * 8000 + "x"),
    challenged("a scheme of 8,000 letters", "Authorization: " + "B" * 8000 + " x"),
    no_tags('"a"' + " " * 3000 + "x"),
    no_tags('"a"' + ' , "a"' * 600 + " ,"),
    no_tags('"' * 3001),
    none_match("a list of 600 tags, the last of them right", 304, '"a", ' * 600 + HEALTH_TAG),
    bad_key("8,000 characters", "k" * 8000),
    request_id("8,000 characters", "a" * 8000),
    Probe(
        "an Origin of 8,000 characters",
        request("GET /api/health", "Origin: https://" + "a." * 4000),
        200,
    ),
    Probe(
        "a Host of 8,000 characters",
        request("GET /api/health", "Host: " + "a." * 4000),
        400,
        "bad-host",
    ),
    Probe(
        "a Content-Type with 8,000 tabs",
        request(
            "POST /api/todos",
            ALICE,
            "Content-Type: application/json" + "\t" * 8000 + "x",
            body="{}",
        ),
        415,
        "unsupported-media-type",
    ),
]

IGNORED = [
    Probe(f"{text} is ignored", request("GET /api/health", text), 200, body=HEALTH)
    for text in [
        "Range: bytes=0-3",
        "Range: nonsense",
        "If-Range: x",
        "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT",
        "If-Modified-Since: nonsense",
        "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
        "Cache-Control: only-if-cached, no-store",
        "Pragma: no-cache",
        "Cookie: sessionid=x; csrftoken=y",
        "Cookie: \xff",
        "Referer: https://evil.example/",
        "User-Agent:",
        "User-Agent: \xff\xfe",
        "Upgrade-Insecure-Requests: 1",
        "X-Requested-With: XMLHttpRequest",
        "X-CSRFToken: x",
        "Max-Forwards: 0",
        "TE: trailers",
        "Via: 1.1 evil.example",
        "X-Forwarded-For: 203.0.113.1, \xff",
        "DNT: 1",
        "From: alice@example.com",
        "Prefer: return=minimal",
        "Date: nonsense",
    ]
] + [
    Probe(
        "If-Unmodified-Since does not keep a write from being looked at",
        request(
            f"PATCH {BOBS_TODO}",
            BOB,
            JSON,
            "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
            body='{"title":null}',
        ),
        422,
        "invalid-body",
        (NULL_TITLE,),
    ),
    Probe(
        "ninety headers that nobody knows",
        request("GET /api/health", *(f"X-Header-{n}: {n}" for n in range(90))),
        200,
        body=HEALTH,
    ),
    Probe(
        "a header of 8,000 characters",
        request("GET /api/health", "X-Long: " + "x" * 8000),
        200,
        body=HEALTH,
    ),
]

PROBES = AUTHORIZATION + CONDITIONS + WRITING_CONDITIONS + KEYS + REQUEST_IDS + LONG + IGNORED
