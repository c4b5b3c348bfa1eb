"""Each entry refuses, in one clear line, settings that can't work.

Which can't, and what the others mean, is the same in both twins: contract_tests/project.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD_KEY = "a-very-random-text-0123456789-of-enough-length"
SHORTEST_KEY = "0123456789" * 3 + "01"
ENTRIES = [
    [sys.executable, "-m", "drf_api.manage", "check"],
    [sys.executable, "-c", "import drf_api.wsgi"],
]


def start(entry: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        entry,
        env={"DATABASE_URL": "sqlite:////tmp/nonexistent.db", **kept, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("key", [GOOD_KEY, SHORTEST_KEY])
def test_a_good_key_starts(entry: list[str], key: str) -> None:
    assert start(entry, SECRET_KEY=key).returncode == 0


@pytest.mark.parametrize("entry", ENTRIES)
def test_development_needs_no_key(entry: list[str]) -> None:
    assert start(entry, APP_ENV="development").returncode == 0


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize(
    "key",
    [
        *("", "short", "ab" * 30, "123456789" * 4, SHORTEST_KEY[:31]),
        "development-key-that-everybody-knows",
    ],
)
def test_a_weak_key_is_refused(entry: list[str], key: str) -> None:
    done = start(entry, SECRET_KEY=key)
    assert done.returncode == 3
    assert done.stderr.startswith("drf_api: SECRET_KEY must be ")
    assert done.stderr.count("\n") == 1


def test_other_programs_have_no_key_in_production_but_the_environments() -> None:
    program = "import django; django.setup(); print(django.conf.settings.SECRET_KEY)"
    entry = [sys.executable, "-c", program]
    done = start(entry, DJANGO_SETTINGS_MODULE="drf_api.settings")
    assert "The SECRET_KEY setting must not be empty" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_malformed_value_is_refused(entry: list[str]) -> None:
    done = start(entry, SECRET_KEY=GOOD_KEY, LOG_LEVEL="loud")
    assert done.returncode == 3
    assert done.stderr.startswith("drf_api: LOG_LEVEL must ")
    assert done.stderr.count("\n") == 1


def test_other_settings_are_refused() -> None:
    done = start([*ENTRIES[0], "--settings", "nonsense.module"], SECRET_KEY=GOOD_KEY)
    assert done.returncode == 2
    assert "--settings: invalid choice: 'nonsense.module'" in done.stderr
    assert start([*ENTRIES[0], "--settings=drf_api.settings"], SECRET_KEY=GOOD_KEY).returncode == 0


@pytest.mark.parametrize("command", ["seed", "prune"])
def test_a_missing_table_is_one_line_or_a_traceback_for_who_asks(
    command: str, tmp_path: Path
) -> None:
    entry = [sys.executable, "-m", "drf_api.manage", command]
    variables = {"SECRET_KEY": GOOD_KEY, "DATABASE_URL": f"sqlite:///{tmp_path}/new"}
    done = start(entry, **variables)
    assert done.returncode == 1
    assert "migrate' to apply them" in done.stdout
    assert done.stderr.startswith("drf_api: the database can't be used: no such table")
    assert done.stderr.count("\n") == 1
    assert "Traceback" in start([*entry, "--traceback"], **variables).stderr


def test_the_admin_site_can_be_enabled() -> None:
    done = start(ENTRIES[0], SECRET_KEY=GOOD_KEY, ADMIN_ENABLED="true")
    assert done.returncode == 0, done.stderr
