"""The query: how it is taken apart, and which values each parameter takes."""

from contract_tests.raw_http.probe import (
    ALICE,
    BOB,
    NO_TODO,
    PRODUCT,
    SAM,
    Error,
    Probe,
    header,
    latin1,
    parameter,
    request,
)

PRODUCT_SORTS = "created_at, -created_at, name, -name, sku, -sku, price, -price, stock, -stock"
TODO_SORTS = (
    "created_at, -created_at, updated_at, -updated_at, due_at, -due_at, "
    "priority, -priority, title, -title"
)
CURRENCIES = "AUD, CAD, CHF, DKK, EUR, GBP, NOK, NZD, PLN, SEK, USD"
NOTHING = b'{"items":[],"next":null}'


def products(name: str, query: str, *errors: Error) -> Probe:
    """Ask for products; without errors the answer is a page."""
    raw = request(f"GET /api/products?{query}")
    if errors:
        return Probe(name, raw, 400, "invalid-parameters", errors)
    return Probe(name, raw, 200, holds=b'{"items":[')


def todos(name: str, query: str, *errors: Error) -> Probe:
    """Ask for Bob's todos, which no probe changes; without errors the answer is a page."""
    raw = request(f"GET /api/todos?{query}", BOB)
    if errors:
        return Probe(name, raw, 400, "invalid-parameters", errors)
    return Probe(name, raw, 200, holds=b'{"items":[')


def limit(text: str, code: str, *fills: str) -> Probe:
    """Expect that a `limit` is refused."""
    return products(f"limit={text}", f"limit={text}", parameter("limit", code, *fills))


def unknown(name: str, query: str, *names: str) -> Probe:
    """Let the error show which names were read from a query."""
    return products(name, query, *(parameter(each, "unknown_parameter") for each in names))


def not_utf8(name: str, query: str) -> Probe:
    """Expect that a query can't be read at all."""
    return Probe(name, request(f"GET /api/products?{query}"), 400, "malformed-request")


# The parameters of a query that are unknown come back in the error: that shows how they were read.
DECODING = [
    unknown("plus is a space", "a+b=1", "a b"),
    unknown("%20 is a space", "a%20b=1", "a b"),
    unknown("%2B is a plus", "a%2Bb=1", "a+b"),
    unknown("UTF-8", "caf%C3%A9=1", "café"),
    unknown("UTF-8 in lower-case digits", "caf%c3%a9=1", "café"),
    unknown("beyond the basic plane", "%F0%9F%8D%8B=1", "\U0001f34b"),
    unknown("not normalised", "e%CC%81=1", "e\u0301"),
    unknown("the first = divides", "a=b=c", "a"),
    unknown("an encoded = does not", "a%3Db=c", "a=b"),
    unknown("an encoded & does not divide", "a%26b=c", "a&b"),
    unknown("no =", "a", "a"),
    unknown("no name", "=1", ""),
    unknown("nothing but =", "=", ""),
    unknown("empty pieces are skipped", "&&a=1&&", "a"),
    unknown("semicolons don't divide", "a=1;b=2", "a"),
    unknown("a second question mark", "?a=1", "?a"),
    unknown("a slash", "a/b=1", "a/b"),
    unknown("brackets", "a[]=1&b[x]=2", "a[]", "b[x]"),
    unknown("NUL in a name", "%00=1", "\0"),
    unknown("a line feed in a name", "a%0Ab=1", "a\nb"),
    unknown("a control character in a name", "%01=1", "\x01"),
    unknown("a quotation mark in a name", "a%22b=1", 'a"b'),
    unknown("white space around a name", "+limit+=5", " limit "),
    unknown("a name in another case", "Limit=5", "Limit"),
    unknown("a full-width name", "%EF%BD%8Cimit=5", "\uff4cimit"),
    unknown("percent without digits", "100%=1", "100%"),
    unknown("percent with letters beyond f", "%zz=1", "%zz"),
    unknown("percent with one digit", "a%4=1", "a%4"),
    unknown("encoded once, decoded once", "%2541=1", "%41"),
    unknown("an unknown name that is repeated", "a=1&a=2&a=3", "a"),
    unknown("a foreign framework's names", "format=json&page=2", "format", "page"),
    unknown(
        "sorted by code points",
        "b=1&%F0%9F%8D%8B=1&%EF%BD%81=1&a=1&B=1",
        "B",
        "a",
        "b",
        "\uff41",
        "\U0001f34b",
    ),
    products("nothing but empty pieces", "&&&"),
    products("a known name, encoded", "%6Cimit=1"),
    products("a value, encoded", "limit=%31"),
    not_utf8("invalid UTF-8 in a name", "%FF=1"),
    not_utf8("invalid UTF-8 in a value", "q=%FF"),
    not_utf8("truncated UTF-8", "q=%E2%82"),
    not_utf8("a surrogate in UTF-8", "q=%ED%A0%80"),
    not_utf8("overlong UTF-8", "q=%C0%80"),
    not_utf8("beyond Unicode", "q=%F5%80%80%80"),
    not_utf8("Latin-1", "q=caf%E9"),
    not_utf8("not UTF-8 comes before errors of parameters", "limit=0&%FF"),
    Probe(
        "2,000 parameters",
        request("GET /api/products?" + "&".join(f"{n:x}" for n in range(2000))),
        400,
        "invalid-parameters",
        tuple(
            parameter(each, "unknown_parameter")
            for each in sorted(f"{n:x}" for n in range(2000))[:100]
        ),
    ),
    products(
        "one parameter 1,500 times",
        "&".join(["q=a"] * 1500),
        parameter("q", "repeated_parameter"),
    ),
]

