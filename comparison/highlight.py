"""Colours for code: a span for each line, with its number."""

import re
from functools import cache

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

from comparison.source import Excerpt

LANGUAGES = {".py": "python", ".yaml": "yaml", ".toml": "toml", ".mako": "mako"}


@cache
def lexer(language: str) -> Lexer:
    """Return what tells a language's words apart; white space at the ends stays."""
    return get_lexer_by_name(language, stripnl=False)


def lines(text: str, language: str) -> list[Markup]:
    """Highlight a text and return its lines."""
    html = highlight(text, lexer(language), HtmlFormatter(nowrap=True))
    found = [Markup(line) for line in html.removesuffix("\n").split("\n")]  # noqa: S704 - escaped
    count = text.count("\n") + 1
    return [*found, *[Markup("")] * (count - len(found))][:count]


def code(text: str, language: str = "python") -> Markup:
    """Highlight a text without numbers."""
    return Markup("\n").join(lines(text, language))


def numbered(excerpt: Excerpt, *, anchors: bool = False) -> Markup:
    """Highlight an excerpt with the numbers of its lines; what is left out shows as dots."""
    language = LANGUAGES.get(f".{excerpt.path.rpartition('.')[2]}", "text")
    coloured = iter(lines(excerpt.text, language))
    rendered = []
    for index, run in enumerate(excerpt.runs):
        if index:
            rendered.append(Markup('<span class="gap" aria-hidden="true">⋮</span>'))
        rendered += [numbered_line(line.number, next(coloured), anchors=anchors) for line in run]
    return Markup("").join(rendered)


def numbered_line(number: int, html: Markup, *, anchors: bool) -> Markup:
    """Write a line; its number is neither read out nor copied."""
    place = Markup(' id="L{}"').format(number) if anchors else ""
    return Markup('<span class="line"{} data-n="{}">{}\n</span>').format(place, number, html)


def prose(text: str) -> Markup:
    """Write a sentence: `code` in backticks, and [links](address)."""
    html = str(escape(" ".join(text.split())))
    parts = html.split("`")
    html = "".join(
        f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)
    )
    return Markup(linked(html))  # noqa: S704 - escaped above


def linked(html: str) -> str:
    """Turn [text](address) into links."""
    return re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', html)
