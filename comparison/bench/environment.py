"""Of what, on what and with what a measurement was made."""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg

from comparison.bench.model import Machine, Made
from comparison.bench.programs import ROOT

PACKAGES = (
    "Flask",
    "Flask-RESTful",
    "marshmallow",
    "SQLAlchemy",
    "Django",
    "djangorestframework",
    "fastapi",
    "pydantic",
    "django-ninja",
    "falcon",
    "psycopg",
    "asyncpg",
    "orjson",
    "gunicorn",
    "uvicorn",
)


def machine() -> Machine:
    """Describe this machine."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    system = f"{platform.system()} {platform.machine()}"
    return Machine(models[0] if models else "unknown", os.cpu_count() or 1, memory, system)


def versions(postgresql_url: str) -> dict[str, str]:
    """List what the programs run on."""
    with psycopg.connect(postgresql_url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return {
        "Python": platform.python_version(),
        "PostgreSQL": str(row[0]).split()[0] if row else "unknown",
        "SQLite": sqlite3.sqlite_version,
        **{name: version(name) for name in PACKAGES},
    }


def git(*words: str) -> str:
    """Ask git about this checkout; nothing where there is no git."""
    try:
        done = subprocess.run(  # noqa: S603 - the words are this module's
            ["git", *words],  # noqa: S607 - whichever git there is
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


MEASURED = ("flask_api", "drf_api", "comparison/peers", "comparison/bench/operations.py")


def changes_since(commit: str) -> int | None:
    """Count the commits since that have changed what is measured; None where git can't tell."""
    base = commit.removesuffix("+")
    counted = git("rev-list", "--count", f"{base}..HEAD", "--", *MEASURED)
    return int(counted) if counted else None


def made(parts: Iterable[str], command: str, seconds: float, *, is_quick: bool) -> list[Made]:
    """Say when and of what parts of a measurement were made."""
    changed = "+" if git("status", "--porcelain", "--", "*.py") else ""
    commit = git("rev-parse", "--short=12", "HEAD") or "unknown"
    date = datetime.now(UTC).isoformat(timespec="seconds")
    return [Made(part, date, commit + changed, command, round(seconds), is_quick) for part in parts]