RANGE = ("out_of_range.number", "1", "100")
NO_INTEGER = ("invalid_type", "an integer")

INTEGERS = [
    products("limit=1", "limit=1&q=PRINT-MULLER"),
    products("limit=100", "limit=100&q=PRINT-MULLER"),
    limit("0", *RANGE),
    limit("-0", *RANGE),
    limit("-1", *RANGE),
    limit("101", *RANGE),
    limit("2147483648", *RANGE),
    limit("9223372036854775807", *RANGE),
    limit("9223372036854775808", *RANGE),
    limit("1" + "0" * 30, *RANGE),
    Probe(
        "limit of 5,000 digits",
        request("GET /api/products?limit=" + "9" * 5000),
        400,
        "invalid-parameters",
        (parameter("limit", *RANGE),),
    ),
    limit("", *NO_INTEGER),
    limit("05", *NO_INTEGER),
    limit("+5", *NO_INTEGER),
    limit("%2B5", *NO_INTEGER),
    limit("%205", *NO_INTEGER),
    limit("5%20", *NO_INTEGER),
    limit("5%0A", *NO_INTEGER),
    limit("1e1", *NO_INTEGER),
    limit("5.0", *NO_INTEGER),
    limit("5.", *NO_INTEGER),
    limit("0x5", *NO_INTEGER),
    limit("1_0", *NO_INTEGER),
    limit("%D9%A3", *NO_INTEGER),  # the Arabic digit three
    limit("1%D9%A3", *NO_INTEGER),  # the same where more digits may follow
    limit("%EF%BC%95", *NO_INTEGER),  # a full-width five
    limit("%C2%B2", *NO_INTEGER),  # a superscript two
    limit("five", *NO_INTEGER),
    limit("true", *NO_INTEGER),
    limit("null", *NO_INTEGER),
    limit("%225%22", *NO_INTEGER),
    limit("5;sort=name", *NO_INTEGER),
    limit("5,6", *NO_INTEGER),
    limit("--5", *NO_INTEGER),
    limit("-", *NO_INTEGER),
    limit("NaN", *NO_INTEGER),
    products("limit twice", "limit=5&limit=5", parameter("limit", "repeated_parameter")),
    products(
        "limit twice, one of them bad", "limit=5&limit=x", parameter("limit", "repeated_parameter")
    ),
    products(
        "limit twice, one of them encoded",
        "limit=5&l%69mit=5",
        parameter("limit", "repeated_parameter"),
    ),
]

NO_BOOLEAN = ("invalid_choice", "true, false")

