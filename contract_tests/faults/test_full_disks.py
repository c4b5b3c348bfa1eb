"""A full disk and a read-only one: writes are refused clearly, and nothing is corrupted.

The disks are small file systems in memory (tmpfs), which takes root to mount. PostgreSQL's
counterpart of a disk that can only be read is a server that has become a replica.
"""

import itertools
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from contract_tests.client import Request, send
from contract_tests.faults.checks import assert_sound
from contract_tests.faults.conftest import Note
from contract_tests.faults.outages import (
    assert_serving,
    assert_unavailable,
    post_of,
    wait_until_back,
)
from contract_tests.faults.systems import Fleet, fleet_on, ready, sqlite_in
from contract_tests.faults.test_writing_at_once import staff
from contract_tests.fleet.databases import select
from contract_tests.operations.expected import a_todo
from contract_tests.postgresql import Cluster, running_cluster

pytestmark = pytest.mark.own_servers

SMALL, LARGER = "16m", "160m"
LONG = "x" * 10_000


class Disk:
    """A small file system."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        self.filler = folder / "filler"
        self.mounted = mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))

    def fill(self) -> None:
        """Take what space there is."""
        with self.filler.open("wb", buffering=0) as file:
            for size in (2**20, 2**12):
                with suppress(OSError):
                    while file.write(b"\0" * size) == size:
                        pass

    def free(self) -> None:
        """Give the space back."""
        self.filler.unlink()

    def remount(self, how: str) -> None:
        """Let it be read only, or written to again."""
        assert mount("-o", f"remount,{how}", str(self.folder))


def mount(*options: str) -> bool:
    """Mount something, and tell whether that worked."""
    done = subprocess.run(["mount", *options], capture_output=True, check=False)  # noqa: S607 – wherever it is
    return done.returncode == 0


@pytest.fixture
def disk(request: pytest.FixtureRequest) -> Iterator[Disk]:
    """Mount a disk of a given size, and unmount it in the end."""
    with TemporaryDirectory(prefix="disk-") as folder:
        try:
            disk = Disk(Path(folder), request.param)
        except FileNotFoundError:
            pytest.skip("there is no `mount`")
        if not disk.mounted:
            pytest.skip("mounting a small disk takes root")
        try:
            yield disk
        finally:
            subprocess.run(["umount", "-l", folder], check=True)  # noqa: S607 – as above


def write_until(fleet: Fleet, write: Request, status: int, limit: int) -> Counter[int]:
    """Write in turn to all servers until each has given an answer; return all answers' statuses."""
    statuses = Counter[int]()
    missing = {*fleet.servers}
    for server in itertools.islice(itertools.cycle(fleet.servers.values()), limit):
        try:
            answer = send(server.base_url, write)
        except OSError as error:
            raise AssertionError(f"{server.name} gave no answer") from error
        statuses[answer.status] += 1
        if answer.status == 503:
            assert_unavailable(answer, write.target)
        if answer.status == status:
            missing -= {server.name}
        if not missing:
            break
    assert not missing, (missing, statuses)
    assert {*statuses} <= {201, 503}
    return statuses


def todos(fleet: Fleet) -> int:
    """Count the todos that are stored."""
    [(number,)] = select(fleet.url, "SELECT count(*) FROM todos")
    return int(number)


def assert_survived(fleet: Fleet, write: Request, before: int, statuses: Counter[int]) -> None:
    """Hold the database to what was acknowledged, and the servers to going on."""
    assert todos(fleet) == before + statuses[201]
    assert_serving(fleet, write)
    assert_sound(fleet.url)


@pytest.mark.parametrize("disk", [SMALL], indirect=True)
def test_a_full_disk_under_sqlite(disk: Disk, note: Note) -> None:
    with fleet_on(sqlite_in(disk.folder)) as fleet:
        write = post_of("/api/todos", staff(fleet.places()[0]).token or "", a_todo(notes=LONG))
        assert_serving(fleet, write)
        before = todos(fleet)
        disk.fill()
        statuses = write_until(fleet, write, 503, 200)
        for server in fleet.servers.values():
            assert server.ask("GET", "/api/health").status == 200
        disk.free()
        since = time.monotonic()
        back = {name: wait_until_back(server, since) for name, server in fleet.servers.items()}
        assert_survived(fleet, write, before, statuses)
    note(
        "both in turn, SQLite", refused_by_503=statuses[503], back_after_seconds=max(back.values())
    )


@pytest.mark.parametrize("disk", [LARGER], indirect=True)
def test_a_full_disk_under_postgresql(disk: Disk, note: Note) -> None:
    disk.folder.chmod(0o755)
    with running_cluster(disk.folder) as cluster:
        url = ready(cluster.new_database("fleet"))
        with fleet_on(url) as fleet:
            write = post_of("/api/todos", staff(fleet.places()[0]).token or "", a_todo(notes=LONG))
            assert_serving(fleet, write)
            before = todos(fleet)
            disk.fill()
            statuses = write_until(fleet, write, 503, 20_000)
            for server in fleet.servers.values():
                assert server.ask("GET", "/api/health").status == 200
            disk.free()
            if restarted := not cluster.is_up():
                cluster.start()  # it ends where it can't even write what it would recover by
            since = time.monotonic()
            back = [wait_until_back(server, since) for server in fleet.servers.values()]
            assert_survived(fleet, write, before, statuses)
    note(
        "both in turn, PostgreSQL",
        acknowledged_before=statuses[201],
        refused_by_503=statuses[503],
        database_had_to_be_started_again=str(restarted),
        back_after_seconds=max(back),
    )


@pytest.mark.parametrize("disk", [SMALL], indirect=True)
def test_a_file_that_can_only_be_read(disk: Disk, note: Note) -> None:
    url = sqlite_in(disk.folder)
    disk.remount("ro")
    write = Request.with_json(
        "POST", "/api/tokens", {"username": "sam", "password": "sam-demo-password"}
    )
    with fleet_on(url) as fleet:
        statuses = write_until(fleet, write, 503, 8)
        assert {*statuses} == {503}
        for server in fleet.servers.values():
            assert server.ask("GET", "/api/health").status == 200
        disk.remount("rw")
        since = time.monotonic()
        back = [wait_until_back(server, since) for server in fleet.servers.values()]
        assert_serving(fleet, write)
        assert_sound(url)
    note("both in turn, SQLite", refused_by_503=statuses[503], back_after_seconds=max(back))


def test_a_server_that_has_become_a_replica(
    fleet_on_postgresql: Fleet, cluster: Cluster, note: Note
) -> None:
    fleet = fleet_on_postgresql
    write = post_of("/api/todos", staff(fleet.places()[0]).token or "", a_todo())
    assert_serving(fleet, write)
    standby = cluster.data / "standby.signal"
    cluster.stop()
    standby.touch()
    cluster.start()
    try:
        statuses = write_until(fleet, write, 503, 8)
        for server in fleet.servers.values():
            assert server.ask("GET", "/api/health/ready").status == 503
    finally:
        cluster.stop()
        standby.unlink()
        cluster.start()
    since = time.monotonic()
    back = [wait_until_back(server, since) for server in fleet.servers.values()]
    assert statuses == {503: len(fleet.servers)}
    assert_serving(fleet, write)
    note("both in turn, PostgreSQL", refused_by_503=statuses[503], back_after_seconds=max(back))
