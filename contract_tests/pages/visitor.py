"""A visitor's browser, as far as HTTP: it keeps cookies, and sends the forms that pages show.

Each response is checked by the rules for all pages, and each cookie for its flags.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

from contract_tests.client import Answer, Connection, Request

TOKEN_NAMES = {"csrf_token", "csrfmiddlewaretoken"}
FORM = "application/x-www-form-urlencoded"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# Swagger UI is the only script, and the contract that it asks for the only thing that scripts read.
DOCS_POLICY = POLICY.replace(
    "img-src 'self'", "img-src 'self' data:; script-src 'self'; connect-src 'self'"
)
FORGED = "This form has expired or was sent from another site. Reload the page and try again."
VOID = {"input", "meta", "link", "img", "br", "hr"}


@dataclass
class Form:
    """A form of a page, with what is filled in."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)  # of the fields that people fill in

    @property
    def token(self) -> tuple[str, str]:
        """The hidden field against forgery, and what is in it."""
        [name] = TOKEN_NAMES & {*self.fields}
        return name, self.fields[name]


class Document(HTMLParser):
    """What a page has: its elements in order, its text, and its forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.forms: list[Form] = []
        self.texts: list[str] = []
        self.headings: list[str] = []
        self.statuses: list[str] = []  # what is said of the last action
        self._open: list[tuple[str, dict[str, str]]] = []
        self._select = self._area = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        if tag not in VOID:
            self._open.append((tag, given))
        if tag == "form":
            self.forms.append(Form(given.get("method", "get"), given.get("action", "")))
        elif "name" in given and self.forms and tag in {"input", "select", "textarea"}:
            self._take(tag, given)
        elif tag == "option" and self._select:
            fields = self.forms[-1].fields
            if "selected" in given or self._select not in fields:
                fields[self._select] = given.get("value", "")

    def _take(self, tag: str, given: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], given["name"], given.get("type", tag)
        if kind != "hidden":
            form.kinds[name] = kind
        self._select, self._area = "", ""
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            form.fields[name] = ""
        elif kind != "checkbox" or "checked" in given:
            form.fields[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in {"select", "textarea"}:
            self._select = self._area = ""

    def handle_data(self, data: str) -> None:
        within = [tag for tag, _ in self._open]
        if self._area:
            # HTML leaves out a line feed that follows the tag.
            self.forms[-1].fields[self._area] += data.removeprefix("\n")
        elif within and within[-1] == "h1":
            self.headings.append(data)
        if any(given.get("role") == "status" for _, given in self._open) and data.strip():
            self.statuses.append(data.strip())
        if "body" in within and within[-1] not in {"script", "style"}:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """What can be read, with single spaces."""
        return " ".join(" ".join(self.texts).split())

    def shown(self) -> Iterator[str]:
        """Give everything that the page says: texts, and values of attributes."""
        yield "".join(self.texts)
        for _, given in self.elements:
            yield from given.values()


@dataclass(frozen=True)
class Page:
    """An answer that a person sees."""

    answer: Answer

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def headers(self) -> Any:
        return self.answer.headers

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return str(self.answer.headers["location"])

    @cached_property
    def document(self) -> Document:
        return Document(self.answer.body.decode())

    @property
    def text(self) -> str:
        return self.document.text

    @property
    def heading(self) -> str:
        return "".join(self.document.headings)

    def form(self, action: str) -> Form:
        """Return the form that changes something at an address."""
        forms = [each for each in self.document.forms if each.method == "post"]
        return next(each for each in forms if each.action == action)

    def is_forgery(self) -> bool:
        """Tell whether the form that was sent counts as forged."""
        return self.status == 403 and self.heading == "Forbidden" and FORGED in self.text


def is_over(cookie: str) -> bool:
    """Tell whether a Set-Cookie takes the cookie away."""
    return "; max-age=0" in cookie.lower()


def cookie_faults(cookie: str, *, is_secure: bool = True) -> Iterator[str]:
    """Hold a Set-Cookie to the flags that all of them have."""
    _, *attributes = cookie.split("; ")
    if is_over(cookie):
        return
    flags = {each.partition("=")[0].lower(): each.partition("=")[2] for each in attributes}
    if "httponly" not in flags:
        yield f"a script can read {cookie}"
    if flags.get("samesite") != "Lax":
        yield f"other sites' forms are sent with {cookie}"
    if flags.get("path") != "/" or "domain" in flags:
        yield f"not for this host and all of it: {cookie}"
    if ("secure" in flags) != is_secure:
        yield f"Secure should be {'there' if is_secure else 'left out'}: {cookie}"


def page_faults(request: Request, answer: Answer) -> Iterator[str]:
    """Hold an answer outside /api to what holds for all pages."""
    path = request.target.partition("?")[0]
    is_file = path.startswith("/static/") and answer.status < 400
    if is_file:
        return
    fields = {name.lower(): value for name, value in answer.fields}
    expected = {
        "cache-control": "no-store",
        "content-security-policy": DOCS_POLICY if path == "/docs" else POLICY,
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    for name, value in expected.items():
        if fields.get(name) != value:
            yield f"{name}: {fields.get(name)}"
    if not {"Cookie", "Origin"} <= {*re.split(r",\s*", fields.get("vary", ""))}:
        yield f"vary: {fields.get('vary')}"
    if "etag" in fields or "x-request-id" not in fields:
        yield "an ETag, or no X-Request-ID"
    is_page = answer.status not in {204, 303}
    if is_page and fields.get("content-type") != "text/html; charset=utf-8":
        yield f"content-type: {fields.get('content-type')}"
    if answer.status == 303 and not re.match(r"/(?![/\\])", fields.get("location", "")):
        yield f"location: {fields.get('location')}"


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, base_url: str, *, is_secure: bool = True, **headers: str) -> None:
        self.base_url = base_url
        self.cookies: dict[str, str] = {}
        self.session = ""  # the cookie that a login is known by, as it was set last
        self.is_secure = is_secure  # whether cookies are to be sent by https only
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection = Connection(base_url)

    def ask(
        self,
        method: str,
        target: str,
        fields: Mapping[str, str] | None = None,
        /,
        **headers: str,
    ) -> Page:
        """Send a request, and keep the cookies that its answer sets."""
        given = {**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookies:
            jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            given.setdefault("Cookie", jar)
        body = None
        if fields is not None:
            given.setdefault("Content-Type", FORM)
            body = urlencode(fields).encode()
        request = Request(method, target, given, body)
        self._connection.begin(request)
        answer = self._connection.finish()
        for name, value in answer.fields:
            if name.lower() == "set-cookie":
                assert [*cookie_faults(value, is_secure=self.is_secure)] == []
                self._keep(value)
        if not f"{target.partition('?')[0]}/".startswith(("/api/", "/admin/")):
            faults = [*page_faults(request, answer)]
            assert not faults, answer.lacks(f"is no page as all are: {'; '.join(faults)}")
        return Page(answer)

    def _keep(self, cookie: str) -> None:
        name, _, value = cookie.partition(";")[0].partition("=")
        if is_over(cookie):
            self.cookies.pop(name, None)
            return
        self.cookies[name] = value
        if name.endswith("_session"):
            self.session = value

    def get(self, target: str, **headers: str) -> Page:
        """Look at a page."""
        return self.ask("GET", target, **headers)

    def post(self, target: str, fields: Mapping[str, str], **headers: str) -> Page:
        """Send fields, with the origin that a browser tells."""
        return self.ask("POST", target, fields, **{"Origin": self.base_url, **headers})

    def form(self, page: str, action: str | None = None) -> Form:
        """Open a page, and return its form for an address: the page's own unless told."""
        shown = self.get(page)
        assert shown.status == 200, shown.answer.lacks("is not the form's page")
        return shown.form(action or page)

    def submit(self, page: str, action: str | None = None, **fields: str) -> Page:
        """Fill in a page's form, and send it."""
        form = self.form(page, action)
        return self.post(form.action, {**form.fields, **fields})

    def log_in(self, username: str, password: str, **fields: str) -> Page:
        """Log in, or try to."""
        return self.submit("/login", username=username, password=password, **fields)

    def log_out(self) -> Page:
        """Log out by the button that every page has."""
        return self.submit("/", "/logout")

    def is_logged_in(self) -> bool:
        """Tell whether the account is shown."""
        page = self.get("/account")
        assert page.status in {200, 303}, page.answer.lacks("is neither the account nor the way in")
        return page.status == 200

    def follow(self, page: Page) -> Page:
        """Go where a redirect leads, or stay."""
        return self.get(page.location) if page.status == 303 else page

    def copy(self, *names: str) -> "Visitor":
        """Return somebody who has stolen the cookies, all of them unless told which."""
        thief = Visitor(self.base_url, is_secure=self.is_secure)
        thief.headers = self.headers
        thief.cookies = {n: v for n, v in self.cookies.items() if not names or n in names}
        return thief


def percent_encoded(text: str) -> str:
    """Write any text into a part of an address."""
    return quote(text, safe="")