BOOLEANS = [
    todos("completed=true", "completed=true"),
    todos("completed=false", "completed=false"),
    *(
        todos(f"completed={text}", f"completed={text}", parameter("completed", *NO_BOOLEAN))
        for text in [
            "True",
            "TRUE",
            "False",
            "1",
            "0",
            "yes",
            "no",
            "on",
            "t",
            "",
            "null",
            "%22true%22",
            "+true",
            "true%0A",
        ]
    ),
    products("in_stock=1", "in_stock=1", parameter("in_stock", *NO_BOOLEAN)),
    products("active without =", "active", parameter("active", *NO_BOOLEAN)),
]

CHOICES = [
    *(
        products(f"sort={text}", f"sort={text}", parameter("sort", "invalid_choice", PRODUCT_SORTS))
        for text in [
            "",
            "Name",
            "--name",
            "+name",
            "name,price",
            "id",
            "-",
            "name%20",
            "updated_at",
            "price%0A",
            "category",
        ]
    ),
    todos("sort=sku", "sort=sku", parameter("sort", "invalid_choice", TODO_SORTS)),
    todos("sort=-due_at", "sort=-due_at"),
    todos(
        "priority=High",
        "priority=High",
        parameter("priority", "invalid_choice", "low, normal, high, urgent"),
    ),
    todos(
        "priority=3",
        "priority=3",
        parameter("priority", "invalid_choice", "low, normal, high, urgent"),
    ),
    todos(
        "priority empty",
        "priority=",
        parameter("priority", "invalid_choice", "low, normal, high, urgent"),
    ),
    products("currency=eur", "currency=eur", parameter("currency", "invalid_choice", CURRENCIES)),
    products("currency=JPY", "currency=JPY", parameter("currency", "invalid_choice", CURRENCIES)),
]

TEXTS = [
    products("q empty", "q=", parameter("q", "too_short", "1")),
    products("q with NUL", "q=a%00b", parameter("q", "null_character")),
    products("q of 100 characters", "q=" + "%F0%9F%8D%8B" * 100),
    products("q of 101 characters", "q=" + "%F0%9F%8D%8B" * 101, parameter("q", "too_long", "100")),
    products("q blank", "q=+"),
    Probe("q: % is only itself", request("GET /api/todos?q=%25", BOB), 200, body=NOTHING),
    Probe("q: _ is only itself", request("GET /api/todos?q=_", BOB), 200, body=NOTHING),
    Probe("q: * is only itself", request("GET /api/todos?q=*", BOB), 200, body=NOTHING),
    Probe("q: backslash is only itself", request("GET /api/todos?q=%5C", BOB), 200, body=NOTHING),
    Probe(
        "q: a quotation mark is only itself",
        request("GET /api/todos?q=%27", BOB),
        200,
        body=NOTHING,
    ),
    Probe(
        "q: ASCII letters match in either case",
        request("GET /api/todos?q=TEA+TOWELS+IN", BOB),
        200,
        holds=b'"title":"Order tea towels in green"',
    ),
    Probe(
        "q: other letters match only themselves",
        request("GET /api/todos?q=CAF%C3%89", BOB),
        200,
        body=NOTHING,
    ),
    Probe(
        "q: the same letter, composed otherwise, is another text",
        request("GET /api/todos?q=cafe%CC%81", BOB),
        200,
        body=NOTHING,
    ),
    Probe(
        "q: the Kelvin sign is no k",
        request("GET /api/todos?q=%E2%84%AAitchen", BOB),
        200,
        body=NOTHING,
    ),
    todos("tag empty", "tag=", parameter("tag", "invalid_format.slug")),
    todos("tag in upper case", "tag=Supplier", parameter("tag", "invalid_format.slug")),
    todos("tag with a line feed", "tag=supplier%0A", parameter("tag", "invalid_format.slug")),
    todos("tag with NUL", "tag=supplier%00", parameter("tag", "null_character")),
    todos("tag of 51 characters", "tag=" + "a" * 51, parameter("tag", "too_long", "50")),
    todos("tag that nobody uses", "tag=no-such-tag"),
    products(
        "category with an underscore", "category=a_b", parameter("category", "invalid_format.slug")
    ),
    products(
        "category with two hyphens", "category=a--b", parameter("category", "invalid_format.slug")
    ),
]

NO_PRICE = "invalid_format.price"


def price(text: str, code: str, *fills: str) -> Probe:
    """Expect that a `min_price` is refused."""
    return products(f"min_price={text}", f"min_price={text}", parameter("min_price", code, *fills))


