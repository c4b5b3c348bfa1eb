"""Sends each request to every server under test and holds the answers against each other.

lookalike aligns the values that servers make of their own – ids, times, tokens and, from these,
entity tags and cursors – and compares the answers, byte for byte otherwise; pages for people it
compares as markup.py reads them. Every further request is translated, so that a test speaks in the
values of the first server only.
"""

import difflib
import http.client
import json
import re
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from contract_tests import markup
from contract_tests.client import Answer, Connection, Request, shortened
from contract_tests.contract import operation
from contract_tests.documents import UnexpectedAnswerError
from contract_tests.law import violations
from lookalike import http as lookalike
from lookalike.alignment import Alignment
from lookalike.comparison import compare
from lookalike.evidence import Evidence
from lookalike.places import Difference

# What a server may have made of a text, in whatever a test wants to take out of it.
MADE_BY_SERVER = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"  # times
    r'|(?<="token":")[\w-]{43}(?=")'  # tokens
    r'|(?<=")[0-9a-f]{32}(?=")'  # entity tags
    r"|(?<=cursor=)[\w-]+"  # cursors
)
LAST_USED_AT = re.compile(rb'"last_used_at":"([^"]{27})"')
RENEWED = timedelta(seconds=30)  # apart: one is renewed, the other not
PASSING = timedelta(days=60)  # more than tests let stored times pass
RENEWAL_SECONDS = 1  # the servers' clocks and requests are not further apart
UNCOMPARED_FIELDS = {"date"}  # the two answers are given one after the other


class DifferenceError(AssertionError):
    """Two servers gave different answers to one request."""


class Peer:
    """A further server, and how its values correspond to the first server's."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        evidence = Evidence()
        evidence.by_bytes = True
        evidence.began -= PASSING  # what is older has to be equal
        self._alignment = Alignment(evidence)

    def translate(self, request: Request) -> Request:
        """Return the request with the first server's values replaced by this server's."""
        translated = self._alignment.translated_text
        return replace(
            request,
            target=translated(request.target),
            headers={name: translated(value) for name, value in request.headers.items()},
            body=None
            if request.body is None
            else translated(request.body.decode("latin-1")).encode("latin-1"),
        )

    def differences(self, sent: Request, ours: Answer, theirs: Answer) -> list[Difference]:
        """Learn from two answers to a request what corresponds, and list how they differ."""
        self._alignment.asked(plain(sent).texts & plain(self.translate(sent)).texts)
        name = operation(sent.method, sent.target).get("operationId", sent.method)
        return compare(name, (outcome(ours), outcome(theirs)), self._alignment)


def plain(request: Request) -> lookalike.Request:
    """Return a request as lookalike has it."""
    fields = tuple(request.headers.items())
    return lookalike.Request(request.method, request.target, fields, request.body)


class Page(lookalike.Answer):
    """An answer whose body is the tree of a page, as JSON, whatever its media type says."""

    is_json = True


def outcome(answer: Answer) -> lookalike.Answer:
    """Return an answer as lookalike has it; what is no page is compared as it was sent.

    Cookies are each server's own, in their names and numbers. The law says what they have to be.
    """
    fields = tuple(field for field in answer.fields if field[0].lower() != "set-cookie")
    if answer.body and markup.is_page(answer.fields):
        with suppress(markup.MarkupError):
            return Page(answer.status, fields, markup.as_json(answer.body))
    return lookalike.Answer(answer.status, fields, answer.body)


def transcript(answer: Answer) -> str:
    """Return the answer as text, line by line, less what can't be compared.

    The order of header fields and the reason phrase are the framework's.
    """
    fields = sorted(
        f"{name}: {value}" for name, value in answer.fields if name.lower() not in UNCOMPARED_FIELDS
    )
    return "\n".join([str(answer.status), *fields, "", answer.body.decode("latin-1")])


def is_renewed_by_some(request: Request, answers: Sequence[Answer]) -> bool:
    """Return whether a request fell between two servers' renewals of a token's `last_used_at`.

    It is renewed when it is older than 60 seconds, which is not the same moment on all servers. A
    server that renews it at other times still does so when it is asked again.
    """
    if request.method not in {"GET", "HEAD"} or not request.target.startswith("/api/tokens"):
        return False
    if {answer.status for answer in answers} == {200, 304}:
        return True
    used = [LAST_USED_AT.findall(answer.body) for answer in answers]
    return any(
        abs(datetime.fromisoformat(one.decode()) - datetime.fromisoformat(other.decode())) > RENEWED
        for times in used[1:]
        for one, other in zip(used[0], times, strict=False)
    )


class Lines(threading.local):
    """Each thread's connections, kept for request after request."""

    def __init__(self) -> None:
        self._open: list[Connection] = []

    def to(self, base_urls: Sequence[str]) -> list[Connection]:
        """Return a connection to each of the servers."""
        if not self._open:
            self._open = [Connection(base_url) for base_url in base_urls]
        return self._open

    def close(self) -> None:
        """Hang up; a further request opens new connections."""
        while self._open:
            self._open.pop().close()


