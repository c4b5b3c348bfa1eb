"""Somebody with a browser, at all servers under test at once.

Each server has given cookies and tokens against forgery of its own. A visitor sends them along, as
a browser does: those that the latest page had.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from contract_tests.cast import Actor
from contract_tests.client import Answer, Request
from contract_tests.differential_client import DifferentialClient
from contract_tests.markup import TOKENS, Element, MarkupError, document, elements, is_page

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Browser:
    """What one server has given: cookies, and the token of the latest page with a form."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.token: tuple[str, str] | None = None

    def keep(self, answer: Answer) -> None:
        """Take cookies, put away those that have ended, and look for a token."""
        for name, value in answer.fields:
            if name.lower() == "set-cookie":
                cookie, _, attributes = value.partition(";")
                key, _, content = cookie.partition("=")
                self.cookies[key] = content
                if "max-age=0" in attributes.lower():
                    del self.cookies[key]
        if answer.body and is_page(answer.fields):
            fields = [each.attributes for each in elements(page_of(answer))]
            found = [each for each in fields if each.get("name") in TOKENS]
            if found:
                self.token = found[0]["name"], found[0].get("value", "")


class DifferentialVisitor:
    """A person whom every server knows by a session, or doesn't know."""

    def __init__(self, client: DifferentialClient) -> None:
        self.client = client
        self.browsers = {base_url: Browser() for base_url in client.base_urls}
        self._has_token = True

    def get(self, target: str, **headers: str) -> Answer:
        """Look at a page."""
        return self.ask("GET", target, headers)

    def submit(self, target: str, *, page: str | None = None, **fields: str) -> Answer:
        """Send a form, as it is on a page: the page of the same address unless told."""
        self.get(page or target)
        return self.post(target, **fields)

    def post(self, target: str, **fields: str) -> Answer:
        """Send a form with the token that was seen last."""
        return self.ask("POST", target, FORM, urlencode(fields).encode())

    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        has_token: bool = True,
    ) -> Answer:
        """Send any request, with the cookies; a form gets its token."""
        self._has_token = has_token
        fields = {"X-Request-ID": uuid4().hex, **(headers or {})}
        return self.client.send(Request(method, target, fields, body), self)

    def dressed(self, base_url: str, request: Request) -> Request:
        """Return a request as one server is sent it."""
        browser, headers, body = self.browsers[base_url], {**request.headers}, request.body
        if browser.cookies:
            headers["Cookie"] = "; ".join(f"{key}={text}" for key, text in browser.cookies.items())
        if body is not None and self._has_token and browser.token:
            body = b"&".join(filter(None, [body, urlencode([browser.token]).encode()]))
        return replace(request, headers=headers, body=body)

    def keep(self, base_url: str, answer: Answer) -> None:
        """Take what one server gives."""
        self.browsers[base_url].keep(answer)


def page_of(answer: Answer) -> Element:
    """Return an answer's page; one that is ill-formed is empty, and the law's to find."""
    try:
        return document(answer.body, masked=False)
    except MarkupError:
        return Element("")


def logged_in(actor: Actor) -> DifferentialVisitor:
    """Return somebody of the cast with a session of their own."""
    visitor = DifferentialVisitor(actor.client)
    answer = visitor.submit("/login", username=actor.username, password=actor.password)
    assert (answer.status, answer.headers["location"]) == (303, "/dashboard")
    return visitor


def texts(answer: Answer, name: str, **attributes: Any) -> list[str]:
    """Return the texts of all elements of a name on a page that have some attributes."""
    return [
        text_of(each)
        for each in elements(document(answer.body))
        if each.name == name and attributes.items() <= each.attributes.items()
    ]


def text_of(element: Element) -> str:
    """Return what there is to read in an element."""
    return " ".join(
        child if isinstance(child, str) else text_of(child) for child in element.children
    ).strip()
