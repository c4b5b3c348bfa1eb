"""Valid values; the simplest come first, since Hypothesis shrinks towards them."""

from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

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
BOOLEANS = st.booleans()

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
VALID_TODOS = st.fixed_dictionaries({"title": TITLES}, optional=TODO_PROPERTIES)

# Products

ATTRIBUTE_NAMES = st.sampled_from(["colour", "Colour", "a/b~c", "é", "😀", "\ufb01", "0", " "])
PRODUCT_PROPERTIES: dict[str, Strategy] = {"name": TITLES, "price": PRICES, "currency": CURRENCIES}
PRODUCT_OPTIONS: dict[str, Strategy] = {
    "description": TEXTS,
    "active": BOOLEANS,
    "stock": st.just(-5),
}
