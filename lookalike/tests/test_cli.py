"""The command as its users meet it: exit statuses, one line for what is wrong, and reports."""

import importlib
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from lookalike import cli
from lookalike.tests.notebook import CONTRACT

SERVERS = """
from lookalike.tests.notebook import Notes, Slashed

old, new = Notes(), Notes()
mended = Notes()
slashed = Slashed(mended)
closed = Notes()
closed._enter = lambda body, is_new: (401, {"error": "no " + body.decode()})


class Wrong(Notes):
    def __call__(self, environ, start_response):
        def start(status, fields):
            start_response(status, [*fields, ("X-Wrong", "yes")])

        return super().__call__(environ, start)


wrong = Wrong()


class Spaced(Notes):
    def __call__(self, environ, start_response):
        return [b" " + text for text in super().__call__(environ, start_response)]


class Refusing(Notes):
    def _valid(self, body):
        return "nothing is right"


refusing = Refusing()


class Broken:
    def __call__(self, environ, start_response):
        raise RuntimeError("on purpose")
"""
CONFIG = """
openapi = "notes.json"
requests = 200
[actors.ann]
login = { request = "POST /sessions", json = { user = "ann", password = "$PASSWORD" } }
token = "/token"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Change to a folder with two applications, their OpenAPI file, and a configuration."""
    (tmp_path / "two_servers.py").write_text(SERVERS)
    (tmp_path / "notes.json").write_text(json.dumps(CONTRACT.raw))
    (tmp_path / "lookalike.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("PASSWORD", "correct horse")
    yield tmp_path
    sys.modules.pop("two_servers", None)
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("new", "status", "said"),
    [
        ("two_servers:new", cli.ALIKE, "0 differences"),
        ("two_servers:wrong", cli.DIFFERENT, "header x-wrong"),
    ],
)
def test_exit_statuses(
    new: str, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["diff", "two_servers:old", new, "--seed", "3"]) == status
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["two_servers:old"], "NEW has no address: name it on the command line"),
        (["two_servers:old", "two_servers:old"], "OLD and NEW are one server: two_servers:old"),
        (["nothing_here:app", "two_servers:new"], "nothing_here:app can't be imported: ModuleNotF"),
        (["two_servers:nobody", "two_servers:new"], "has no attribute 'nobody'"),
        (["ftp://x", "http://y"], "'ftp://x' is no http or https URL"),
        (["http://[", "http://y"], "'http://[' is no URL: Invalid IPv6 URL"),
        (["http://x:port", "http://y"], "'http://x:port' has no valid port"),
        (["http://unknown.invalid", "http://y"], "gives no answer: unknown host"),
        (
            ["http://127.0.0.1:9", "two_servers:new"],
            "OLD http://127.0.0.1:9 gives no answer: refus",
        ),
        (
            ["two_servers:Broken()", "two_servers:new"],
            "no answer: raised (RuntimeError: on purpose)",
        ),
        (["two_servers:old", "two_servers:closed"], "'ann' can't sign in on NEW: POST /sessions"),
        (
            ["two_servers:old", "two_servers:new", "--openapi", "none.json"],
            "none.json: No such file",
        ),
        (
            ["two_servers:old", "two_servers:new", "--openapi", "two_servers.py"],
            "two_servers.py: n",
        ),
        (
            ["two_servers:old", "two_servers:new", "--config", "none.toml"],
            "none.toml: No such file",
        ),
        (["two_servers:old", "two_servers:new", "--include", "GET /x"], "no operation is left by"),
        (["two_servers:old", "two_servers:new", "--header", "x"], "'x' is no header field; write"),
        (["two_servers:old", "two_servers:new", "--reset", "echo no; exit 3"], "with status 3: no"),
        (["http://a", "http://b", "--ca", "none.pem"], "--ca none.pem: No such file"),
    ],
)
def test_what_keeps_it_from_running_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["diff", *arguments]) == cli.COULD_NOT_RUN
    printed = capsys.readouterr()
    line = printed.err.splitlines()[-1]
    assert line.startswith("lookalike: ")
    assert said in line
    assert "correct horse" not in printed.err + printed.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["compare"],
        ["diff", "--seconds", "0"],
        ["diff", "--seconds", "nan"],
        ["diff", "--requests", "-1"],
        ["diff", "--twin", "a"],
        ["diff", "a", "b", "c"],
    ],
)
def test_a_wrong_command_line_exits_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == cli.COULD_NOT_RUN
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_ctrl_c_before_anything_was_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lookalike.preflight.reach", interrupt)
    assert cli.main(["diff", "two_servers:old", "two_servers:new"]) == cli.INTERRUPTED
    assert capsys.readouterr().err == "lookalike: stopped\n"


