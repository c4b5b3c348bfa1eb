"""Whatever a server sends, a failing test says what is wrong with the response."""

import json
import os
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import pytest

from contract_tests.client import Answer, Request
from contract_tests.conftest import ROOT
from contract_tests.self_tests.faulty_server import Ask, Fault, serving

LAYERS = ["operations", "metamorphic", "concurrency", "raw_http"]
FAULTS = ("KeyError", "IndexError", "TypeError", "AttributeError", "ValueError", "JSONDecodeError")
FEWEST = 150  # tests that fail

UNEXPECTED = {
    "a page of the proxy": (500, b"<h1>Internal Server Error</h1>"),
    "members that are null": (200, b'{"items":null,"todos":null,"next":null,"id":null}'),
    "no content": (204, b""),
}


def answering(status: int, body: bytes) -> Fault:
    """Return what lets everybody register and log in, and answers all else alike."""

    def fault(request: Request, _ask: Ask) -> Answer:
        if request.method == "POST" and request.target in {"/api/users", "/api/tokens"}:
            said = {"id": str(uuid4()), "token": f"{uuid4().hex}{uuid4().hex[:11]}"}
            return answer(201, json.dumps(said).encode())
        return answer(status, b"" if request.method == "HEAD" else body)

    return fault


def answer(status: int, body: bytes) -> Answer:
    """Return an answer with a body, or without where its status has none."""
    length = () if status == HTTPStatus.NO_CONTENT else (("Content-Length", str(len(body))),)
    return Answer(status, HTTPStatus(status).phrase, length, body)


@pytest.mark.parametrize("name", UNEXPECTED)
def test_no_test_trips_over_it(name: str, tmp_path: Path) -> None:
    with serving("http://127.0.0.1:1", answering(*UNEXPECTED[name])) as base_url:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "--tb=no", "--examples", "1"),
                *("-p", "no:cacheprovider", "-p", "contract_tests.self_tests.outcomes"),
                *("--base-url", base_url, *(f"contract_tests/{layer}" for layer in LAYERS)),
            ],
            cwd=ROOT,
            env={**os.environ, "OUTCOMES": str(tmp_path / "outcomes")},
            capture_output=True,
            text=True,
            check=False,
        )
    outcomes = json.loads((tmp_path / "outcomes").read_text())
    assert list(outcomes.values()).count("") >= FEWEST, done.stdout
    tripped = {test: said for test, said in outcomes.items() if said.startswith(FAULTS)}
    assert tripped == {}


def test_a_report_shows_the_request_and_the_answer() -> None:
    asked = Request("GET", "/api/todos", {"X-Request-ID": "1"})
    got = Answer(500, "Oops", (("X-Powered-By", "?"),), b"<h1>Oops", (asked, "http://here"))
    for look in (lambda: got.json["id"], lambda: got.headers["etag"]):
        with pytest.raises(AssertionError) as caught:
            look()
        for part in ("curl -i -X GET http://here/api/todos", "500 Oops", "X-Powered-By: ?", "<h1>"):
            assert part in str(caught.value)
