"""The plugin in a project of somebody else's."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

APPLICATIONS = """
import json

def application(make):
    todos = []
    def answer(environ, start_response):
        if environ["REQUEST_METHOD"] == "POST":
            sent = json.loads(environ["wsgi.input"].read())
            todos.append(make(len(todos), sent))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(todos[-1] if todos else None).encode()]
    return answer

def old():
    return application(lambda number, sent: {"id": number + 1, **sent})

def new():
    return application(lambda number, sent: {"id": number + 101, **sent})

def odd():
    return application(lambda number, sent: {"id": number + 101, "title": "?"})
"""

TEST = """
def test_alike(lookalike_client):
    made = lookalike_client.request("POST", "/todos", json={"title": "Milk"}, learn=True)
    assert made.status == 200
    lookalike_client.request("GET", "/todos/1")
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(applications=APPLICATIONS, test_it=TEST)
    pytester.syspathinsert()
    return pytester


def run(project: pytest.Pytester, *options: str) -> pytest.RunResult:
    plugins = ("-p", "lookalike.pytest_plugin", "-p", "no:schemathesis", "-p", "no:django")
    return project.runpytest_inprocess(*plugins, *options)


def test_two_servers_are_named_by_options(project: pytest.Pytester) -> None:
    options = ("--lookalike-old=applications:old()", "--lookalike-new=applications:new()")
    run(project, *options).assert_outcomes(passed=1)


def test_a_difference_fails_a_test(project: pytest.Pytester) -> None:
    options = ("--lookalike-old=applications:old()", "--lookalike-new=applications:odd()")
    result = run(project, *options)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*DifferenceError: POST /todos is answered differently:*"])
    result.stdout.fnmatch_lines(["*body /title: value: 'Milk' → '[?]'"])


def test_fixtures_in_place_of_options(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest
        from applications import new, old
        from lookalike import Contract, Target

        @pytest.fixture(scope="session")
        def lookalike_old():
            return Target.of("applications:old()")

        @pytest.fixture(scope="session")
        def lookalike_new():
            return Target.of("applications:new()")

        @pytest.fixture(scope="session")
        def lookalike_contract():
            return Contract({"openapi": "3.1.0", "paths": {"/todos/{id}": {"get": {}}}})
        """
    )
    run(project).assert_outcomes(passed=1)


def test_a_configuration_file(project: pytest.Pytester) -> None:
    Path("lookalike.toml").write_text(
        '[old]\nurl = "applications:old()"\n[new]\nurl = "applications:new()"\n', "utf-8"
    )
    run(project, "--lookalike-config=lookalike.toml").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ([], "*no old server: name it with --lookalike-old*"),
        (["--lookalike-old=applications:old()"], "*no new server: name it with --lookalike-new*"),
        (["--lookalike-old=applications:none"], "*applications:none can't be imported*"),
        (["--lookalike-old=ftp://a.test"], "*'ftp://a.test' is no http or https URL*"),
        (["--lookalike-config=none.toml"], "*none.toml: No such file or directory*"),
        (
            ["--lookalike-old=http://192.0.2.1", "--lookalike-new=applications:new()"],
            "*POST is not sent to 192.0.2.1, which nobody has named as writable*",
        ),
    ],
    ids=["nothing", "one", "import", "URL", "file", "write"],
)
def test_what_is_wrong_is_said(project: pytest.Pytester, options: list[str], line: str) -> None:
    result = run(project, *options)
    assert result.ret != 0
    result.stdout.fnmatch_lines([line])


def test_all_options_have_the_same_prefix(project: pytest.Pytester) -> None:
    lines = run(project, "--help").outlines
    start = lines.index("two servers, compared:")
    options = [
        line.split("=")[0].strip() for line in lines[start + 1 :] if line.startswith("  --")
    ][:6]
    assert options == [
        f"--lookalike-{name}"
        for name in ("old", "new", "twin-of-old", "openapi", "config", "write-to")
    ]