PRICES = [
    products("min_price=0.00", "min_price=0.00&q=PRINT-MULLER"),
    products("max_price=99999999.99", "max_price=99999999.99&q=PRINT-MULLER"),
    products("min_price above max_price", "min_price=2.00&max_price=1.00"),
    price("1", NO_PRICE),
    price("1.0", NO_PRICE),
    price("1.000", NO_PRICE),
    price("01.00", NO_PRICE),
    price("%2B1.00", NO_PRICE),
    price("-1.00", NO_PRICE),
    price("-0.00", NO_PRICE),
    price("1e2", NO_PRICE),
    price(".50", NO_PRICE),
    price("1,00", NO_PRICE),
    price("+1.00", NO_PRICE),
    price("1.00%0A", NO_PRICE),
    price("", NO_PRICE),
    price("NaN", NO_PRICE),
    price("Infinity", NO_PRICE),
    price("1_0.00", NO_PRICE),
    price("%D9%A1.00", NO_PRICE),
    price("1.%D9%A0%D9%A0", NO_PRICE),
    price("100000000.00", NO_PRICE),
    price("1e-1000000", NO_PRICE),
]

NO_DATE = "invalid_format.date-time"


def due(text: str, *codes: str) -> Probe:
    """Ask for what is due after a moment."""
    errors = [parameter("due_after", *codes)] if codes else []
    return todos(f"due_after={text}", f"due_after={text}", *errors)


DATE_TIMES = [
    due("2026-01-01T00:00:00Z"),
    due("2026-01-01T00:00:00.123456Z"),
    due("2026-01-01T00:00:00%2B00:00"),
    due("2026-01-01T00:00:00-00:00"),
    due("2026-01-01T00:00:00%2B23:59"),
    due("2026-01-01T00:00:00+00:00", NO_DATE),  # the plus is a space
    due("", NO_DATE),
    due("2026-01-01", NO_DATE),
    due("20260101", NO_DATE),
    due("2026-01-01T00:00:00", NO_DATE),
    due("2026-01-01t00:00:00Z", NO_DATE),
    due("2026-01-01T00:00:00z", NO_DATE),
    due("2026-01-01+00:00:00Z", NO_DATE),
    due("2026-01-01T00:00Z", NO_DATE),
    due("2026-01-01T24:00:00Z", NO_DATE),
    due("2026-01-01T23:59:60Z", NO_DATE),
    due("2026-02-29T00:00:00Z", NO_DATE),
    due("2026-01-01T00:00:00.1234567Z", NO_DATE),
    due("2026-01-01T00:00:00Z%0A", NO_DATE),
    due("1767225600", NO_DATE),
    due("now", NO_DATE),
    due("0001-01-01T00:00:00%2B14:00", "out_of_range.date-time"),
    due("9999-12-31T23:59:59.999999-00:01", "out_of_range.date-time"),
    due("0001-01-01T00:00:00Z"),
    due("9999-12-31T23:59:59.999999Z"),
    due("2026-01-01T00:00:00.000000%2B00:000", "invalid_format.date-time"),
]


def about(text: str, *codes: str) -> Probe:
    """Ask for todos about a product."""
    errors = [parameter("product_id", *codes)] if codes else []
    return todos(f"product_id={text}", f"product_id={text}", *errors)


IDS = [
    about("00000000-0000-7000-8000-000000000000"),
    about("019B8D49-3204-73BF-8E08-6130BB92870B", "invalid_format.uuid"),
    about("019b8d49-3204-73bf-8e08-6130bb92870g", "invalid_format.uuid"),
    about("019b8d49-3204-73bf-8e08_6130bb92870b", "invalid_format.uuid"),
    about("019b8d49320473bf8e086130bb92870b", "invalid_format.uuid"),
    about("", "invalid_format.uuid"),
    about("null", "invalid_format.uuid"),
    about("{019b8d49-3204-73bf-8e08-6130bb92870b}", "invalid_format.uuid"),
    about("urn:uuid:019b8d49-3204-73bf-8e08-6130bb92870b", "invalid_format.uuid"),
    about("019b8d49-3204-73bf-8e08-6130bb92870b%0A", "invalid_format.uuid"),
    about("019b8d49-3204-73bf-8e08-6130bb92870b%00", "invalid_format.uuid"),
]


