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


def test_a_password_of_the_database_is_not_shown() -> None:
    env = {"APP_ENV": "development", "DATABASE_URL": "postgresql://shop:s3cret@localhost/shop"}
    url = Config.from_environment(env).DATABASE_URL
    assert "s3cret" not in str(url)
    assert url.password == "s3cret"


def test_a_record_is_one_line_at_every_level() -> None:
    program = "from flask_api import create_app; create_app().logger.critical('said once')"
    for level in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        env = {**os.environ, "APP_ENV": "development", "LOG_LEVEL": level}
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=env,
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stderr.count("said once") == 1, level
