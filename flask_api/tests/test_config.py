"""Settings that can't work stop the start with one clear line.

Which can't, and what the others mean, is the same in both twins: contract_tests/project.
"""

import os
import subprocess
import sys

import pytest

from flask_api.config import DEVELOPMENT_KEY, ROOT, Config, ConfigurationError


def test_the_known_key_is_for_development_only() -> None:
    assert Config.from_environment({"APP_ENV": "development"}).SECRET_KEY == DEVELOPMENT_KEY
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        Config.from_environment({"SECRET_KEY": DEVELOPMENT_KEY})


@pytest.mark.parametrize(
    "command", [["-m", "flask", "--app", "flask_api", "seed"], ["-c", "import flask_api.wsgi"]]
)
def test_every_entry_refuses_in_one_line(command: list[str]) -> None:
    env = {**os.environ, "APP_ENV": "production", "SECRET_KEY": ""}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stderr.startswith("Error: SECRET_KEY must have")
    assert done.stderr.count("\n") == 1
