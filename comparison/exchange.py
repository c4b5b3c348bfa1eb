"""Real requests, sent to both twins while a page is made; their answers must be the same bytes."""

import http.client
import json
import re
import shlex
import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from html import escape
from http.cookies import SimpleCookie
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from textwrap import indent
from typing import Any
from urllib.parse import urlencode

from comparison.chapters import Request
from comparison.trials import narrowed
from contract_tests.markup import TOKENS, VOID, Element, as_json, document, elements, is_page
from deploy.twins import TWINS, Twin, prepare, running_all

PASSWORD = "{}-demo-password"  # noqa: S105 - public, in the contract
COLUMNS = 88
USERS = ("alice", "bob", "sam")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# What each server makes anew: ids, times, entity tags, tokens, cursors, seconds that are left.
MADE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z"
    r'|"[0-9a-f]{32}"|(?<="token":")[\w-]{43}|(?<=cursor=)[\w-]+'
    r"|(?<='Retry-After', ')[0-9]+"
)
# Of the server before the application, and different with each answer.
NOT_COMPARED = {"connection", "date", "server", "transfer-encoding", "x-request-id"}
# Of a page, whose white space is each server's own, as its cookies' names are.
NOT_COMPARED_OF_PAGES = NOT_COMPARED | {"content-length", "set-cookie"}
# What every answer carries, and what says nothing here.
NOT_SHOWN = NOT_COMPARED_OF_PAGES | {
    "content-security-policy",
    "referrer-policy",
    "vary",
    "x-content-type-options",
    "x-frame-options",
}


class DifferenceError(Exception):
    """The twins answer one request differently."""


@dataclass(frozen=True)
class Answer:
    """What a twin answers."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str:
        """Return a header's value, or the empty text."""
        return dict(self.headers).get(name, "")

    def aligned(self) -> str:
        """Write the whole answer with what a server makes anew replaced by its number."""
        left_out = NOT_COMPARED_OF_PAGES if is_page(self.headers) else NOT_COMPARED
        compared = sorted(pair for pair in self.headers if pair[0].lower() not in left_out)
        body = as_json(self.body.encode()).decode() if self.is_page else self.body
        text = f"{self.status}\n{compared}\n{body}"
        numbers: dict[str, str] = {}
        return MADE.sub(lambda made: numbers.setdefault(made[0], f"<{len(numbers)}>"), text)

    @property
    def shown_headers(self) -> list[tuple[str, str]]:
        """The headers that are particular to this answer."""
        return [pair for pair in self.headers if pair[0].lower() not in NOT_SHOWN]

    @property
    def is_page(self) -> bool:
        """Whether there is a body, and it is HTML."""
        return bool(self.body) and is_page(self.headers)

    @property
    def page(self) -> Element:
        """The body as it is read, without what each server makes of its own."""
        return document(self.body.encode())

    @property
    def pretty(self) -> str:
        """The body: JSON with white space, and of a page what is its own."""
        if self.is_page:
            [main] = [each for each in elements(self.page) if each.name == "main"]
            return markup(main)
        if not self.body.startswith("{"):
            return self.body
        return indented(json.loads(self.body))

    def brief(self, pointer: str, only: Sequence[str] = ()) -> str:
        """Say in a line what came of it: the value at a pointer, or the errors' codes.

        Of an object in its place, or of those in a list, `only` names the members to show.
        """
        if self.status >= http.HTTPStatus.BAD_REQUEST:
            problem = json.loads(self.body)
            codes = [f"{each['code']} at {place(each)}" for each in problem.get("errors", [])]
            return f"{self.status} " + (", ".join(codes) or problem["title"])
        value: Any = json.loads(self.body)
        for token in pointer.split("/")[1:]:
            value = value[int(token)] if isinstance(value, list) else value[token]
        shown = narrowed(value, only)
        return f"{self.status}, {json.dumps(shown, ensure_ascii=False)}"


