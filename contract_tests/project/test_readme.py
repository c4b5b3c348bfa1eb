"""The README's commands work, and print what the README shows, on each twin."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contract_tests.conftest import ROOT
from contract_tests.differential_client import MADE_BY_SERVER
from contract_tests.servers import fleet
from deploy.twins import TWINS

README = ROOT / "README.md"
MARK = "~~~ next ~~~"


@dataclass(frozen=True)
class Step:
    """A command of the README and what it is said to print."""

    command: str
    output: str


def steps() -> list[Step]:
    """Return the commands of all console blocks, in their order."""
    found = []
    for block in re.findall(
        r"^```console\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL
    ):
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            found.append(Step(command, output))
    return found


def play(base_url: str, other: str) -> list[str]:
    """Type the commands into one shell and return what each of them prints."""
    commands = [f"API={base_url} OTHER={other}", *(step.command for step in steps()[1:])]
    script = [f"{command}\necho; echo '{MARK}'" for command in commands]
    done = subprocess.run(
        ["/bin/bash", "-eu", "-c", "\n".join(script)],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        timeout=120,
    )
    return [output.strip("\n") for output in done.stdout.split(MARK)[:-1]]


def masked(text: str) -> str:
    """Hide what is different in each run: ids, times and what depends on them."""
    return MADE_BY_SERVER.sub("…", text)


@pytest.fixture
def base_urls(tmp_path: Path) -> Iterator[list[str]]:
    """Return twins on which nobody has registered yet; the README is about a fresh start."""
    with fleet(f"sqlite:///{tmp_path}/readme.sqlite3") as started:
        yield started


@pytest.mark.parametrize("first", range(2), ids=[twin.name for twin in TWINS])
def test_the_walk_shows_what_the_readme_says_whichever_twin_is_first(
    base_urls: list[str], first: int
) -> None:
    said = [masked(step.output.strip("\n")) for step in steps()]
    assert len(said) > 10
    assert [masked(output) for output in play(base_urls[first], base_urls[1 - first])] == said
