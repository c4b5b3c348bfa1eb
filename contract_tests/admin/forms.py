"""Forms as a browser sends them: with the values of all fields, including the CSRF token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

CHECKED = {"checkbox", "radio"}
UNSENT = {"submit", "button", "image", "file", "reset"}


@dataclass
class Form:
    """A form of a page: its address, what its fields hold, and what could be chosen."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class Reader(HTMLParser):
    """Reads a page's forms; boxes outside of them belong to the last one."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.boxes: dict[str, list[str]] = {}
        self.inside: Form | None = None
        self.select = self.textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.inside = Form(given.get("action") or "")
            self.forms.append(self.inside)
        if tag == "input" and given.get("type") in CHECKED:
            self.boxes.setdefault(name, []).append(value)
        if self.inside is not None and name:
            self.begin_field(self.inside, tag, name, given)
        if self.inside is not None and tag == "option" and self.select:
            self.inside.choices.setdefault(self.select, []).append(value)
            if "selected" in given or self.select not in self.inside.fields:
                self.inside.fields[self.select] = value

    def begin_field(self, form: Form, tag: str, name: str, given: Mapping[str, str | None]) -> None:
        """Note what a field holds, or of which one that follows."""
        kind, value = given.get("type"), given.get("value") or ""
        if tag == "input" and kind in CHECKED:
            if "checked" in given:
                form.fields[name] = value or "on"
        elif tag == "input" and kind not in UNSENT:
            form.fields[name] = value
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.textarea = name
            form.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.textarea:
            self.inside.fields[self.textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.inside:
            # What is on the tag's own line doesn't count, as browsers have it.
            text = self.inside.fields[self.textarea].removeprefix("\r\n").removeprefix("\n")
            self.inside.fields[self.textarea] = text
            self.textarea = ""


def read(page: httpx.Response) -> Reader:
    """Read a page."""
    reader = Reader()
    reader.feed(page.text)
    return reader


def form_with(page: httpx.Response, name: str) -> Form:
    """Return a page's form that has a field of this name."""
    found = [form for form in read(page).forms if name in form.fields or name in form.choices]
    assert found, f"{page.request.url} has no form with {name}"
    return found[0]


def send(
    browser: httpx.Client, page: httpx.Response, form: Form, values: dict[str, Any]
) -> httpx.Response:
    """Send a form of a page with other values; what is None is left out, as an empty box is."""
    fields = {name: value for name, value in {**form.fields, **values}.items() if value is not None}
    origin = str(browser.base_url).rstrip("/")
    headers = {"Origin": origin, "Referer": str(page.request.url)}
    return browser.post(urljoin(str(page.request.url), form.action), data=fields, headers=headers)


def submit(browser: httpx.Client, address: str, name: str, /, **values: Any) -> httpx.Response:
    """Show a page, and send its form that has a field of this name."""
    page = browser.get(address)
    assert page.status_code == 200, page
    return send(browser, page, form_with(page, name), values)