class Carrier(Protocol):
    """Adds to requests what each server has given of its own, such as cookies."""

    def dressed(self, base_url: str, request: Request) -> Request:
        """Return a request as one server is sent it."""

    def keep(self, base_url: str, answer: Answer) -> None:
        """Take what one server gives."""


class DifferentialClient:
    """All servers under test, used as if they were one."""

    def __init__(self, base_urls: Sequence[str]) -> None:
        self.base_urls = list(base_urls)
        self._peers = [Peer(base_url) for base_url in self.base_urls[1:]]
        self._lines = Lines()

    def request(
        self,
        method: str,
        target: str,
        *,
        json_body: Any = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Build a request from its usual parts and send it to every server."""
        assert isinstance(target, str), f"no address to ask, but {target!r}"  # such as a `next`
        fields = {"X-Request-ID": uuid4().hex}
        if json_body is not None:
            body = json.dumps(json_body, ensure_ascii=False).encode()
            fields["Content-Type"] = "application/json"
        if token is not None:
            fields["Authorization"] = f"Bearer {token}"
        return self.send(Request(method, target, {**fields, **(headers or {})}, body))

    def send(self, request: Request, carrier: Carrier | None = None) -> Answer:
        """Send a request to every server and return the first one's answer.

        Raises DifferenceError when another server's answer differs after alignment, and
        AssertionError when an answer breaks a rule for all answers.
        """
        requests = [request, *(peer.translate(request) for peer in self._peers)]
        if carrier:
            requests = [*map(carrier.dressed, self.base_urls, requests)]
        answers = self._send_all(requests)
        if is_renewed_by_some(request, answers):
            time.sleep(RENEWAL_SECONDS)
            answers = self._send_all(requests)
        if carrier:
            for base_url, answer in zip(self.base_urls, answers, strict=True):
                carrier.keep(base_url, answer)
        first, *others = answers
        for peer, answer in zip(self._peers, others, strict=True):
            if found := peer.differences(request, first, answer):
                raise DifferenceError(self._report(request, peer, found, (first, answer)))
        for base_url, sent, answer in zip(self.base_urls, requests, answers, strict=True):
            check_law(answer, sent, base_url)
        return first

    def _send_all(self, requests: Sequence[Request]) -> list[Answer]:
        """Let all servers work at the same time, each on its own form of a request."""
        lines = self._lines.to(self.base_urls)
        try:
            for connection, request in zip(lines, requests, strict=True):
                connection.begin(request)
            return [connection.finish() for connection in lines]
        except (http.client.HTTPException, TimeoutError) as error:
            self._lines.close()
            asked = shortened(requests[0].curl(self.base_urls[0]))
            raise UnexpectedAnswerError(f"no answer, but {error!r}:\n{asked}") from error
        except BaseException:
            self._lines.close()  # an answer that nobody waited for must not be the next one's
            raise

    def close(self) -> None:
        """Hang up everywhere."""
        self._lines.close()

    def _report(
        self, request: Request, peer: Peer, found: Sequence[Difference], answers: Sequence[Answer]
    ) -> str:
        ours, theirs = (transcript(answer).splitlines() for answer in answers)
        addresses = self.base_urls[0], peer.base_url
        return "\n".join(
            [
                f"{request.method} {request.target} is answered differently:",
                *(f"{each.place}: {each.what}: {each.old!r}, {each.new!r}" for each in found),
                *difflib.unified_diff(ours, theirs, *addresses, lineterm="", n=30),
                request.curl(self.base_urls[0]),
                peer.translate(request).curl(peer.base_url),
            ]
        )


def check_law(answer: Answer, request: Request, base_url: str) -> None:
    """Hold an answer to what the contract says of all of them."""
    found = [*violations(request.method, request.target, answer.status, answer.fields, answer.body)]
    if found:
        lines = [*found, shortened(request.curl(base_url)), transcript(answer)]
        raise AssertionError("\n".join(lines))
