"""Code of chapters that prints something: `python -m comparison.experiments`.

Reads experiments from standard input and writes what they print to standard output, both as JSON.
It is a process of its own because Django is configured once for a process, and here by its
defaults.
"""

import contextlib
import io
import json
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import django
from django.conf import settings

from comparison.chapters import Experiment
from comparison.source import ROOT


def run_all(experiments: list[Experiment]) -> list[tuple[str, str]]:
    """Run experiments, and return what each prints for Flask's library and for Django's."""
    done = subprocess.run(
        [sys.executable, "-m", "comparison.experiments"],
        cwd=ROOT,
        input=json.dumps([asdict(each) for each in experiments]),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"An experiment failed:\n{done.stderr}")
    return [(flask, drf) for flask, drf in json.loads(done.stdout)]


def printed(code: str) -> str:
    """Run code and return what it prints."""
    output = io.StringIO()
    space: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(output):
        exec(code, space)  # noqa: S102 - the code is this project's own
    return output.getvalue().rstrip("\n")


def configure() -> None:
    """Set this process up with Django's defaults and a database in memory."""
    memory = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    # As `startproject` writes it; Django's own default is Chicago.
    settings.configure(
        DATABASES={"default": memory},
        INSTALLED_APPS=["comparison.experiments"],
        SECRET_KEY="of the experiments alone",  # noqa: S106 - nothing to protect
        TIME_ZONE="UTC",
    )
    django.setup()


def main() -> None:
    """Run what standard input asks for."""
    configure()
    tasks = json.load(sys.stdin)
    json.dump([[printed(task[name]) for name in ("flask", "drf")] for task in tasks], sys.stdout)


if __name__ == "__main__":
    main()
