"""Both twins start from any folder and amid any variables, or say in one line why they can't."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from contract_tests.client import Request, send
from contract_tests.conftest import ROOT
from contract_tests.project.terminal import make
from contract_tests.servers import free_port
from deploy.twins import TWINS, ServerError, Twin, prepare

LAST_LINE = "Ctrl-C stops both."
PARTS = ["Makefile", "deploy", "flask_api", "drf_api", "openapi.yaml", "requirements.txt"]

# All that is special to URLs, shells, make, Alembic, nginx or options; a folder's name may have
# anything but a slash and NUL.
NAMES = [
    "100% %20 %s %(here)s #a?b=c&d+e;f *[g] {h} ~!<i>|(j)^@, é 日本 \U0001f34b",
    "-rf $(HOME) ${x} `id` \\ ' \" a:b\nc\td",
]


@pytest.fixture
def ports() -> dict[str, str]:
    return {"FLASK_PORT": str(free_port()), "DRF_PORT": str(free_port())}


def checkout(folder: Path) -> Path:
    """Copy what starts the twins, and link what is installed, which counts as up to date."""
    folder.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part)
        else:
            shutil.copy(ROOT / part, folder / part)
    os.utime(folder / "requirements.txt", (0, 0))
    (folder / ".venv").symlink_to((ROOT / ".venv").resolve())
    return folder


def health(port: str) -> int:
    return send(f"http://127.0.0.1:{port}", Request("GET", "/api/health/ready")).status


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_any_name(tmp_path: Path, ports: dict[str, str], name: str) -> None:
    folder = checkout(tmp_path / name)
    with make("up", LAST_LINE, folder / "var", folder, **ports) as (_, printed):
        assert [health(port) for port in ports.values()] == [200, 200], printed
        assert printed.count("The demo data is there already: nothing was changed.") == 1
    assert [*tmp_path.rglob("*.sqlite3")] == [folder / "var" / "shop.sqlite3"]


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_a_fleet_in_a_folder_of_an_odd_name(tmp_path: Path, ports: dict[str, str]) -> None:
    folder = checkout(tmp_path / "100% $a; 'b' {c}")
    fleet = {"FLEET_PORT": str(free_port()), **ports}
    with make(
        "fleet", "Ctrl-C stops all.", folder / "var", folder, TMPDIR=str(folder), **fleet
    ) as (_, printed):
        assert [health(port) for port in fleet.values()] == [200] * 3, printed


# What may be set for another project.
LEAKED = {
    "DJANGO_SETTINGS_MODULE": "another.settings",
    "FLASK_APP": "another:app",
    "FLASK_DEBUG": "1",
    "FLASK_ENV": "development",
    "FLASK_SKIP_DOTENV": "nonsense",
    "GUNICORN_CMD_ARGS": "--chdir / --daemon --bind 0.0.0.0:1 --reload",
    "GUNICORN_PID": "1",
    "GUNICORN_FD": "99",
    "ALEMBIC_CONFIG": "/another/alembic.ini",
    "PORT": "1",
    "VIRTUAL_ENV": "/another/.venv",
    "http_proxy": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "LC_ALL": "C",
    "PYTHONHOME": "/another",
    "PYTHONSAFEPATH": "1",
    "PYTHONINSPECT": "1",
    "PYTHONSTARTUP": "/another/startup.py",
    "PYTHONIOENCODING": "ascii",
    "PYTHONHASHSEED": "nonsense",
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
}


def test_variables_of_another_project(tmp_path: Path, ports: dict[str, str]) -> None:
    for module in ("flask", "django", "deploy", "gunicorn"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('another project’s module')\n")
    leaked = {**LEAKED, "PYTHONPATH": str(tmp_path)}
    with make("up", LAST_LINE, tmp_path / "var", **leaked, **ports) as (_, printed):
        assert [health(port) for port in ports.values()] == [200, 200], printed


def a_file_in_its_place(folder: Path) -> Path:
    folder.write_text("")
    return folder


def below_a_file(folder: Path) -> Path:
    return a_file_in_its_place(folder) / "var"


def where_nothing_can_be_made(_: Path) -> Path:
    return Path("/proc/var")


@pytest.mark.parametrize(
    "place",
    [a_file_in_its_place, below_a_file, where_nothing_can_be_made],
    ids=lambda x: x.__name__,
)
@pytest.mark.parametrize("launcher", ["up", "fleet", "dev"])
def test_a_folder_that_cannot_be_written(
    tmp_path: Path, ports: dict[str, str], place: Callable[[Path], Path], launcher: str
) -> None:
    said = refusal(launcher, DATA_DIR=str(place(tmp_path / "data")), **ports)
    assert "DATA_DIR: nothing can be written to " in said


def test_a_full_disk(tmp_path: Path, ports: dict[str, str]) -> None:
    def write_nothing() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    said = refusal("up", write_nothing, DATA_DIR=str(tmp_path), **ports)
    assert "DATA_DIR: nothing can be written to " in said


def test_a_secret_key_that_cannot_be_kept(tmp_path: Path, ports: dict[str, str]) -> None:
    (tmp_path / "secret_key").mkdir()
    assert "SECRET_KEY: none is set" in refusal("up", DATA_DIR=str(tmp_path), **ports)


def test_a_secret_key_that_was_not_written_to_its_end(tmp_path: Path) -> None:
    program = "from deploy.launcher import environment; print(environment()['SECRET_KEY'])"
    (tmp_path / "secret_key").touch()
    printed = [
        subprocess.check_output(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(tmp_path)},
        )
        for _ in range(2)
    ]
    assert printed[0] == printed[1]
    assert len(printed[0]) > 60


def refusal(launcher: str, before: Callable[[], None] | None = None, /, **settings: str) -> str:
    """Return the one line that a launcher says on its standard error when it refuses to start."""
    done = subprocess.run(
        [sys.executable, "-m", f"deploy.{launcher}"],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        preexec_fn=before,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    return done.stderr


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_a_database_that_cannot_be_opened_is_one_line(twin: Twin) -> None:
    with pytest.raises(ServerError) as caught:
        prepare(twin, {"APP_ENV": "development", "DATABASE_URL": "sqlite:////proc/shop.sqlite3"})
    said = str(caught.value)
    assert "the database can't be used: unable to open database file" in said
    assert "Traceback" not in said


def test_a_port_of_an_earlier_start_is_said_to_be_so(tmp_path: Path, ports: dict[str, str]) -> None:
    with make("up", LAST_LINE, tmp_path / "var", **ports) as (earlier, printed):
        assert LAST_LINE in printed
        said = refusal("up", DATA_DIR=str(tmp_path / "var"), **ports)
        assert f"port {ports['FLASK_PORT']} is not free: an earlier start of these servers" in said
        elsewhere = refusal("up", DATA_DIR=str(tmp_path / "elsewhere"), **ports)
        assert "these servers answer there" in elsewhere
        [command] = re.findall(r"`kill (\d+)`", said)
        os.kill(int(command), signal.SIGTERM)
        assert earlier.wait(timeout=60) == 0
    assert [*(tmp_path / "var").glob("*.pid")] == []


class Another(BaseHTTPRequestHandler):
    """Says that it is well, but not as the twins do."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_port_of_another_program(tmp_path: Path, ports: dict[str, str]) -> None:
    with ExitStack() as stack:
        another = stack.enter_context(HTTPServer(("127.0.0.1", 0), Another))
        stack.callback(another.shutdown)
        Thread(target=another.serve_forever).start()
        port = str(another.server_port)
        # A note that was left behind, by a process that may be another's by now.
        (tmp_path / f"port-{port}.pid").write_text("1")
        said = refusal("up", DATA_DIR=str(tmp_path), FLASK_PORT=port, DRF_PORT=ports["DRF_PORT"])
    assert f"port {port} is not free: another program holds it" in said


def dangle(venv: Path) -> None:
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to("/nowhere/python3")


def upgrade(venv: Path) -> None:
    """Leave what was installed where the next version of Python doesn't look."""
    [installed] = (venv / "lib").glob("python*")
    installed.rename(venv / "lib" / "python3.0")


def half_made(venv: Path) -> None:
    """Stop `python -m venv` before it has installed pip, and so before anything else."""
    shutil.rmtree(venv / "lib")
    (venv / ".up").unlink()


def test_an_environment_whose_python_is_gone_is_made_and_filled_again(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").write_text("")  # nothing, so that nothing is downloaded
    filling = "Installing what the twins need"
    assert filling in make_environment(tmp_path)
    for damage in (dangle, upgrade, half_made):
        assert filling not in make_environment(tmp_path)
        damage(tmp_path / ".venv")
        assert filling in make_environment(tmp_path), damage
        subprocess.run([tmp_path / ".venv/bin/python", "-c", "import pip"], check=True)


def make_environment(folder: Path) -> str:
    """Make the virtual environment of a checkout, and return what is printed."""
    return subprocess.check_output(
        ["/usr/bin/env", "make", ".venv/.up", f"PYTHON={sys.executable}"], cwd=folder, text=True
    )