def cursor(name: str, text: str, target: str = "/api/products?sort=name&") -> Probe:
    """Expect that a cursor is refused."""
    return Probe(
        name,
        request(f"GET {target}cursor={text}"),
        400,
        "invalid-parameters",
        (parameter("cursor", "invalid_cursor"),),
    )


def another(name: str, target: str) -> Probe:
    """Expect that a list takes no cursor that was not given by it, for these parameters."""
    return Probe(
        f"cursor {name}",
        request(f"GET {target}", SAM),
        400,
        "invalid-parameters",
        (parameter("cursor", "invalid_cursor"),),
    )


FOLLOWING = "q=PRINT-MULLER-0&sort=sku"

CURSORS = [
    Probe(
        "cursor of the next page",
        request(f"GET /api/products?limit=1&{FOLLOWING}&cursor={{cursor}}"),
        200,
        holds=b'"sku":"PRINT-MULLER-02"',
        fields={"Link": None},
    ),
    Probe(
        "cursor with another limit",
        request(f"GET /api/products?cursor={{cursor}}&{FOLLOWING}&limit=50"),
        200,
        holds=b'"sku":"PRINT-MULLER-02"',
    ),
    Probe(
        "cursor without a limit, and the parameters encoded otherwise",
        request("GET /api/products?sort=s%6Bu&&q=PRINT%2DMULLER-0&cursor={cursor}"),
        200,
        holds=b'"sku":"PRINT-MULLER-02"',
    ),
    another("of another order", "/api/products?q=PRINT-MULLER-0&sort=-sku&cursor={cursor}"),
    another("of another text", "/api/products?q=PRINT-MULLER-&sort=sku&cursor={cursor}"),
    another(
        "of the text in another case", "/api/products?q=print-muller-0&sort=sku&cursor={cursor}"
    ),
    another("of a list with fewer parameters", "/api/products?sort=sku&cursor={cursor}"),
    another(
        "of a list with more parameters", f"/api/products?{FOLLOWING}&active=true&cursor={{cursor}}"
    ),
    another("of another list", "/api/todos?cursor={cursor}"),
    another("of a list below", f"{PRODUCT}/stock-adjustments?cursor={{cursor}}"),
    another("with a letter before it", f"/api/products?{FOLLOWING}&cursor=A{{cursor}}"),
    another("with a letter behind it", f"/api/products?{FOLLOWING}&cursor={{cursor}}A"),
    another("with padding behind it", f"/api/products?{FOLLOWING}&cursor={{cursor}}%3D"),
    another("with a space behind it", f"/api/products?{FOLLOWING}&cursor={{cursor}}+"),
    another("with a line feed behind it", f"/api/products?{FOLLOWING}&cursor={{cursor}}%0A"),
    another("with other characters before it", f"/api/products?{FOLLOWING}&cursor=!@.{{cursor}}"),
    another("twice in a row", f"/api/products?{FOLLOWING}&cursor={{cursor}}{{cursor}}"),
    another("without its last character", f"/api/products?{FOLLOWING}&cursor={{cursor-cut}}"),
    cursor("cursor empty", ""),
    cursor("cursor of one letter", "A"),
    cursor("cursor that decodes to nothing much", "AAAA"),
    cursor("cursor with characters that are not its alphabet", "%21%21%21%21"),
    cursor("cursor in the other base64 alphabet", "ab%2Bc%2F"),
    cursor("cursor with padding", "YWJjZA%3D%3D"),
    cursor("cursor with a space", "ab+cd"),
    cursor("cursor with a line feed", "YWJjZA%0A"),
    cursor("cursor with a letter beyond ASCII", "caf%C3%A9"),
    cursor(
        "cursor that is a payload without its mac",
        "WyIvYXBpL3Byb2R1Y3RzP3NvcnQ9bmFtZSIsIk0iLCIwIl0",
    ),
    cursor(
        "cursor with a mac of zeros",
        "WyIvYXBpL3Byb2R1Y3RzP3NvcnQ9bmFtZSIsIk0iLCIwIl0AAAAAAAAAAAAAAAAAAAAA",
    ),
    cursor("cursor of 4,000 characters", "A" * 4000),
    cursor("cursor of 3,997 characters, which no base64 has", "A" * 3997),
    products("cursor twice", "cursor=A&cursor=A", parameter("cursor", "repeated_parameter")),
]


