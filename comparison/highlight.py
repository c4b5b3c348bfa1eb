"""Colours for code: a span for each line, with its number."""

import re
from functools import cache

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

from comparison.align import Chunk
from comparison.source import Excerpt, Line

LANGUAGES = {
    ".html": "html+django",
    ".py": "python",
    ".yaml": "yaml",
    ".toml": "toml",
    ".mako": "mako",
}


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


@cache
def coloured(excerpt: Excerpt) -> dict[int, Markup]:
    """Highlight an excerpt, and return its lines by their numbers."""
    language = LANGUAGES.get(f".{excerpt.path.rpartition('.')[2]}", "text")
    numbers = [line.number for line in excerpt.lines]
    return dict(zip(numbers, lines(excerpt.text, language), strict=True))


def numbered(excerpt: Excerpt, *, anchors: bool = False) -> Markup:
    """Highlight an excerpt with the numbers of its lines; what is left out shows as dots."""
    colours = coloured(excerpt)
    rendered = []
    for index, run in enumerate(excerpt.runs):
        if index:
            rendered.append(GAP)
        rendered += [line_of(line, colours, anchors=anchors) for line in run]
    return Markup("").join(rendered)


def chunk(part: Chunk) -> Markup:
    """Highlight a chunk of a listing with its marks; dots show where lines are left out."""
    colours = coloured(part.excerpt)
    after_gaps = {run[0].number for run in part.excerpt.runs[1:]}
    rendered = []
    for line, mark in zip(part.lines, part.marks or [""] * len(part.lines), strict=True):
        if line.number in after_gaps:
            rendered.append(GAP)
        rendered.append(line_of(line, colours, mark))
    return Markup("").join(rendered)


GAP = Markup('<span class="gap" aria-hidden="true">⋮</span>')


def line_of(
    line: Line, colours: dict[int, Markup], mark: str = "", *, anchors: bool = False
) -> Markup:
    """Write a line; its number is neither read out nor copied, and it hangs where it is wrapped."""
    place = Markup(' id="L{}"').format(line.number) if anchors else ""
    depth = (len(line.text) - len(line.text.lstrip())) // 4
    kinds = " ".join(filter(None, ("line", f"i{min(depth, 6)}" if depth else "", mark)))
    return Markup('<span class="{}"{} data-n="{}">{}\n</span>').format(
        kinds, place, line.number, colours[line.number]
    )


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
