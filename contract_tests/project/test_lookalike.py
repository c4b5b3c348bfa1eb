"""lookalike is installed on its own, and does what its page says."""

import os
import re
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from contract_tests.client import Request, send
from contract_tests.conftest import ROOT
from contract_tests.servers import free_port
from lookalike import cli
from lookalike.config import Reader

PAGE = (ROOT / "docs" / "lookalike.md").read_text()
SECONDS = 200  # a bound against hangs
UV = str(Path(sys.executable).with_name("uv"))


def blocks(language: str) -> list[str]:
    """Return the page's blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command outside the checkout, without what leads back to it."""
    env = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT, folder=folder)
    assert done.returncode == 0, done.stderr
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """Install the wheel into an empty environment; return the folder of its commands."""
    venv = wheel.parent / "venv"
    for command in (
        (UV, "venv", "--quiet", "--python", sys.executable, venv),
        (UV, "pip", "install", "--quiet", "--python", venv / "bin" / "python", wheel),
    ):
        done = run(*command, folder=wheel.parent)
        assert done.returncode == 0, done.stderr
    return venv / "bin"


@contextmanager
def notes(folder: Path, python: Path, port: int, first_id: int, longest: int) -> Iterator[str]:
    """Start the page's tiny server."""
    (folder / "notes.py").write_text(blocks("python")[0])
    command = [str(python), "notes.py", str(port), str(first_id), str(longest)]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + SECONDS
        while not is_up(url):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()


def is_up(url: str) -> bool:
    try:
        return send(url, Request("GET", "/notes")).status == 200
    except OSError:
        return False


def test_the_wheel_holds_the_tool_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packages = {name.split("/")[0] for name in names}
    assert packages == {"lookalike", wheel.name.split("-py3")[0] + ".dist-info"}
    assert {"lookalike/py.typed", "lookalike/cli.py"} <= {*names}
    assert not [name for name in names if re.match("lookalike/(tests|figures|trophies)/", name)]


def test_the_long_description_links_to_nothing_beside_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        [name] = [each for each in file.namelist() if each.endswith(".dist-info/METADATA")]
        description = file.read(name).decode().partition("\n\n")[2]
    assert "lookalike diff OLD NEW" in description
    assert not re.findall(r"\]\((?!https?:)", description)


def test_an_empty_environment_has_the_command(installed: Path, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    done = run(installed / "lookalike", "--version", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"lookalike {project['version']}\n")
    assert "examples:" in run(installed / "lookalike", "--help", folder=tmp_path).stdout


def test_the_wheel_has_a_plugin_of_pytest(installed: Path, tmp_path: Path) -> None:
    command = (installed / "python", "-m", "pytest", "--fixtures", "-p", "no:cacheprovider")
    done = run(*command, folder=tmp_path)
    assert "lookalike_client" in done.stdout, done.stderr


def test_the_page_s_first_difference(installed: Path, tmp_path: Path) -> None:
    command, python = installed / "lookalike", installed / "python"
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        old = stack.enter_context(notes(tmp_path, python, ports[0], 1, 20))
        with notes(tmp_path, python, ports[1], 4000, 21) as new:
            budgets = ("--seed", "1", "--seconds", "100", "--requests", "250")
            done = run(command, "diff", old, new, *budgets, folder=tmp_path)
            assert done.returncode == 1, done.stderr
            assert "found: POST /notes: status differs: old 422, new 201" in done.stdout
        with notes(tmp_path, python, ports[1], 4000, 20):
            done = run(command, "replay", "lookalike-findings/1.json", folder=tmp_path)
            assert (done.returncode, done.stdout.splitlines()[1]) == (0, "fixed"), done.stderr


def test_the_page_s_settings_can_be_read() -> None:
    named = re.findall(r"\$([A-Z_]+)", PAGE + cli.CONFIGURATION)
    environ = dict.fromkeys(named, "a secret of some length")
    helped = re.findall(r"^  (.*)$", cli.CONFIGURATION, re.MULTILINE)
    examples = [*blocks("toml"), "\n".join(helped)]
    assert len(examples) == 3
    for text in examples:
        settings = Reader(ROOT, environ).settings(tomllib.loads(text))
        assert settings.actors or settings.old.url


def test_the_page_has_each_option() -> None:
    shown = {*re.findall(r"--[a-z][a-z-]+", PAGE)}
    groups = (cli.CONTRACT, cli.SAFETY, cli.BUDGETS, cli.COMPARING, cli.CHECKING)
    known = {f"--{each.name}" for group in (*groups, cli.CONNECTION, cli.REPORTS) for each in group}
    assert known <= shown
