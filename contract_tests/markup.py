"""A page as its readers see it: its elements, their attributes, and its text.

Two servers write one page in their own templates' white space, order of attributes and character
references, and say or leave out what is so anyway: an empty `value` of a field, and the `selected`
of a first option. Whatever else differs is a difference, but for what each server makes of its own:

- tokens against forgery, and the name of their hidden field;
- where below `/static/` a file is, though not what it is called;
- the text of a `time` element that says what its `datetime` says, which is a value like others.

A page whose tags don't close each other, or that repeats an attribute, is no page (`MarkupError`).
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

MEDIA_TYPE = "text/html"
# HTML, sections 13.1.2 and 4.10.11: elements without an end tag, and where white space counts.
VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
    *("track", "wbr"),
}
VERBATIM = {"pre", "script", "style", "textarea"}
# Elements amid a line of text, beside which one space is more than none.
IN_LINE = {"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "time"}
SPACE = re.compile(r"[ \t\n\f\r]+")  # HTML's; others are text
TOKENS = {"csrf_token", "csrfmiddlewaretoken"}
ADDRESSES = {"href", "src"}
CHOICES = {"button", "checkbox", "radio", "reset", "submit"}  # to whose inputs `value` is no text
STATIC = re.compile(r"/static/(?:[^?#]*/)?([^/?#]+)")
MADE = "(made by the server)"


class MarkupError(AssertionError):
    """A page that isn't well-formed."""


@dataclass
class Element:
    """An element with what is in it, elements and texts."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Return the element as JSON has it."""
        children = [each if isinstance(each, str) else each.plain() for each in self.children]
        return {"element": self.name, "attributes": self.attributes, "children": children}


class Reader(HTMLParser):
    """Builds the tree of a document."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_decl(self, decl: str) -> None:
        """Keep the document type, which decides how browsers read the rest."""
        self.root.children.append(Element(f"!{decl.lower()}"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        attributes = {name: value or "" for name, value in attrs}
        if len(attributes) < len(attrs):
            raise MarkupError(f"<{tag}> in line {self.getpos()[0]} repeats an attribute")
        if tag == "input" and attributes.get("type", "text") not in CHOICES:
            attributes.setdefault("value", "")
        element = Element(tag, attributes)
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element; a slash means nothing in HTML, except to what is of SVG."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        if self._open[-1].name != tag:
            raise MarkupError(f"</{tag}> in line {self.getpos()[0]} closes <{self._open[-1].name}>")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Add a text to the one before, which a comment or a reference may have cut."""
        siblings = self._open[-1].children
        if siblings and isinstance(siblings[-1], str):
            siblings[-1] += data
        else:
            siblings.append(data)

    def close(self) -> None:
        """End the document."""
        super().close()
        if self._open != [self.root]:
            raise MarkupError(f"<{self._open[-1].name}> is never closed")


def is_page(fields: Iterable[tuple[str, str]]) -> bool:
    """Tell by an answer's header fields whether its body is a page."""
    types = [value for name, value in fields if name.lower() == "content-type"]
    return any(value.partition(";")[0].strip().lower() == MEDIA_TYPE for value in types)


def document(body: bytes, *, masked: bool = True) -> Element:
    """Read a page; texts are as they are shown, and what servers make of their own is masked."""
    reader = Reader()
    try:
        reader.feed(body.decode())
    except UnicodeDecodeError:
        raise MarkupError("the page is not in UTF-8") from None
    reader.close()
    tidy(reader.root)
    choose(reader.root)
    if masked:
        mask(reader.root)
    return reader.root


def tidy(parent: Element) -> None:
    """Collapse white space, and drop it where it says nothing."""
    if parent.name in VERBATIM:
        mend = re.sub(r"\r\n?", "\n", "".join(map(str, parent.children)))
        parent.children = [mend.removeprefix("\n") if parent.name != "script" else mend]
        return
    kept: list[Element | str] = []
    beside = [None, *parent.children, None]
    for before, child, after in zip(beside, parent.children, beside[2:], strict=False):
        if isinstance(child, Element):
            tidy(child)
            kept.append(child)
            continue
        text = SPACE.sub(" ", child)
        text = text if is_in_line(before, parent) else text.removeprefix(" ")
        text = text if is_in_line(after, parent) else text.removesuffix(" ")
        if text:
            kept.append(text)
    parent.children = kept


def choose(parent: Element) -> None:
    """Say in each select of one which option is selected: the first, if none says so (4.10.7)."""
    for child in parent.children:
        if isinstance(child, Element):
            choose(child)
    if parent.name == "select" and "multiple" not in parent.attributes:
        options = [each for each in elements(parent) if each.name == "option"]
        if options and not any("selected" in each.attributes for each in options):
            options[0].attributes["selected"] = ""


def elements(parent: Element) -> Iterator[Element]:
    """Yield all elements in another, in their order."""
    for child in parent.children:
        if isinstance(child, Element):
            yield child
            yield from elements(child)


def is_in_line(sibling: Element | str | None, parent: Element) -> bool:
    """Tell whether a space says something beside a sibling, or at an end of its parent."""
    element = sibling if isinstance(sibling, Element) else parent
    return element.name in IN_LINE


def mask(element: Element) -> None:
    """Replace the values that a server has made of its own, here and in what is in it."""
    for child in element.children:
        if isinstance(child, Element):
            mask(child)
    attributes = element.attributes
    if element.name == "input" and attributes.get("name") in TOKENS:
        attributes["name"] = MADE
        if attributes.get("value"):
            attributes["value"] = MADE
    for name in ADDRESSES & attributes.keys():
        attributes[name] = STATIC.sub(rf"/static/{MADE}/\1", attributes[name])
    if element.name == "time" and element.children == [shown(attributes.get("datetime", ""))]:
        element.children = [MADE]


def shown(moment: str) -> str:
    """Return a time as pages show it to people."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return ""


def as_json(body: bytes) -> bytes:
    """Return a page as JSON, which lookalike compares by value."""
    return json.dumps(document(body).plain(), ensure_ascii=False, sort_keys=True).encode()
