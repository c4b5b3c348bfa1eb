r"""Characters with a meaning for search engines are literal, in `q` and in the texts.

The characters are those of LIKE and its escapes, GLOB, SQL, JSON, full-text search, regular
expressions, and of formatting; what finds what is told by Python's `in`.
"""

from urllib.parse import quote
from uuid import uuid4

import pytest

from contract_tests.cast import Actor, register
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_name, a_product, a_todo

TEXTS = [
    *("%", "_", "\\", "/", "^", "$", "!", "|", "#", "~", "=", "@", "&", "+", "-", ":", ";", ","),
    *("*", "?", "[", "]", "[a]", "[!a]", "[^a]", "{", "}", "(", ")", ".", ".*", "a.b", "axb", "ab"),
    *(
        "'",
        "''",
        '"',
        '""',
        "`",
        "\\%",
        "\\_",
        "\\\\",
        "\\\\\\",
        "/%",
        "/_",
        "//",
        "%%",
        "__",
        "!%",
    ),
    *("100%", "100 %", "100_", "1000", "a%b", "a_b", "a\\b", "a/b", "a\\%b", "a\\\\b", "a\\/b"),
    *("%s", "%(a)s", "{0}", "$1", "\\1", "\\n", "\\x41", "\\u0041", "&amp;", "%25", "%5F", "+1"),
    *("a b", "a  b", "a\tb", "a\nb", "a OR b", "a AND b", "NOT a", "NEAR(a b)", "a*", '"a b"'),
    *("--", "/* */", "'; --", "NULL", "null", '{"a":"b"}', '["a"]', "\x01", "\x1b", "\x7f"),
    *(
        "é",
        "É",
        "e\u0301",
        "ß",
        "SS",
        "\u0131",
        "İ",
        "K",
        "k",
        "\u017f",
        "s",
        "Σ",
        "ς",
        "😀",
        "\u200b",
    ),
    *("A", "Z", "`a", "[a", "{a", "@a"),  # the neighbours of ASCII's letters
]
# As questions also what ends in an escape, or is none of the texts.
QUESTIONS = [*TEXTS, "%_", "_%", "\\'", "a\\", "a/", "%\\", "a%", "_b", "[^", "(?i)a", "a|b", "z"]

NO_0_OR_1 = str.maketrans("01", "89")


def lowered(text: str) -> str:
    """Return a text with the case of ASCII's letters alone ignored."""
    return "".join(each.lower() if each.isascii() else each for each in text)


def expected(question: str) -> list[str]:
    """Return the texts that contain what is asked for."""
    return sorted(text for text in TEXTS if lowered(question) in lowered(text))


@pytest.fixture(scope="module")
def searcher(client: DifferentialClient) -> Actor:
    """Return who has a todo of each text."""
    searcher = register(client, "searcher")
    for start in range(0, len(TEXTS), 100):
        todos = [a_todo(title=f"<{text}>") for text in TEXTS[start : start + 100]]
        assert searcher.post("/api/todos/bulk", {"todos": todos}).status == 201
    return searcher


@pytest.fixture(scope="module")
def shelf(sam: Actor) -> str:
    """Return the category of products that have these texts as their names."""
    category = a_name("search-")
    prefix = f"{uuid4().int & 0o777777777777:o}"  # a sku is searched, too: no question is in it
    for number, text in enumerate(TEXTS):
        sku = f"{prefix}{number:04o}".translate(NO_0_OR_1)
        product = a_product(name=f"<{text}>", category=category, sku=sku)
        assert sam.post("/api/products", product).status == 201
    return category


def found(actor: Actor, target: str, name: str) -> list[str]:
    """Return the texts of all pages."""
    texts = []
    following: str | None = target
    while following:
        page = actor.get(following)
        assert page.status == 200, page
        texts += [item[name][1:-1] for item in page.json["items"]]
        following = page.json["next"]
    return sorted(texts)


@pytest.mark.parametrize("question", QUESTIONS, ids=ascii)
def test_a_todo_is_found_by_what_its_title_contains(searcher: Actor, question: str) -> None:
    target = f"/api/todos?limit=100&q={quote(question, safe='')}"
    assert found(searcher, target, "title") == expected(question)


@pytest.mark.parametrize("question", QUESTIONS, ids=ascii)
def test_a_product_is_found_by_what_its_name_contains(
    anybody: Actor, shelf: str, question: str
) -> None:
    target = f"/api/products?category={shelf}&limit=100&q={quote(question, safe='')}"
    assert found(anybody, target, "name") == expected(question)
