"""The playground: what the libraries make of inputs, its pages, and the command that serves it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from comparison.exchange import Answer, Server, free_port
from comparison.play.app import HERE, Playground, create_app
from comparison.play.arguments import MOST
from comparison.play.choices import choices, not_json
from comparison.play.plain import Error, Task, Verdict
from comparison.play.worker import TooLongError, Worker, working
from comparison.source import ROOT

BROWSER = ROOT / ".ci" / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
BAD = '{"title": "x", "completed": "yes", "priority": "soon", "items": [{}], "color": "red"}'


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with working() as made:
        yield made


def judged(worker: Worker, name: str, text: str) -> dict[str, Verdict]:
    choice = choices()[name]
    return worker.judge(Task(choice.code, choice.fed(text), choice.model, choice.body(text)))


class StandIn(Server):
    """Answers with the body that it was sent, or with a problem where that is too short."""

    def exchange(self, method: str, target: str, body: bytes, headers: object) -> Answer:
        if len(body) > 20:
            return Answer(200, "OK", (), body.decode())
        errors = [{"pointer": "/a", "code": "blank", "detail": "Not this."}]
        return Answer(422, "", (), json.dumps({"detail": "x", "errors": errors}))


@pytest.fixture
def client(worker: Worker, tmp_path: Path) -> FlaskClient:
    twins: dict[str, Server] = {
        name: StandIn(0, tokens={"alice": "", "sam": ""}) for name in ("flask_api", "drf_api")
    }
    return create_app(Playground(worker, twins, Lock()), tmp_path / "site").test_client()


def ask(client: FlaskClient, **query: str) -> TestResponse:
    return client.get(f"/{HERE}", query_string=query)


def test_each_library_says_what_is_accepted_and_what_is_wrong_and_where(worker: Worker) -> None:
    found = judged(worker, "todo", BAD)
    assert Error("/items/0/text", "", "Missing data for required field.") in (
        found["marshmallow"].errors
    )
    assert ("/items/0/text", "required") in [each[:2] for each in found["drf"].errors]
    assert ("/items/0/text", "missing") in [each[:2] for each in found["pydantic"].errors]
    codes = {each.pointer: each.code for each in found["strict_pydantic"].errors}
    assert codes["/color"] == "unknown_property"
    assert codes["/completed"] == "invalid_type"
    taken = judged(worker, "booleans", '"yes"')
    assert [taken[name].value for name in ("marshmallow", "drf", "pydantic")] == ["True"] * 3
    assert taken["strict_pydantic"].errors == (
        Error("/completed", "invalid_type", "Must be a boolean."),
    )


@pytest.mark.parametrize("name", choices())
def test_every_choice_has_each_library_and_inputs_that_both_sides_take(
    worker: Worker, name: str
) -> None:
    choice = choices()[name]
    assert choice.code.keys() == {"marshmallow", "drf", "pydantic"}
    for text in choice.inputs:
        assert not not_json(choice.fed(text)), text
        assert not not_json(choice.body(text)), text
    found = judged(worker, name, choice.inputs[0])
    assert all(verdict.value or verdict.errors or verdict.crash for verdict in found.values())
    assert not any("Probe" in verdict.crash for verdict in found.values())


def test_a_library_that_raises_is_a_result(worker: Worker) -> None:
    assert judged(worker, "unknown-fields", "[1]")["drf"].errors
    crashing = Task({"pydantic": "class Probe:\n    model_validate = None"}, "{}", "", "{}")
    assert worker.judge(crashing)["pydantic"].crash.startswith("TypeError")


def test_an_input_that_takes_too_long_ends_the_process_and_no_more() -> None:
    endless = "class Probe:\n    def __init__(self, **_):\n        while True: pass"
    with working() as worker:
        first, worker.seconds = worker.process.pid, 0.3
        with pytest.raises(TooLongError):
            worker.judge(Task({"drf": endless}, "{}", "", "{}"))
        assert worker.process.pid != first
        worker.seconds = 30
        assert judged(worker, "integers", "3")["drf"].value == "3"


def test_the_page_shows_plain_and_strict_side_by_side(client: FlaskClient) -> None:
    answer = ask(client, schema="booleans", body='"yes"')
    assert answer.status_code == 200
    assert answer.text.count("200 OK") == 2  # the stand-ins' for both twins
    assert "<code>True</code>" in answer.text
    assert "<title>Playground" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    part = ask(client, schema="booleans", body='"yes"', part="")
    assert "<title>" not in part.text
    assert "Must be a boolean." in part.text  # Pydantic's strict model


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"body": "[1,"}, 200, "This is not JSON: Expecting value at line 1, column 4."),
        ({"body": "1" * (MOST + 1)}, 413, f"the maximum is {MOST:,}"),
        ({"schema": "nobody"}, 404, "choose one of: todo, booleans"),
    ],
)
def test_what_is_wrong_is_said(
    client: FlaskClient, query: dict[str, str], status: int, said: str
) -> None:
    answer = ask(client, **query)
    assert (answer.status_code, said in answer.text) == (status, True)


def test_inputs_are_shown_as_text(client: FlaskClient) -> None:
    text = '{"title": "<script>alert(1)</script>\\ud800"}'
    assert "<script>alert" not in ask(client, schema="todo", body=text).text


def test_only_this_machine_is_served_and_the_rest_of_the_site_if_it_is_built(
    client: FlaskClient, tmp_path: Path
) -> None:
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 400
    assert client.get("/").location == HERE
    assert "make compare" in client.get("/index.html").text
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("built")
    assert client.get("/index.html", buffered=True).text == "built"
    assert client.get("/../../openapi.yaml").status_code == 404


def play(port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "comparison", "play", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_command_serves_both_twins_until_it_is_told_to_end(tmp_path: Path) -> None:
    port = free_port()
    with play(port) as server:
        assert server.stdout
        said = [server.stdout.readline(), server.stdout.readline()]
        assert f"http://localhost:{port}/{HERE}\n" in said
        query = urlencode({"schema": "todo", "body": BAD, "part": ""})
        with urlopen(f"http://localhost:{port}/{HERE}?{query}") as answer:
            page = answer.read().decode()
        assert page.count("unknown_property") == 3  # both twins, and Pydantic's strict model
        assert page.count(f"422 {HTTPStatus(422).phrase}") == 2
        second = play(port)
        assert "is not free; choose another by --port" in second.communicate()[0]
        assert second.returncode == 2
        wrong = look(port) if can_look() else []
        server.send_signal(signal.SIGTERM)
        rest = server.stdout.read()
    assert wrong == []
    assert (server.returncode, rest.splitlines()[-1]) == (0, "Stopped.")


def can_look() -> bool:
    return Path(CHROMIUM).exists() and (BROWSER / "node_modules").exists()


def look(port: int) -> list[str]:
    """Use the page in a browser, and return what is wrong."""
    node = shutil.which("node")
    assert node, "Node.js comes with the dev set"
    done = subprocess.run(
        [node, BROWSER / "play.mjs", f"http://localhost:{port}/"],
        env={**os.environ, "CHROMIUM": CHROMIUM},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def test_help_says_how_to_choose_a_port_and_a_bad_one_is_refused() -> None:
    def said(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "comparison", "play", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    assert "PLAY_PORT" in said("--help").stdout
    bad = said("--port", "x")
    assert (bad.returncode, "'x' is no port number" in bad.stderr) == (2, True)
