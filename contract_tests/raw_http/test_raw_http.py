"""Sends every probe to every server: each response is the contract's, and all are equal."""

import difflib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import count
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from contract_tests.address import Address
from contract_tests.client import Request, send
from contract_tests.differential_client import MADE_BY_SERVER
from contract_tests.law import violations
from contract_tests.raw_http import bodies, connections, left_open, order, refusals
from contract_tests.raw_http.exchange import PATIENCE, Received, connect, exchange
from contract_tests.raw_http.probe import ALICE, Conversation, Probe, Refusal, problem, request

TABLES = (bodies, order)

HEAD = re.compile(r"(HTTP/1\.\d \d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Servers = dict[str, Callable[[bytes], bytes]]


@pytest.fixture(scope="module")
def servers(base_urls: list[str]) -> Servers:
    """Return for each server under test how the placeholders of a request are filled in there."""
    unique = uuid4().hex[:12]
    return {base_url: filler(base_url, unique) for base_url in base_urls}


def filler(base_url: str, unique: str) -> Callable[[bytes], bytes]:
    """Return a function that fills in what is true on one server, in a request's heads."""
    known = {
        "{host}": Address.of(base_url).authority,
        "{unique-key}": unique,
        **{f"{{{name}}}": token(base_url, name) for name in ["alice", "bob", "sam"]},
    }

    def fill(raw: bytes) -> bytes:
        for placeholder, value in known.items():
            raw = raw.replace(placeholder.encode(), value.encode())
        return raw

    return fill


def token(base_url: str, username: str) -> str:
    """Log in somebody of the demo data on one server."""
    credentials = {"username": username, "password": f"{username}-demo-password"}
    answer = send(
        base_url,
        Request(
            "POST",
            "/api/tokens",
            {"Content-Type": "application/json"},
            json.dumps(credentials).encode(),
        ),
    )
    assert answer.status == 201, answer
    text: str = answer.json["token"]
    return text


def ascii_ids(table: dict[str, bytes]) -> list[str]:
    """Name tests as any terminal can."""
    return [name.encode("unicode_escape").decode() for name in table]


def named(table: ModuleType, probe: Probe) -> Any:
    """Name a probe by its theme."""
    theme = table.__name__.rpartition(".")[2]
    return pytest.param(probe, id=f"{theme}: {probe.name}")


@pytest.mark.parametrize(
    "probe", [named(table, probe) for table in TABLES for probe in table.PROBES]
)
def test_probe(probe: Probe, servers: Servers) -> None:
    answers = {url: exchange(url, fill(probe.request)) for url, fill in servers.items()}
    faults = [
        f"{url}: {fault}"
        for url, answer in answers.items()
        for fault in [*bounds(answer), *expected(probe, answer), *lawful(probe, answer)]
    ]
    # What a server makes anew has to be of the same shape everywhere, not the same.
    made = MADE_BY_SERVER if probe.status == 201 else UUID if probe.request_id is None else None
    compare(probe.name, probe.request, answers, faults, made)


@pytest.mark.parametrize(
    "conversation",
    [
        pytest.param(each, marks=[pytest.mark.half_close] if each.half_close else [], id=each.name)
        for each in connections.CONVERSATIONS
    ],
)
def test_conversation(conversation: Conversation, servers: Servers) -> None:
    answers = {
        url: exchange(
            url,
            fill(conversation.request),
            half_close=conversation.half_close,
            slowly=conversation.slowly,
        )
        for url, fill in servers.items()
    }
    faults = []
    for url, answer in answers.items():
        faults += [f"{url}: {fault}" for fault in bounds(answer)]
        if answer.statuses != conversation.statuses:
            faults.append(f"{url}: statuses {answer.statuses}, not {conversation.statuses}")
        rest = answer.raw
        for part in conversation.holds:  # in this order
            _, found, rest = rest.partition(part)
            if not found:
                faults.append(f"{url}: nowhere (or not in this order): {part!r}")
    compare(conversation.name, conversation.request, answers, faults, MADE_BY_SERVER)


@pytest.mark.parametrize("refusal", refusals.REFUSALS, ids=lambda each: each.name)
def test_refusal(refusal: Refusal, servers: Servers) -> None:
    answers = {url: exchange(url, fill(refusal.request)) for url, fill in servers.items()}
    faults = [f"{url}: {fault}" for url, answer in answers.items() for fault in bounds(answer)]
    faults += [
        f"{url}: {answer.status}, which is none of {refusal.statuses}"
        for url, answer in answers.items()
        if answer.status not in refusal.statuses
    ]
    compare(refusal.name, refusal.request, answers, faults, MADE_BY_SERVER)


def test_stalled_request(base_urls: list[str]) -> None:
    """Somebody who stops halfway holds up nobody else, and may go on later."""
    raw = request("GET /api/health", "Host: localhost")
    for url in base_urls:
        with closing(connect(url)) as stalled:
            stalled.sendall(raw[:40])
            other = exchange(url, raw)
            assert (other.status, list(bounds(other))) == (200, [])
            stalled.sendall(raw[40:])
            assert stalled.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_body_without_an_end_is_refused(servers: Servers) -> None:
    """Nothing more follows, and the connection stays open: who waits for the end never answers."""
    for url, fill in servers.items():
        with closing(connect(url)) as stalled:
            with suppress(BrokenPipeError, ConnectionResetError):
                stalled.sendall(fill(bodies.ENDLESS))
            assert stalled.recv(65536).startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 400 ")), url


@pytest.mark.half_close
@pytest.mark.parametrize("raw", bodies.TORN.values(), ids=[*bodies.TORN])
def test_half_a_body_changes_nothing(servers: Servers, raw: bytes) -> None:
    """RFC 9112, section 8: such a request is incomplete, however complete its JSON may look."""
    for url, fill in servers.items():
        answer = exchange(url, fill(raw), half_close=True)
        assert (answer.closed, {*answer.statuses} <= {400}) == (True, True), answer.raw
        found = exchange(url, fill(request("GET /api/todos?q=torn", ALICE)))
        assert found.body == b'{"items":[],"next":null}'


@pytest.mark.parametrize("raw", left_open.LEFT_OPEN.values(), ids=ascii_ids(left_open.LEFT_OPEN))
def test_left_open(servers: Servers, raw: bytes) -> None:
    for url, fill in servers.items():
        answer = exchange(url, fill(raw))
        assert (answer.status // 100 in {2, 4}, [*bounds(answer)]) == (True, []), (url, answer.raw)


@pytest.mark.parametrize("raw", left_open.UNMET.values(), ids=ascii_ids(left_open.UNMET))
def test_an_ill_formed_condition_is_not_met(servers: Servers, raw: bytes) -> None:
    for url, fill in servers.items():
        assert exchange(url, fill(raw)).status in {400, 412}, url


def bounds(answer: Received) -> Iterator[str]:
    """Hold an answer to what is true of every connection: it ends in time."""
    if not answer.closed or answer.seconds > PATIENCE:
        yield f"not finished after {answer.seconds:.1f} s"


def expected(probe: Probe, answer: Received) -> Iterator[str]:
    """Hold an answer to what its probe expects."""
    if answer.status != probe.status:
        yield f"{answer.status_line or 'nothing'}, where {probe.status} is expected"
    fields = {name.lower(): value for name, value in answer.fields}
    for name, value in probe.fields.items():
        if (found := fields.get(name.lower())) != value:
            yield f"{name} is {found!r}, where {value!r} is expected"
    body = problem(probe) if probe.problem else probe.body
    if probe.request.startswith(b"HEAD "):
        if body and probe.problem and fields.get("content-length") not in {None, str(len(body))}:
            yield f"Content-Length is {fields['content-length']}, where {len(body)} is expected"
        body = b""
    if probe.status in {204, 304}:
        body = b""
    if body is not None and answer.body != body:
        begin = max(0, first_difference(body, answer.body) - 300)
        yield (
            f"the body should be, from byte {begin},\n    {abridged(body[begin:])}\n"
            f"  but is\n    {abridged(answer.body[begin:])}"
        )
    if probe.holds not in answer.body:
        yield f"it should hold\n    {abridged(probe.holds)}\n  but is\n    {abridged(answer.body)}"


def lawful(probe: Probe, answer: Received) -> Iterator[str]:
    """Hold an answer to what the contract says of every answer."""
    method, target, _ = probe.request.decode("latin-1").split(" ", 2)
    yield from violations(method, target, answer.status, answer.fields, answer.body)
    fields = {name.lower(): value for name, value in answer.fields}
    if not right_request_id(probe, fields.get("x-request-id", "")):
        yield f"X-Request-ID is {fields.get('x-request-id')!r}"


def right_request_id(probe: Probe, value: str) -> bool:
    """Tell whether an answer names its request as it should."""
    if probe.request_id is None:
        return UUID.fullmatch(value) is not None
    return value == probe.request_id


def compare(
    name: str,
    raw: bytes,
    answers: dict[str, Received],
    faults: list[str],
    made: re.Pattern[str] | None,
) -> None:
    """Fail if there are faults, or if not all servers sent the same bytes; and show all of it."""
    sent = {*MADE_BY_SERVER.findall(raw.decode("utf-8", "replace"))}
    transcripts = {url: transcript(answer, made, sent) for url, answer in answers.items()}
    first, *others = transcripts
    differences = [
        "\n".join(
            difflib.unified_diff(transcripts[first], transcripts[url], first, url, "", "", 99, "")
        )
        for url in others
        if transcripts[url] != transcripts[first]
    ]
    if not faults and not differences:
        return
    request_text = abridged(raw, 2000).replace("\\r\\n", "\\r\\n\n    ")
    answer_text = differences or ["\n".join([first, *transcripts[first]])]
    repeat = "\n".join(f"{url}: {netcat(url, raw)}" for url in transcripts)
    report = "\n\n".join([name, request_text, "\n".join(faults), *answer_text, repeat])
    pytest.fail(
        "\n".join(line if len(line) < 2000 else f"{line[:2000]}…" for line in report.split("\n")),
        pytrace=False,
    )


def transcript(answer: Received, made: re.Pattern[str] | None, sent: set[str]) -> list[str]:
    """Return what was sent as lines; what `made` matches is numbered.

    What the client has sent is no server's own, and stays.
    The date may differ; the order of header fields and reason phrases are the framework's.
    """
    text = HEAD.sub(by_name, answer.raw.decode("latin-1"))
    if made:
        numbers = count(1)
        known = {value: value for value in sent}
        for match in made.finditer(text):
            if match[0] not in known:
                known[match[0]] = f"<{next(numbers)}>"
        text = made.sub(lambda match: known[match[0]], text)
    return text.split("\r\n")


def by_name(head: re.Match[str]) -> str:
    """Return a response's head with its fields sorted, less the date and the reason phrase."""
    fields = sorted(line for line in head[2].split("\r\n") if not line.startswith("Date: "))
    return "\r\n".join([head[1], *fields, "", ""])


def netcat(base_url: str, raw: bytes) -> str:
    """Return a command line that repeats a request; curl would mend what is wrong with it.

    The placeholders of a request, such as tokens, are to be filled in.
    """
    address = Address.of(base_url)
    text = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\%'" else f"\\{byte:03o}"
        for byte in raw
    )
    to = f"nc {address.host} {address.port}"
    if address.scheme == "https":
        to = f"openssl s_client -quiet -connect {address.host}:{address.port}"
    return f"printf '{text.replace('%', '%%')}' | {to}"


def first_difference(ours: bytes, theirs: bytes) -> int:
    """Return up to where two texts are alike."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(ours), len(theirs)))


def abridged(raw: bytes, length: int = 1200) -> str:
    """Return bytes so that they can be read, and not too many of them."""
    text = raw[:length].decode("latin-1").encode("unicode_escape").decode()
    return text if len(raw) <= length else f"{text}… ({len(raw)} bytes)"
