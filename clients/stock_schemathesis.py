"""Schemathesis without project settings, by the hook and the command of docs/clients.md."""

import json
import re
import shlex
import shutil
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPMethod
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from clients.processes import ToolError, run
from deploy.twins import ROOT

PAGE = ROOT / "docs" / "clients.md"
ADDRESS = "http://localhost:5000"  # the page's
LEFT_OUT = "pages"  # the tag that the command excludes


def hook() -> str:
    """Return the page's hook file."""
    return only_block("python", "@schemathesis.auth")


def command() -> list[str]:
    """Return the page's command."""
    return shlex.split(only_block("sh", "SCHEMATHESIS_HOOKS=").replace("\\\n", ""))


def only_block(language: str, text: str) -> str:
    """Return the page's only block of code in a language that has a text in it."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    [block] = [block for block in blocks if text in block]
    return str(block)


@dataclass(frozen=True)
class Exchange:
    """A request that Schemathesis has sent for a test case, and what came back."""

    method: str
    path: str  # the template
    status: int
    body: bytes


def check(base_url: str) -> None:
    """Fail unless Schemathesis finds nothing and sees every operation succeed at least once."""
    exchanges = exchanged(base_url)
    if missing := operations() - succeeded(exchanges):
        raise ToolError(f"Schemathesis has seen no 2xx of {', '.join(sorted(missing))}")


def exchanged(base_url: str, *options: str) -> list[Exchange]:
    """Type the page's command for a server, with more options; return what was sent."""
    with TemporaryDirectory(prefix="schemathesis-") as name:
        folder = Path(name)
        shutil.copy(ROOT / "openapi.yaml", folder)
        (folder / "hook.py").write_text(hook().replace(ADDRESS, base_url))
        hooks, *words = [word.replace(ADDRESS, base_url) for word in command()]
        report = folder / "report.ndjson"
        words += ["--seed", "1", "--report", "ndjson", "--report-ndjson-path", str(report)]
        run([*words, *options], folder, SCHEMATHESIS_HOOKS=hooks.partition("=")[2])
        return [*read(report)]


def read(report: Path) -> Iterator[Exchange]:
    """Yield what a report says of requests and their answers."""
    with report.open() as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for name, interaction in recorder.get("interactions", {}).items():
                case, response = recorder["cases"][name]["value"], interaction["response"]
                if response:
                    body = b64decode((response["content"] or {"$base64": ""})["$base64"])
                    yield Exchange(case["method"], case["path"], response["status_code"], body)


def operations() -> set[str]:
    """Return method and path of each operation that the page's command doesn't leave out."""
    paths = yaml.safe_load((ROOT / "openapi.yaml").read_text())["paths"]
    return {
        f"{method.upper()} {path}"
        for path, item in paths.items()
        for method, declared in item.items()
        if method.upper() in HTTPMethod.__members__ and LEFT_OUT not in declared["tags"]
    }


def succeeded(exchanges: Iterable[Exchange]) -> set[str]:
    """Return method and path of each operation that was answered with 2xx."""
    return {
        f"{each.method} {each.path}"
        for each in exchanges
        if each.status // 100 == 2  # noqa: PLR2004 – 2xx
    }
