"""The date and commit of a figure, so that readers see how old it is."""

import subprocess
from datetime import UTC, datetime

from contract_tests.contract import CONTRACT_FILE


def today() -> str:
    """Return the date (UTC)."""
    return datetime.now(UTC).date().isoformat()


def commit() -> str:
    """Name the commit that is checked out; `+` stands for changes to anything but docs/."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")


def git(*command: str) -> str:
    """Return what git says; nothing where there is no repository."""
    told = subprocess.run(
        ["git", *command],  # noqa: S607 – wherever git is
        cwd=CONTRACT_FILE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip()