def page(name: str, sent: str, repeated: str) -> Probe:
    """Expect that `next` repeats the parameters, sorted by name, and that Link says the same."""
    return Probe(
        f"next: {name}",
        request(f"GET /api/products?{sent}"),
        200,
        holds=f'"next":"/api/products?{repeated}&cursor='.encode(),
    )


PAGES = [
    page("sorted by name", "sort=sku&q=PRINT-MULLER&limit=1", "limit=1&q=PRINT-MULLER&sort=sku"),
    page("nothing but limit", "limit=1", "limit=1"),
    page("empty pieces are gone", "&&limit=1&&q=PRINT-MULLER&", "limit=1&q=PRINT-MULLER"),
    page("needless encoding is gone", "%6Cimit=%31&q=%50RINT%2DMULLER", "limit=1&q=PRINT-MULLER"),
    page("a space is a plus", "q=Harbour%2C%20&limit=1", "limit=1&q=Harbour%2C+"),
    page("UTF-8", "q=m%c3%bcller&limit=1", "limit=1&q=m%C3%BCller"),
    page("quotation marks", "q=%E2%80%9CHarbour&limit=1", "limit=1&q=%E2%80%9CHarbour"),
]

TOGETHER = [
    products(
        "all errors at once, by name",
        "zebra=1&sort=x&min_price=1&limit=0&apple=1&active=1",
        parameter("active", *NO_BOOLEAN),
        parameter("apple", "unknown_parameter"),
        parameter("limit", *RANGE),
        parameter("min_price", NO_PRICE),
        parameter("sort", "invalid_choice", PRODUCT_SORTS),
        parameter("zebra", "unknown_parameter"),
    ),
    Probe(
        "headers come before parameters",
        request("GET /api/products?limit=0&A=1", "If-None-Match: x"),
        400,
        "invalid-parameters",
        (
            header("If-None-Match", "invalid_format.entity-tags"),
            parameter("A", "unknown_parameter"),
            parameter("limit", *RANGE),
        ),
    ),
    *(
        Probe(
            f"parameters are unknown to {line}",
            # If the query were ignored, the tag that is no one's would still keep Sam's account.
            request(f"{line}?x=1", SAM, 'If-Match: "x"'),
            400,
            "invalid-parameters",
            (parameter("x", "unknown_parameter"),),
        )
        for line in [
            "GET /api/health",
            "HEAD /api/health/ready",
            "GET /api/openapi.yaml",
            "GET /api/problems/not-found",
            "POST /api/users",
            "GET /api/users/me",
            "PATCH /api/users/me",
            "DELETE /api/users/me",
            "PUT /api/users/me/password",
            "GET /api/tokens",
            "POST /api/tokens",
            "POST /api/todos",
            "POST /api/todos/bulk",
            f"GET {NO_TODO}",
            f"PUT {NO_TODO}",
            f"DELETE {NO_TODO}",
            "POST /api/products",
            "GET /api/products/summary",
            f"PATCH {PRODUCT}",
            f"GET {PRODUCT}/stock-adjustments",
            f"POST {PRODUCT}/stock-adjustments",
        ]
    ),
    Probe(
        "a parameter of the products is unknown to todos",
        request("GET /api/todos?category=kitchen", ALICE),
        400,
        "invalid-parameters",
        (parameter("category", "unknown_parameter"),),
    ),
    Probe(
        "sort is unknown to stock adjustments",
        request(f"GET {PRODUCT}/stock-adjustments?sort=created_at", SAM),
        400,
        "invalid-parameters",
        (parameter("sort", "unknown_parameter"),),
    ),
    Probe("OPTIONS doesn't look at the query", request("OPTIONS /api/health?x=1&%FF"), 204),
    Probe(
        "instance is the path without the query",
        request("GET /api/caf%c3%a9?x=" + latin1("1")),
        404,
        "not-found",
        instance="/api/caf%C3%A9",
    ),
]

PROBES = (
    DECODING
    + INTEGERS
    + BOOLEANS
    + CHOICES
    + TEXTS
    + PRICES
    + DATE_TIMES
    + IDS
    + CURSORS
    + PAGES
    + TOGETHER
)
