"""What `make clients` says when something is wrong, and what its stories and page have."""

import ast
import json
import re
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest

from clients import prism, stock_schemathesis
from clients.__main__ import JUDGES, Part, summary
from clients.generators import CLIENTS, Client
from clients.processes import ToolError, Tools
from clients.stock_schemathesis import Exchange
from deploy.twins import ROOT

STEPS = [
    "Register and log in",
    "Create a todo about a product",
    "Conditional GET",
    "Optimistic locking with If-Match",
    "Idempotent POST",
    "All validation errors at once",
    "Filter, and the next page",
    "Delete",
]


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "clients", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def exchanges(*, but: str = "") -> list[Exchange]:
    """Return a success of every operation but one."""
    pairs = [operation.split() for operation in stock_schemathesis.operations() - {but}]
    return [Exchange(method, path, 200, b"{}") for method, path in pairs]


def test_help_names_every_part() -> None:
    said = "".join(run("--help").stdout.split())
    for name in [*JUDGES, *(client.name for client in CLIENTS)]:
        assert name in said


def test_unknown_part_is_refused() -> None:
    done = run("--only", "swagger-codegen")
    assert done.returncode == 2
    assert "invalid choice: 'swagger-codegen'" in done.stderr


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_each_story_is_the_whole_walk(client: Client) -> None:
    headings = re.findall(
        r"^(?:#|//) ([A-Z][^.:]*?)(?::.*)?$", client.story.read_text(), re.MULTILINE
    )
    assert headings == STEPS


def test_page_has_a_row_for_each_tool() -> None:
    page = (ROOT / "docs" / "clients.md").read_text()
    for name in [client.name for client in CLIENTS]:
        assert re.search(rf"^\| `{name}` \|", page, re.MULTILINE), name


def test_the_pages_hook_is_five_lines() -> None:
    tree = ast.parse(stock_schemathesis.hook())
    methods = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert sum(len(method.body) for method in methods) == 5


def test_run_without_every_operation_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock_schemathesis, "exchanged", lambda _: exchanges())
    stock_schemathesis.check("http://localhost")
    missing = "PUT /api/todos/{todo_id}"
    monkeypatch.setattr(stock_schemathesis, "exchanged", lambda _: exchanges(but=missing))
    with pytest.raises(ToolError, match=re.escape(missing)):
        stock_schemathesis.check("http://localhost")


def test_report_is_read(tmp_path: Path) -> None:
    recorder = {
        "cases": {"a": {"value": {"method": "GET", "path": "/x"}}, "b": {"value": {}}},
        "interactions": {
            "a": {"response": {"status_code": 200, "content": {"$base64": "e30="}}},
            "b": {"response": None},
        },
    }
    lines = [{"Initialize": {}}, {"ScenarioFinished": {"recorder": recorder}}]
    report = tmp_path / "report.ndjson"
    report.write_text("\n".join(map(json.dumps, lines)))
    assert [*stock_schemathesis.read(report)] == [Exchange("GET", "/x", 200, b"{}")]


def test_prisms_findings_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prism, "before", nullcontext)
    monkeypatch.setattr(prism, "exchanged", lambda *_: exchanges())
    prism.check("http://localhost")
    body = b'{"type": "https://stoplight.io/prism/errors#UNAUTHORIZED", "title": "Unauthorized"}'
    found = Exchange("GET", "/api/todos", 401, body)
    monkeypatch.setattr(prism, "exchanged", lambda *_: [*exchanges(), found])
    with pytest.raises(ToolError, match="GET /api/todos: Unauthorized"):
        prism.check("http://localhost")


def test_what_prism_finds_is_told() -> None:
    problem = {
        "type": "https://stoplight.io/prism/errors#VIOLATIONS",
        "title": "Request/Response not valid",
        "validation": [{"location": ["response", "body"], "message": "must be object"}],
    }
    exchange = Exchange("GET", "/api/todos", 500, json.dumps(problem).encode())
    assert [*prism.found(exchange)] == [
        "GET /api/todos: Request/Response not valid: response.body must be object"
    ]
    own = {"type": "/api/problems/not-found", "title": "Not found"}
    assert [*prism.found(Exchange("GET", "/x", 404, json.dumps(own).encode()))] == []


def test_part_ends_with_the_step_that_fails() -> None:
    def fail() -> None:
        raise ToolError("no")

    part = Part("tool", [("generate", lambda: None), ("types", fail), ("flask_api", fail)])
    part.take()
    assert summary([part]).split() == [
        *("generate", "types", "flask_api"),
        *("tool", "ok", "FAILED", "–"),
    ]


def test_failing_tool_shows_what_it_has_printed() -> None:
    with pytest.raises(ToolError, match=r"^\$ sh -c .*\nwrong$"):
        Tools().run(["sh", "-c", "echo wrong; exit 1"])


def test_stopping_ends_the_tools_and_the_servers() -> None:
    script = (
        "import sys, clients.__main__ as m; "
        "m.JUDGES['prism'] = lambda _: m.tools.run(['sleep', '1000']); "
        "sys.argv[1:] = ['--only', 'prism']; sys.exit(m.main())"
    )
    with psutil.Popen([sys.executable, "-c", script], cwd=ROOT) as process:
        deadline = time.monotonic() + 120
        while "sleep" not in [child.name() for child in process.children(recursive=True)]:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        children = process.children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGINT
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