def test_a_run_without_a_success_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["diff", "two_servers:refusing", "two_servers:Refusing()", "--include", "POST /notes"]
    assert cli.main(line) == cli.COULD_NOT_RUN  # which the preflight can't tell of a POST
    assert "nothing succeeded on both servers" in capsys.readouterr().err


def test_a_fault_of_ours_is_no_difference(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("correct horse")

    monkeypatch.setattr("lookalike.preflight.succeed", fail)
    assert cli.main(["diff", "two_servers:old", "two_servers:new"]) == cli.COULD_NOT_RUN
    assert capsys.readouterr().err.endswith("RuntimeError: ***\n")


def test_reports_are_written_without_secrets(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"html": "page.html", "junit": "junit.xml", "jsonl": "lines.jsonl"}
    arguments = [text for name, file in names.items() for text in (f"--{name}", file)]
    header = ["--header", "X-Api-Key: open sesame", "--github"]
    status = cli.main(["diff", "two_servers:old", "two_servers:wrong", *arguments, *header])
    assert status == cli.DIFFERENT
    printed = capsys.readouterr()
    texts = {file: (folder / file).read_text() for file in names.values()} | {"out": printed.out}
    assert "::error" in printed.out
    for file, text in texts.items():
        assert "x-wrong" in text.lower(), file
        assert "open sesame" not in text, file
        assert "correct horse" not in text, file


def test_a_finding_is_saved_told_again_and_accepted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = ["two_servers:old", "two_servers:wrong"]
    assert cli.main(["diff", *servers, "--include", "GET /notes"]) == cli.DIFFERENT
    assert "lookalike replay lookalike-findings/1.json" in capsys.readouterr().out
    files = sorted(path.name for path in (folder / "lookalike-findings").iterdir())
    assert files == ["1.json"]
    story = "lookalike-findings/1.json"

    assert cli.main(["replay", story]) == cli.DIFFERENT
    assert "still there" in capsys.readouterr().out
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    with chdir(elsewhere):  # without settings there
        sys.path.insert(0, str(folder))
        assert cli.main(["replay", str(folder / story)]) == cli.DIFFERENT
    assert "still there" in capsys.readouterr().out
    assert cli.main(["replay", story, "two_servers:old", "two_servers:new"]) == cli.ALIKE
    assert capsys.readouterr().out.splitlines()[1] == "fixed"

    assert cli.main(["accept", story, "--reason", "On purpose", "--everywhere"]) == cli.ALIKE
    assert cli.main(["diff", *servers, "--include", "GET /notes"]) == cli.ALIKE
    assert "On purpose" in capsys.readouterr().out
    assert [*(folder / "lookalike-findings").iterdir()] == []


def test_a_server_that_wants_slashes_is_asked_with_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["diff", "two_servers:old", "two_servers:slashed"]) == cli.DIFFERENT
    printed = capsys.readouterr().out
    assert "NEW answers /notes with a redirection to /notes/ (301): it is asked by its" in printed
    assert "1 difference in" in printed
    assert "old 200, new 301 – without a slash at its end, as the file has it" in printed
    story = "lookalike-findings/1.json"
    assert cli.main(["replay", story]) == cli.DIFFERENT
    assert "still there" in capsys.readouterr().out
    assert cli.main(["replay", story, "two_servers:old", "two_servers:mended"]) == cli.ALIKE
    assert capsys.readouterr().out.splitlines()[1] == "fixed"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["replay", "none.json"], "none.json: No such file"),
        (["replay", "notes.json"], "notes.json: this is no story of lookalike"),
        (["accept", "notes.json", "--reason", "x"], "notes.json: this is no story of lookalike"),
        (["check"], "the server has no address"),
        (["diff", "two_servers:old", "two_servers:new", "--har", "notes.json"], "notes.json: "),
        (["check", "two_servers:old", "--pack", "x"], "no pack is called 'x'"),
    ],
)
def test_other_commands_say_on_one_line_why_they_cannot_run(
    command: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command) == cli.COULD_NOT_RUN
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_white_space_counts_where_bytes_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["diff", "two_servers:old", "two_servers:Spaced()", "--include", "GET /notes"]
    assert cli.main(line) == cli.ALIKE
    assert cli.main([*line, "--bytes"]) == cli.DIFFERENT
    assert "white space" in capsys.readouterr().out


