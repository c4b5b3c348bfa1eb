"""Sends each request to every server under test and holds the answers against each other.

Servers make values of their own: ids, times, tokens and, from these, entity tags and cursors. Such
a value of one server corresponds to the value that stands at the same place of the other's answer.
The client learns this correspondence from the answers, insists that it is one to one, and
translates every further request, so that a test speaks in the values of the first server only.

What the client has sent is no server's own: it corresponds to itself. Times correspond only where
they are about the same, as the servers are asked at the same time, and keep their order.
"""

import difflib
import http.client
import json
import re
import threading
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus
from uuid import uuid4

from contract_tests.client import Answer, Connection, Request, shortened
from contract_tests.documents import UnexpectedAnswerError
from contract_tests.law import violations

MADE_BY_SERVER = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"  # times
    r'|(?<="token":")[\w-]{43}(?=")'  # tokens
    r'|(?<=")[0-9a-f]{32}(?=")'  # entity tags
    r"|(?<=cursor=)[\w-]+"  # cursors
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")
# A bound on how much later one of two servers does what both were asked at the same time.
APART = timedelta(seconds=60)
UNCOMPARED_FIELDS = {"date"}  # the two answers are given one after the other


class DifferenceError(AssertionError):
    """Two servers gave different answers to one request."""

    def __init__(self, report: str, statuses: tuple[int, int]) -> None:
        super().__init__(report)
        self.statuses = statuses


class Peer:
    """A further server, and how its values correspond to the first server's."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._theirs: dict[str, str] = {}
        self._ours: dict[str, str] = {}
        # Moments that have passed, as both servers know them: in the same order.
        self._our_moments: list[str] = []
        self._their_moments: list[str] = []

    def translate(self, request: Request) -> Request:
        """Return the request with the first server's values replaced by this server's."""
        return replace(
            request,
            target=self._to_theirs(request.target),
            headers={name: self._to_theirs(value) for name, value in request.headers.items()},
            body=None
            if request.body is None
            else self._to_theirs(request.body.decode("latin-1")).encode("latin-1"),
        )

    def align(self, request: Request, ours: str, theirs: str) -> str:
        """Learn what corresponds, and return the text in the first server's values."""
        for value in values_in(text_of(request)):
            if value not in self._theirs and value not in self._ours:
                self._learn(value, value)
        our_values = MADE_BY_SERVER.findall(ours)
        their_values = MADE_BY_SERVER.findall(theirs)
        for our_value, their_value in zip(our_values, their_values, strict=False):
            if (
                our_value not in self._theirs
                and their_value not in self._ours
                and self._is_plausible(our_value, their_value)
            ):
                self._learn(our_value, their_value)
        return MADE_BY_SERVER.sub(lambda match: self._ours.get(match[0], match[0]), theirs)

    def _learn(self, our_value: str, their_value: str) -> None:
        self._theirs[our_value] = their_value
        self._ours[their_value] = our_value

    def _is_plausible(self, our_value: str, their_value: str) -> bool:
        """Tell whether two values may correspond; if they are moments, note their order."""
        are_times = TIME.fullmatch(our_value) and TIME.fullmatch(their_value)
        if not are_times or our_value == their_value:  # equal ones are such as the demo data's
            return True
        try:
            apart = abs(instant(our_value) - instant(their_value))
        except (ValueError, OverflowError):  # no time of any calendar
            return False
        if apart > APART:
            return False
        if max(our_value, their_value) > written(datetime.now(UTC)):
            return True  # an end to come is no moment of this order
        place = bisect(self._our_moments, our_value)
        if place != bisect(self._their_moments, their_value):
            return False
        self._our_moments.insert(place, our_value)
        self._their_moments.insert(place, their_value)
        return True

    def _to_theirs(self, text: str) -> str:
        return re.sub(r"[\w.:-]+", lambda match: self._theirs.get(match[0], match[0]), text)


def text_of(request: Request) -> str:
    """Return what a request says, whatever its encoding."""
    body = (request.body or b"").decode("utf-8", "replace")
    if "\\u" in body:
        with suppress(ValueError, RecursionError):
            body = json.dumps(json.loads(body), ensure_ascii=False)
    return "\n".join([unquote_plus(request.target), *request.headers.values(), body])


def values_in(text: str) -> Iterator[str]:
    """Yield what looks in a text as if a server had made it, times as a server writes them."""
    yield from MADE_BY_SERVER.findall(text)
    for time in TIME.findall(text):
        with suppress(ValueError, OverflowError):  # no time at all, or none in UTC
            yield written(instant(time))


def instant(time: str) -> datetime:
    """Read a time as RFC 3339 writes it."""
    return datetime.fromisoformat(time).astimezone(UTC)


def written(moment: datetime) -> str:
    """Write a time as the contract has it."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def transcript(answer: Answer) -> str:
    """Return the answer as text, line by line, less what can't be compared.

    The order of header fields and the reason phrase are the framework's.
    """
    fields = sorted(
        f"{name}: {value}" for name, value in answer.fields if name.lower() not in UNCOMPARED_FIELDS
    )
    return "\n".join([str(answer.status), *fields, "", answer.body.decode("latin-1")])


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

    def send(self, request: Request) -> Answer:
        """Send a request to every server and return the first one's answer.

        Raises DifferenceError when another server's answer differs after alignment, and
        AssertionError when an answer breaks a rule for all answers.
        """
        requests = [request, *(peer.translate(request) for peer in self._peers)]
        first, *others = answers = self._send_all(requests)
        ours = transcript(first)
        for peer, answer in zip(self._peers, others, strict=True):
            if (theirs := peer.align(request, ours, transcript(answer))) != ours:
                report = self._report(request, peer, ours, theirs)
                raise DifferenceError(report, (first.status, answer.status))
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

    def _report(self, request: Request, peer: Peer, ours: str, theirs: str) -> str:
        lines = difflib.unified_diff(
            ours.splitlines(),
            theirs.splitlines(),
            self.base_urls[0],
            peer.base_url,
            lineterm="",
            n=30,
        )
        return "\n".join(
            [
                f"{request.method} {request.target} is answered differently (values aligned):",
                *lines,
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