def indented(value: Any, indent: str = "") -> str:
    """Write JSON with white space: what fits is kept in a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= COLUMNS or not isinstance(value, dict | list) or not value:
        return flat
    deeper = f"{indent}  "
    if isinstance(value, list):
        entries = [indented(each, deeper) for each in value]
    else:
        entries = [
            f"{json.dumps(name, ensure_ascii=False)}: {indented(each, deeper)}"
            for name, each in value.items()
        ]
    start, end = "[]" if isinstance(value, list) else "{}"
    return f"{start}\n{deeper}" + f",\n{deeper}".join(entries) + f"\n{indent}{end}"


def markup(element: Element) -> str:
    """Write an element in lines; what fits is kept in one."""
    attributes = "".join(
        f' {name}="{escape(value)}"' if value else f" {name}"
        for name, value in element.attributes.items()
    )
    start, end = f"<{element.name}{attributes}>", f"</{element.name}>"
    if element.name in VOID:
        return start
    parts = [
        escape(each, quote=False) if isinstance(each, str) else markup(each)
        for each in element.children
        if each
    ]
    flat = "".join([start, *parts, end])
    if len(flat) <= COLUMNS and "\n" not in flat:
        return flat
    return "\n".join([start, *(indent(part, "  ") for part in parts), end])


def place(error: Mapping[str, str]) -> str:
    """Say what an error is about."""
    return next(error[kind] for kind in ("pointer", "parameter", "header") if kind in error)


@dataclass
class Browser:
    """What a visitor's browser keeps of a server: cookies, and the latest form's token."""

    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The header fields that go with each request."""
        return {"Cookie": "; ".join(map("=".join, self.cookies.items()))} if self.cookies else {}

    def keep(self, answer: Answer) -> None:
        """Take cookies, put away those that have ended, and look for a token."""
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                for key, cookie in SimpleCookie(value).items():
                    self.cookies[key] = cookie.coded_value
                    if cookie["max-age"] == "0":
                        del self.cookies[key]
        if answer.is_page:
            for each in elements(document(answer.body.encode(), masked=False)):
                if (name := each.attributes.get("name", "")) in TOKENS:
                    self.token = urlencode({name: each.attributes["value"]})