@pytest.mark.parametrize("more", [[], ["--well-formed"]])
def test_what_breaks_a_grammar_can_be_left_out(folder: Path, more: list[str]) -> None:
    line = ["diff", "two_servers:old", "two_servers:new", "--jsonl", "lines.jsonl", *more]
    assert cli.main([*line, "--include", "GET /notes"]) == cli.ALIKE
    asked = (folder / "lines.jsonl").read_text()
    assert bool(re.search(r'"(Host: |the query |[^"]*section 6\.2\.2\))', asked)) is not bool(more)


def test_what_was_recorded_is_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    request = {
        "method": "POST",
        "url": "https://api.example.com/notes",
        "headers": [{"name": "Authorization", "value": "Bearer 1"}],
        "postData": {"mimeType": "application/json", "text": '{"name": "as recorded"}'},
    }
    recording = {"log": {"entries": [{"request": request, "response": {"status": 201}}]}}
    (folder / "site.har").write_text(json.dumps(recording))
    line = ["diff", "two_servers:old", "two_servers:new", "--har", "site.har", "--jsonl", "-"]
    assert cli.main(line) == cli.ALIKE
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    asked = [each["requests"] for each in lines if each["type"] == "exchange"]
    recorded = [each for each in asked if "as recorded" in str(each[0]["body"])]
    assert recorded
    assert all(len(each) == 2 for each in recorded)
    assert any(name == "Authorization" for name, _ in recorded[0][0]["fields"])


def test_one_server_is_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = ["--html", "page.html", "--junit", "junit.xml", "--jsonl", "lines.jsonl", "--github"]
    reports += ["--badge", "badge.svg"]
    line = ["check", "two_servers:old", "--pack", "methods", *reports]
    assert cli.main(line) == cli.DIFFERENT
    printed = capsys.readouterr().out
    assert "Methods and Allow" in printed
    assert "::error" in printed
    for name in ("page.html", "junit.xml", "lines.jsonl"):
        assert "allow" in (folder / name).read_text().lower()
        assert "correct horse" not in (folder / name).read_text()
    assert "lookalike check: " in (folder / "badge.svg").read_text()


def test_standard_output_is_for_programs_where_they_ask(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["two_servers:old", "two_servers:new", "--jsonl", "-", "--quiet"]
    assert cli.main(["diff", *arguments]) == cli.ALIKE
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) > 2


def test_the_command_line_counts_more_than_the_file(folder: Path) -> None:
    (folder / "lookalike.toml").write_text(
        'seed = 1\nseconds = 5\nexclude = ["a"]\nheaders = { x = "file", y = "file" }\n'
        '[old]\nurl = "http://old"\n[new]\nurl = "http://new"\ninsecure = true'
    )
    line = ["diff", "http://o:pass1@other", "--seed", "2", "--include", "b", "--include", "c"]
    line += ["--header", "X: line", "--header-new", "Authorization: Bearer 1234", "--ca", "x.pem"]
    settings = cli.settings_of(cli.parser().parse_args(line))
    assert (settings.seed, settings.seconds) == (2, 5)
    assert (settings.include, settings.exclude) == (("b", "c"), ("a",))
    assert settings.old.url == "http://o:pass1@other"
    assert settings.old.headers == (("y", "file"), ("X", "line"))
    assert settings.new.url == "http://new"
    assert settings.new.headers == (
        ("y", "file"),
        ("X", "line"),
        ("Authorization", "Bearer 1234"),
    )
    assert (settings.old.insecure, settings.new.insecure) == (False, True)
    assert (settings.old.ca, settings.new.ca) == ("x.pem", "x.pem")
    assert {*settings.secrets} == {"pass1", "1234"}


