"""Requests that are mostly valid, with near misses: one value in a while breaks one rule.

`RUN` within a text stands for the run's own number, which keeps runs apart on a shared server.
What is simplest comes first everywhere, since Hypothesis shrinks towards it.
"""

from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

NOWHERE = "00000000-0000-7000-8000-000000000000"  # well-formed, but no resource's id
ABSENT = object()  # a near miss: the property is left out
SELDOM = 9  # one request in so many more is a near miss

TEXTS = st.sampled_from(
    [
        "a",
        "B",
        "ab",
        "Ab%",
        "a_b",
        " a ",
        "é",
        "É",
        "z",
        "Z",
        "東京",
        "😀",
        "\ufb01",
        '"\\/\u2028\x7f',
    ]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
TITLES = TEXTS.filter(str.strip)
MOMENTS = st.sampled_from(  # few, so that they meet; the first three are the same
    [
        "2020-02-29T12:00:00Z",
        "2020-02-29T12:00:00.0+00:00",
        "2020-03-01T01:30:00.000000+13:30",
        "2020-02-29T12:00:00.000001Z",
        "2090-01-01T00:00:00-00:30",
        "2090-01-01T00:00:00.5Z",
        "9999-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00Z",
    ]
)
TAGS = st.sampled_from(["a", "b", "a-b", "a0", "0"])
PRIORITIES = st.sampled_from(["normal", "low", "high", "urgent"])
PRICES = st.sampled_from(["0.00", "0.05", "1.00", "9.99", "10.00", "10.01", "99999999.99"])
CURRENCIES = st.sampled_from(["EUR", "USD"])
CATEGORIES = st.sampled_from(["cat-RUN-a", "cat-RUN-b"])
SKUS = st.sampled_from([f"SKU-RUN-{number}" for number in range(1, 7)])
BOOLEANS = st.booleans()


@st.composite
def nearly(draw: st.DrawFn, valid: Strategy, misses: dict[str, list[Any]]) -> Any:
    """Draw a valid object; once in a while with one or two values that break a rule."""
    body = dict(draw(valid))
    if draw(st.integers(0, SELDOM)) == SELDOM:
        for name in draw(st.lists(st.sampled_from([*misses]), min_size=1, max_size=2, unique=True)):
            value = draw(st.sampled_from(misses[name]))
            body |= {name: value}
    return {name: value for name, value in body.items() if value is not ABSENT}


@st.composite
def few(draw: st.DrawFn, always: dict[str, Strategy], sometimes: dict[str, Strategy]) -> Any:
    """Draw a query with up to three parameters more; more filters at once find nothing."""
    names = draw(st.lists(st.sampled_from([*sometimes]), max_size=3, unique=True))
    return draw(st.fixed_dictionaries({**always, **{name: sometimes[name] for name in names}}))


# Todos

CHECKLISTS = st.lists(
    st.fixed_dictionaries({"text": TITLES}, optional={"done": BOOLEANS, "id": st.just(5)}),
    max_size=3,
)
TODO_PROPERTIES: dict[str, Strategy] = {
    "notes": TEXTS,
    "completed": BOOLEANS,
    "priority": PRIORITIES,
    "due_at": st.none() | MOMENTS,
    "tags": st.lists(TAGS, unique=True, max_size=3),
    "items": CHECKLISTS,
    "updated_at": st.just("whenever"),
}
TODO_MISSES: dict[str, list[Any]] = {
    "title": ["", " \t", "\u2003\x1c\x85", "a\0", "x" * 201, 5, None, ABSENT],
    "notes": ["a\0", "x" * 10_001, None, False],
    "completed": ["yes", 1, None],
    "priority": ["High", "", 1, None],
    "due_at": [
        "2026-02-29T00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01t00:00:00z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00.1234567Z",
        "2026-01-01",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        1_767_225_600,
    ],
    "tags": [
        ["a", "b", "a"],
        ["A", "a--b", "", 1, None],
        [1, 1],
        [f"t{number}" for number in range(21)],
        "a",
        None,
    ],
    "items": [
        [{}, {"text": " "}],
        [{"text": "a", "done": None, "more": 1}],
        ["a", None],
        [{"text": "a"}] * 101,
        {},
        None,
    ],
    "product_id": [NOWHERE, "x" * 36, NOWHERE.replace("7", "A"), 7],
    "more": [1],
    "a/b~c": [None],
}
VALID_TODOS = st.fixed_dictionaries({"title": TITLES}, optional=TODO_PROPERTIES)
TODOS = nearly(VALID_TODOS, TODO_MISSES)
TODO_PATCHES = nearly(
    st.fixed_dictionaries({}, optional={"title": TITLES, **TODO_PROPERTIES}),
    {**TODO_MISSES, "title": TODO_MISSES["title"][:-1]},
)
BULKS = nearly(
    st.fixed_dictionaries(
        {"todos": st.lists(VALID_TODOS, min_size=1, max_size=5) | st.lists(TODOS, min_size=1)}
    ),
    {"todos": [[], [{"title": "a"}] * 101, {}, None, ABSENT], "more": [1]},
)
TODO_QUERIES = nearly(
    few(
        {},
        {
            "limit": st.sampled_from(["1", "2", "3", "7"]),
            "sort": st.sampled_from(
                [
                    "created_at",
                    "-created_at",
                    "updated_at",
                    "-updated_at",
                    "due_at",
                    "-due_at",
                    "priority",
                    "-priority",
                    "title",
                    "-title",
                ]
            ),
            "completed": st.sampled_from(["true", "false"]),
            "overdue": st.sampled_from(["true", "false"]),
            "priority": PRIORITIES,
            "tag": TAGS,
            "due_before": MOMENTS,
            "due_after": MOMENTS,
            "q": st.sampled_from(["a", "B", "%", "_", "é", "É", " ", "Z", "\\"]),
        },
    ),
    {
        "limit": ["0", "101", "-1", "01", "1.0", "x", ""],
        "sort": ["id", "title ", "+title", "-Title"],
        "completed": ["1", "True", ""],
        "overdue": ["yes"],
        "priority": ["HIGH"],
        "tag": ["A", "a" * 51, ""],
        "due_before": ["2026-01-01", "2026-13-01T00:00:00Z"],
        "due_after": ["0001-01-01T00:00:00+00:01"],
        "q": ["", "x" * 101, "\0"],
        "cursor": ["x", "AAAA"],
        "page": ["2"],
    },
)

# Products and stock

ATTRIBUTE_NAMES = st.sampled_from(["colour", "Colour", "a/b~c", "é", "😀", "\ufb01", "0", " "])
ATTRIBUTE_MISSES: list[Any] = [
    {"": "a", "x" * 51: "a", "a\0": "a"},
    {"a/b~c": 5},
    {"a": "x" * 201, "b": "\0"},
    {f"a{number}": "" for number in range(21)},
    [],
    None,
]
PRODUCT_PROPERTIES: dict[str, Strategy] = {
    "sku": SKUS,
    "name": TITLES,
    "category": CATEGORIES,
    "price": PRICES,
    "currency": CURRENCIES,
}
PRODUCT_OPTIONS: dict[str, Strategy] = {
    "description": TEXTS,
    "active": BOOLEANS,
    "stock": st.just(-5),
}
PRODUCT_MISSES: dict[str, list[Any]] = {
    "sku": ["AB", "-AB", "abc", "A" * 33, 5, None],
    "name": ["", " ", "x" * 201, None],
    "description": ["x" * 10_001, "\0", None],
    "category": ["A", "a-", "a" * 51, "", None],
    "price": ["1", "1.0", "01.00", "-1.00", "100000000.00", " 1.00", 1.5, None],
    "currency": ["eur", "XXX", None],
    "active": ["true", 0, None],
    "attributes": ATTRIBUTE_MISSES,
    "more": [1],
}
PRODUCTS = nearly(
    st.fixed_dictionaries(
        PRODUCT_PROPERTIES,
        optional={
            **PRODUCT_OPTIONS,
            "attributes": st.dictionaries(ATTRIBUTE_NAMES, TEXTS, max_size=3),
        },
    ),
    {**PRODUCT_MISSES, **{name: [*PRODUCT_MISSES[name], ABSENT] for name in PRODUCT_PROPERTIES}},
)
A_PRODUCT = {
    "sku": "SKU-RUN-0",
    "name": "a",
    "category": "cat-RUN-a",
    "price": "0.10",
    "currency": "EUR",
    "attributes": {"colour": "red", "size": "S"},
}
PRODUCT_PATCHES = nearly(
    st.fixed_dictionaries(
        {},
        optional={
            **PRODUCT_PROPERTIES,
            **PRODUCT_OPTIONS,
            "attributes": st.dictionaries(ATTRIBUTE_NAMES, st.none() | TEXTS, max_size=3),
        },
    ),
    PRODUCT_MISSES,
)
ADJUSTMENTS = nearly(
    st.fixed_dictionaries(
        {
            "delta": st.sampled_from([1, 5, -1, -4, 20.0, 1_000_000, -1_000_000]),
            "reason": st.sampled_from(["received", "sold", "returned", "damaged", "corrected"]),
        },
        optional={"note": TEXTS, "balance": st.just(7)},
    ),
    {
        "delta": [0, -0.0, 1.5, "1", True, 1_000_001, -1_000_001, None, ABSENT],
        "reason": ["Sold", "", None, ABSENT],
        "note": ["x" * 501, None],
        "more": [1],
    },
)
PRODUCT_QUERIES = nearly(
    few(
        {"category": CATEGORIES},  # other products aren't the model's
        {
            "limit": st.sampled_from(["1", "2", "3"]),
            "sort": st.sampled_from(
                [
                    "created_at",
                    "-created_at",
                    "name",
                    "-name",
                    "sku",
                    "-sku",
                    "price",
                    "-price",
                    "stock",
                    "-stock",
                ]
            ),
            "currency": CURRENCIES,
            "min_price": PRICES,
            "max_price": PRICES,
            "in_stock": st.sampled_from(["true", "false"]),
            "active": st.sampled_from(["true", "false"]),
            "q": st.sampled_from(["a", "B", "%", "_", "é", "sku", " "]),
        },
    ),
    {
        "limit": ["0", "101"],
        "sort": ["-id", "SKU"],
        "currency": ["eur"],
        "min_price": ["1", "-1.00"],
        "max_price": ["1.000", ""],
        "in_stock": ["1"],
        "active": ["TRUE"],
        "q": [""],
        "cursor": ["x"],
        "more": ["1"],
    },
)
PAGES = nearly(
    st.fixed_dictionaries({}, optional={"limit": st.sampled_from(["1", "2", "3"])}),
    {"limit": ["0", "101", "x"], "sort": ["created_at"], "cursor": ["x"]},
)

# People

ACCOUNT_MISSES: dict[str, list[Any]] = {
    "username": ["ab", "Alice", "a b", "x" * 31, "alice_RUN", "sam", 5, None],
    "email": ["a", "a@b", "ALICE.RUN@EXAMPLE.COM", "bob.RUN@example.com", 5, None],
    "more": [1],
}
OWN_NAMES = st.sampled_from(["carol_RUN", "dave_RUN", "erin_RUN"])
OWN_EMAILS = st.sampled_from(["carol.RUN@example.com", "Dave.RUN@example.com"])
USERS = nearly(
    st.fixed_dictionaries(
        {"username": OWN_NAMES, "email": OWN_EMAILS, "password": st.just("a password of RUN")},
        optional={"is_staff": st.just(value=True)},
    ),
    {**ACCOUNT_MISSES, "password": ["x" * 7, "x" * 129, "\0" * 8, None, ABSENT]},
)
USER_PATCHES = nearly(
    st.fixed_dictionaries(
        {}, optional={"username": OWN_NAMES, "email": OWN_EMAILS, "is_staff": st.just(value=True)}
    ),
    ACCOUNT_MISSES,
)

# Headers

MATCHES = st.sampled_from(
    [
        *[None] * 6,
        *["CURRENT"] * 4,
        "FORMER",
        '"foreign"',
        "*",
        'W/"foreign" ,\tCURRENT',
        "W/CURRENT",
        "FORMER, W/CURRENT",
        "unquoted",
        '"a" "b"',
    ]
)
KEYS = st.sampled_from([*[None] * 6, "key-RUN-1", "key-RUN-2", "key-RUN-3", "a b"])