@dataclass
class Server:
    """A twin that runs, with a token of each user, and what its last answer has taught."""

    port: int
    tokens: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)

    def send(self, request: Request, given: str) -> Answer:
        """Send a request, as often as it says, and return the last answer."""
        if request.visitor:
            return self.visit(request)
        fill = partial(filled, values={**self.known, "input": given})
        headers = {"Content-Type": "application/json"} if request.body else {}
        if request.caller:
            headers["Authorization"] = f"Bearer {self.tokens[request.caller]}"
        headers |= {name: fill(value) for name, value in request.headers.items()}
        for _ in range(request.times):
            answer = self.exchange(
                request.method, fill(request.target), fill(request.body).encode(), headers
            )
        self.learn(answer)
        return answer

    def visit(self, request: Request) -> Answer:
        """Send a request as a visitor's browser does."""
        if request.visitor not in self.browsers:
            self.browsers[request.visitor] = Browser()
            if request.visitor in USERS:
                self.log_in_on_page(request.visitor)
        return self.browse(request)

    def log_in_on_page(self, user: str) -> None:
        """Let a user of the demo data log in as people do."""
        fields = urlencode({"username": user, "password": PASSWORD.format(user)})
        self.browse(Request("GET /login", visitor=user))
        answer = self.browse(Request("POST /login", visitor=user, body=fields))
        if answer.status != http.HTTPStatus.SEE_OTHER:
            raise DifferenceError(f"{user} can't log in on the pages: {answer.status}")

    def browse(self, request: Request) -> Answer:
        """Send a request with what a browser has, and keep what comes back."""
        browser, body, headers = self.browsers[request.visitor], "", {**request.headers}
        if request.method == "POST":
            headers |= FORM
            body = "&".join(filter(None, [browser.token, request.body]))
        answer = self.exchange(
            request.method, request.target, body.encode(), headers | browser.headers
        )
        browser.keep(answer)
        return answer

    def learn(self, answer: Answer) -> None:
        """Keep what the next request may refer to."""
        if location := answer.header("Location"):
            self.known["location"] = location
        if etag := answer.header("ETag"):
            self.known |= {"etag": etag, "older_etag": self.known.get("etag", "")}

    def exchange(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a request over a connection of its own."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, target, body or None, dict(headers))
            response = connection.getresponse()
            return Answer(
                response.status,
                response.reason,
                tuple(response.getheaders()),
                response.read().decode(),
            )

    def log_in(self) -> None:
        """Get a token for each user of the demo data."""
        for user in USERS:
            body = json.dumps({"username": user, "password": PASSWORD.format(user)})
            answer = self.exchange(
                "POST", "/api/tokens", body.encode(), {"Content-Type": "application/json"}
            )
            self.tokens[user] = json.loads(answer.body)["token"]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of `$names`; other dollar signs stay."""
    return Template(text).safe_substitute(values)


@dataclass(frozen=True)
class Pair:
    """Both twins, each with a database of its own that holds the demo data."""

    servers: tuple[Server, ...]

    def ask(self, request: Request, given: str = "") -> Answer:
        """Send a request to both and return the one answer, or raise DifferenceError."""
        first, second = (server.send(request, given) for server in self.servers)
        if first.aligned() != second.aligned():
            raise DifferenceError(
                f"{request.send} is answered differently:\n"
                f"{TWINS[0].name}: {first.aligned()}\n\n{TWINS[1].name}: {second.aligned()}"
            )
        return first


@contextmanager
def twins() -> Iterator[Pair]:
    """Run both twins on free ports for as long as the context lasts."""
    with TemporaryDirectory(prefix="comparison-") as folder, ExitStack() as stack:
        environments = [environment(Path(folder), twin) for twin in TWINS]
        with ThreadPoolExecutor() as pool:
            list(pool.map(prepare, TWINS, environments))
        ports = [free_port() for _ in TWINS]
        stack.enter_context(running_all(ports, environments))
        servers = tuple(Server(port) for port in ports)
        for server in servers:
            server.log_in()
        yield Pair(servers)


def environment(folder: Path, twin: Twin) -> dict[str, str]:
    """Return a twin's settings: one process, so that throttles count all."""
    return {
        "APP_ENV": "production",
        "DATABASE_URL": f"sqlite:///{folder / twin.name}.sqlite3",
        "SECRET_KEY": "of the comparison's own pages: 0123456789",
        "WEB_CONCURRENCY": "1",
    }


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def curl(request: Request) -> str:
    """Write a request as a command to be typed."""
    parts = ["curl -i"]
    if request.method not in ("GET", "POST"):
        parts.append(f"-X {request.method}")
    address = f"$API{request.target}".replace("$API$location", "$API$LOCATION")
    parts.append(f'"{address}"')
    if request.caller:
        parts.append(f'-H "Authorization: Bearer ${request.caller.upper()}"')
    if request.visitor:
        parts.append('-b "$COOKIES"')
    elif request.body and "Content-Type" not in request.headers:
        parts.append("-H 'Content-Type: application/json'")
    for name, value in request.headers.items():
        header = f"{name}: {value}"
        is_variable = value.startswith("$")
        parts.append(
            f'-H "{name}: {value.upper()}"' if is_variable else f"-H {shlex.quote(header)}"
        )
    if request.visitor and request.method == "POST":
        parts.append(f'-d "{"&".join(filter(None, ["$CSRF", request.body]))}"')
    elif request.body:
        parts.append(f"-d {shlex.quote(request.body)}")
    elif request.method == "POST":
        parts.append("-X POST")
    return " \\\n  ".join(parts)