def test_each_option_is_a_setting_and_explained() -> None:
    groups = (
        *(cli.CONTRACT, cli.SAFETY, cli.BUDGETS, cli.COMPARING),
        *(cli.CHECKING, cli.CONNECTION, cli.REPORTS),
    )
    names = [option.name for group in groups for option in group]
    assert len(names) == len({*names})
    known = {*cli.SETTINGS, *cli.SERVER_KINDS}
    assert {name.replace("-", "_") for name in names} <= known
    assert all(option.help for group in groups for option in group)


@pytest.mark.parametrize("arguments", [["--help"], ["diff", "--help"], ["--version"]])
def test_what_is_asked_first_starts_at_once(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom lookalike.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit as end:\n    assert not end.code\n"
        "assert not {'schemathesis', 'hypothesis', 'rich', 'lookalike.diff'} & {*sys.modules}"
    )
    path = {"PYTHONPATH": str(Path(cli.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("lookalike " if "--version" in arguments else "usage: lookalike")


def test_a_reader_who_has_seen_enough_ends_a_run_quietly(folder: Path) -> None:
    line = [sys.executable, "-m", "lookalike", "diff", "two_servers:old", "two_servers:wrong"]
    path = os.pathsep.join([str(Path(cli.__file__).parents[1]), str(folder)])
    with subprocess.Popen(
        [*line, "--quiet"],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == cli.COULD_NOT_RUN


MEMBERS = """
from lookalike.tests.notebook import Notes, decoded

TEXT = {"type": "string"}
USER = {"type": "object", "properties": {"user": TEXT, "password": TEXT}}
BODY = {"content": {"application/json": {"schema": USER}}}
TOKEN = {"content": {"application/json": {"schema": {"properties": {"token": TEXT}}}}}
LOGIN = {"security": [], "requestBody": BODY, "responses": {"201": TOKEN}}


class Members(Notes):
    def __init__(self):
        super().__init__()
        self.members = []

    def _reply(self, method, path, query, body, user):
        if (method, path) == ("POST", "/users"):
            self.members.append(decoded(body)["user"])
            return 201, {}
        if path == "/sessions" and decoded(body)["user"] not in self.members:
            return 401, {"error": "nobody"}
        return super()._reply(method, path, query, body, user)


first, second = Members(), Members()
"""


def test_where_the_file_shows_how_users_register_two_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "lookalike.toml").unlink()
    (folder / "members.py").write_text(MEMBERS)
    monkeypatch.syspath_prepend(str(folder))
    members = importlib.import_module("members")
    monkeypatch.setitem(sys.modules, "members", members)
    paths = {**CONTRACT.raw["paths"], "/sessions": {"post": members.LOGIN}}
    paths["/users"] = {"post": {**members.LOGIN, "responses": {"201": {"description": "new"}}}}
    (folder / "notes.json").write_text(json.dumps({**CONTRACT.raw, "paths": paths}))
    line = ["diff", "members:first", "members:second", "--openapi", "notes.json"]
    assert cli.main([*line, "--requests", "60", "--include", "GET /notes"]) == cli.ALIKE
    assert "two new users signed in by POST /users and POST /sessions" in capsys.readouterr().out
    assert len(members.first.members) == 2
    assert members.first.members == members.second.members


def test_a_run_leaves_nothing_but_its_stories(folder: Path) -> None:
    before = {path.name for path in folder.iterdir()}
    environ = {
        **os.environ,
        "PYTHONPATH": str(Path(cli.__file__).parents[1]),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    environ.pop("HYPOTHESIS_STORAGE_DIRECTORY", None)
    command = [sys.executable, "-m", "lookalike", "diff", "two_servers:old", "two_servers:wrong"]
    done = subprocess.run(command, env=environ, check=False, capture_output=True)
    assert done.returncode == cli.DIFFERENT
    after = {path.name for path in folder.iterdir()} - before
    assert after - {"cache", "__pycache__"} == {"lookalike-findings"}


def test_accepting_needs_no_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["diff", "two_servers:old", "two_servers:wrong"]) == cli.DIFFERENT
    monkeypatch.delenv("PASSWORD")
    assert cli.main(["accept", "lookalike-findings/1.json", "--reason", "Intended."]) == cli.ALIKE
    assert "x-wrong" in capsys.readouterr().out
