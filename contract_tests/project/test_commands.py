"""Both frameworks' own commands: making members of staff, and the shell."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from contract_tests.cast import log_in
from contract_tests.conftest import ROOT
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_name
from contract_tests.servers import environment, twins
from deploy.twins import TWINS

SECONDS = 60  # a bound against hangs
PASSWORD = "a long enough password"


@dataclass(frozen=True)
class Commands:
    """How one twin's commands are run, and where what they have done can be seen."""

    command: tuple[str, ...]
    create: tuple[str, ...]
    password_variable: str
    unattended: tuple[str, ...]
    client: DifferentialClient
    env: Mapping[str, str]

    def run(self, *arguments: str, typed: str = "", **settings: str) -> tuple[int, str]:
        """Run a command without a terminal; return its status and all that it prints."""
        done = subprocess.run(
            [sys.executable, "-m", *self.command, *arguments],
            cwd=ROOT,
            env={**os.environ, **self.env, **settings},
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return done.returncode, done.stdout

    def type_at_a_terminal(self, *lines: str, arguments: tuple[str, ...] = ()) -> tuple[int, str]:
        """Run a command at a terminal, where each prompt gets a line; by default, create a user."""
        process, terminal = pty.fork()
        if not process:
            os.chdir(ROOT)
            command = [sys.executable, "-m", *self.command, *(arguments or self.create)]
            os.execve(command[0], command, {**os.environ, **self.env})  # noqa: S606 – no shell
        deadline, printed, answers = time.monotonic() + SECONDS, "", [*lines]
        while time.monotonic() < deadline and select.select([terminal], [], [], SECONDS)[0]:
            try:
                printed += os.read(terminal, 4096).decode()
            except OSError:  # the other side has gone
                break
            if answers and printed.endswith(": "):
                os.write(terminal, f"{answers.pop(0)}\n".encode())
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), printed


COMMANDS = {
    "flask_api": (
        ("flask", "--app", "flask_api"),
        ("create-staff",),
        "FLASK_CREATE_STAFF_PASSWORD",
        (),
    ),
    "drf_api": (
        ("drf_api.manage",),
        ("createsuperuser",),
        "DJANGO_SUPERUSER_PASSWORD",
        ("--noinput",),
    ),
}


@pytest.fixture(scope="module")
def all_commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Commands]]:
    """Run both twins, each with a database of its own, on which the commands work, too."""
    folder: Path = tmp_path_factory.mktemp("commands")
    with twins(folder, TWINS) as base_urls, ExitStack() as stack:
        yield {
            twin.name: Commands(
                *COMMANDS[twin.name],
                stack.enter_context(closing(DifferentialClient([base_url]))),
                environment(folder, twin),
            )
            for twin, base_url in zip(TWINS, base_urls, strict=True)
        }


@pytest.fixture(params=[twin.name for twin in TWINS])
def commands(request: pytest.FixtureRequest, all_commands: dict[str, Commands]) -> Commands:
    return all_commands[request.param]


def create(commands: Commands, username: str, email: str, password: str) -> tuple[int, str]:
    """Create a member of staff without prompts."""
    arguments = (*commands.create, *commands.unattended, "--username", username, "--email", email)
    return commands.run(*arguments, **{commands.password_variable: password})


def assert_staff(commands: Commands, username: str) -> None:
    somebody = log_in(commands.client, username, PASSWORD)
    assert somebody.get("/api/users/me").json["is_staff"] is True


def test_a_member_of_staff_is_made_without_prompts(commands: Commands) -> None:
    name = a_name("boss_")
    status, printed = create(commands, name, f"{name}@example.com", PASSWORD)
    assert (status, f"Created {name}, who is staff." in printed) == (0, True), printed
    assert_staff(commands, name)


def test_a_member_of_staff_is_made_with_prompts(commands: Commands) -> None:
    """What is wrong is said, and asked for again."""
    name = a_name("boss_")
    status, printed = commands.type_at_a_terminal(
        *("Capital Letters", name),
        *("no address", f"{name}@example.com"),
        *("short", PASSWORD, PASSWORD),
    )
    assert status == 0, printed
    assert "Must consist of lower-case letters a to z, digits and underscores." in printed
    assert "Must be an email address." in printed
    assert "Must have 8 or more characters." in printed
    assert PASSWORD not in printed
    assert_staff(commands, name)


def test_passwords_that_differ_are_asked_for_again(commands: Commands) -> None:
    name = a_name("boss_")
    status, printed = commands.type_at_a_terminal(
        *(name, f"{name}@example.com"), *(PASSWORD, "another password"), *(PASSWORD, PASSWORD)
    )
    assert (status, printed.count("Password: ")) == (0, 2), printed
    assert_staff(commands, name)


def test_a_password_changed_by_command_ends_all_logins(
    all_commands: dict[str, Commands],
) -> None:
    """Django only; its own command would leave the tokens valid."""
    commands, name, new = all_commands["drf_api"], a_name("boss_"), "another long password"
    assert create(commands, name, f"{name}@example.com", PASSWORD)[0] == 0
    somebody = log_in(commands.client, name, PASSWORD)
    assert somebody.get("/api/users/me").status == 200
    status, printed = commands.type_at_a_terminal(
        *("short", new, new), arguments=("changepassword", name)
    )
    assert (status, "Must have 8 or more characters." in printed) == (0, True), printed
    assert somebody.get("/api/users/me").status == 401
    assert log_in(commands.client, name, new).get("/api/users/me").status == 200
    assert commands.run("changepassword", a_name("nobody_"))[0] != 0


@pytest.mark.parametrize(
    ("username", "email", "password", "said"),
    [
        pytest.param("AB", None, PASSWORD, "username", id="username"),
        pytest.param(None, "no address", PASSWORD, "Must be an email address.", id="email"),
        pytest.param(None, None, "short", "Must have 8 or more characters.", id="short"),
        pytest.param(None, None, "x" * 129, "Must have 128 or fewer characters.", id="long"),
        pytest.param("alice", None, PASSWORD, "taken already", id="username taken"),
        pytest.param(None, "ALICE@example.com", PASSWORD, "taken already", id="email taken"),
    ],
)
def test_what_the_api_would_refuse_is_refused(
    commands: Commands, username: str | None, email: str | None, password: str, said: str
) -> None:
    name = a_name("boss_")
    status, printed = create(commands, username or name, email or f"{name}@example.com", password)
    assert (status != 0, said in printed) == (True, True), printed
    assert "Traceback" not in printed


def test_without_answers_nobody_is_made(commands: Commands) -> None:
    status, printed = commands.run(*commands.create)
    assert status != 0
    assert "Traceback" not in printed


def test_the_shell_knows_the_models(commands: Commands) -> None:
    typed = "print([model.__name__ for model in (User, Token, Product, Todo)])\n"
    status, printed = commands.run("shell", typed=typed)
    assert status == 0
    assert "['User', 'Token', 'Product', 'Todo']" in printed
