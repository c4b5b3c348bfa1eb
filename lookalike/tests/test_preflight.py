"""A run that would be worthless ends before it begins, with one line that says why."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from lookalike import preflight
from lookalike.actors import Actor
from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.login import Recipe, Step
from lookalike.openapi import Contract
from lookalike.preflight import PreflightError
from lookalike.targets import Target, WsgiTarget

TODOS = {"responses": {"200": {"description": "all"}}}
BEARER = {"components": {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}}}
KIM = Actor("kim", Recipe(headers={"Authorization": "Bearer kims-token"}))


def contract(**paths: Any) -> Contract:
    """Build a file with a GET on each path."""
    return Contract(
        {
            "openapi": "3.1.0",
            "paths": {f"/{name}": {"get": value} for name, value in paths.items()},
            **BEARER,
        }
    )


SECURED = contract(todos={**TODOS, "security": [{"b": []}]})


class Api:
    """Answers each path with a status, or 401 where credentials are wrong."""

    def __init__(self, statuses: dict[str, str], token: str = "") -> None:
        self.statuses = statuses
        self.token = token

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        status = self.statuses.get(environ["PATH_INFO"], "404 Not Found")
        if self.token and environ.get("HTTP_AUTHORIZATION") != f"Bearer {self.token}":
            status = "401 Unauthorized"
        start(status, [])
        return [b"{}"]


class Silent(Target):
    """Gives no answer."""

    base_url = "http://localhost:1"

    def __init__(self, why: str, detail: str = "") -> None:
        self.outcome: Outcome = NoAnswer(why, detail)

    def send(self, request: Request) -> Outcome:
        return self.outcome

    def close(self) -> None:
        """Do nothing."""


def both(old: Api, new: Api) -> dict[str, WsgiTarget]:
    return {"OLD": WsgiTarget(old), "NEW": WsgiTarget(new)}


def check(targets: Any, actors: list[Actor], file: Contract) -> list[str]:
    notes: list[str] = []
    preflight.sign_in(targets, actors, file, may_write=True)
    preflight.succeed(targets, actors, file, notes.append, may_write=True)
    return notes


WORKING = Api({"/todos": "200 OK"})


def test_servers_that_work_pass() -> None:
    guarded = Api({"/todos": "200 OK"}, "kims-token")
    assert check(both(WORKING, WORKING), [], contract(todos=TODOS)) == []
    assert check(both(guarded, guarded), [KIM], SECURED) == []


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("http://localhost:5000", "http://127.0.0.1:5000/", True),
        ("http://localhost", "http://localhost:80", True),
        ("https://localhost", "http://localhost:443", True),
        ("http://localhost:5000", "http://localhost:8000", False),
        ("http://localhost:5000/v1", "http://localhost:5000/v2", False),
        ("http://127.0.0.1:5000", "http://127.0.0.2:5000", False),
        ("http://no-such-host.invalid:1", "http://no-such-host.invalid:1", True),
        ("http://no-such-host.invalid:1", "http://another.invalid:1", False),
        ("localhost:5000", "http://localhost:5000", True),
        ("old:app", "new:app", False),
        ("shop.wsgi:application", "shop2.wsgi:application", False),
        ("shop.wsgi:application", "http://localhost:5000", False),
        ("old:app", "old:app", True),
    ],
)
def test_one_server_twice_is_noticed(one: str, other: str, *, is_same: bool) -> None:
    assert preflight.is_same(one, other) is is_same


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (("refused", "Connection refused"), "is it running there?"),
        (("refused", "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), "--ca FILE"),
        (("refused", "[SSL: WRONG_VERSION_NUMBER]"), "is it http or https?"),
        (("timed out", "after 30 s"), "no answer: timed out (after 30 s)"),
        (("not HTTP", "BadStatusLine"), "is it http or https?"),
    ],
)
def test_no_answer_is_said(outcome: tuple[str, str], said: str) -> None:
    with pytest.raises(PreflightError) as error:
        preflight.reach("OLD", Silent(*outcome))
    assert str(error.value).startswith("OLD http://localhost:1 gives no answer: ")
    assert said in str(error.value)


def test_any_answer_will_do_but_a_redirection_to_https() -> None:
    silent = Silent("")
    silent.outcome = Answer(404, (), b"")
    preflight.reach("OLD", silent)
    silent.outcome = Answer(301, (("Location", "https://localhost:2/"),), b"")
    with pytest.raises(PreflightError, match="give it as https://localhost:2"):
        preflight.reach("OLD", silent)


@pytest.mark.parametrize(
    ("new", "actors", "file", "said"),
    [
        pytest.param(
            Api({}),
            [],
            contract(todos=TODOS),
            "nothing succeeds on NEW http://localhost: GET /todos 404; is there a base path",
            id="base path",
        ),
        pytest.param(
            Api({"/todos": "500 Oh"}),
            [],
            contract(todos=TODOS, other=TODOS),
            "nothing succeeds on NEW http://localhost: GET /todos 500, GET /other 404",
            id="broken",
        ),
        pytest.param(
            Api({"/todos": "200 OK"}, "another"),
            [KIM],
            SECURED,
            "NEW doesn't take the credentials of 'kim': GET /todos is answered 401 with them",
            id="credentials",
        ),
        pytest.param(
            Api({"/todos": "200 OK"}, "secret"),
            [],
            contract(todos=TODOS),
            "nothing succeeds on NEW http://localhost: GET /todos 401, where OLD asks for none; it",
            id="no credentials on the old server",
        ),
        pytest.param(
            Api({"/todos": "200 OK"}, "secret"),
            [],
            SECURED,
            "By the file, these lines in lookalike.toml should do:\n\n[actors.me]\n"
            'headers = { Authorization = "Bearer $API_TOKEN" }',
            id="no actor",
        ),
        pytest.param(
            WORKING,
            [Actor("sam", Recipe(login=Step("POST /login"), token="/token"))],
            SECURED,
            "'sam' can't sign in on OLD: POST /login on http://localhost: answered 404",
            id="login",
        ),
    ],
)
def test_what_would_be_worthless_is_said(
    new: Api, actors: list[Actor], file: Contract, said: str
) -> None:
    with pytest.raises(PreflightError) as error:
        check(both(WORKING, new), actors, file)
    assert said in str(error.value)


def test_whoever_registers_needs_to_write() -> None:
    fresh = Actor("fresh", Recipe(register=Step("POST /users")))
    with pytest.raises(PreflightError, match="--write-to HOST"):
        preflight.sign_in(both(WORKING, WORKING), [fresh], SECURED, may_write=False)


def test_a_file_without_such_a_get_is_noted() -> None:
    assert len(check(both(WORKING, WORKING), [], Contract(POST_ONLY))) == 1


POST_ONLY = {"openapi": "3.1.0", "paths": {"/todos": {"post": {}}, "/todos/{id}": {"get": {}}}}


class Members:
    """Lets anybody register and log in; several servers may have the same members."""

    def __init__(self, members: set[bytes]) -> None:
        self.members = members

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        user = environ["wsgi.input"].read()
        is_known = user in self.members
        if environ["PATH_INFO"] == "/users":
            self.members.add(user)
            start("409 Conflict" if is_known else "201 Created", [])
        else:
            start("200 OK" if is_known else "401 Unauthorized", [])
        return [b'{"token": "t"}']


def test_servers_that_share_a_database_are_noticed() -> None:
    user = {"name": "user-{fresh}"}
    register, login = Step("POST /users", json=user), Step("POST /login", json=user)
    fresh = Recipe(register=register, login=login, token="/token")
    file = contract(todos=TODOS)
    shared: set[bytes] = set()
    targets = {name: WsgiTarget(Members(shared)) for name in ("OLD", "NEW")}
    with pytest.raises(PreflightError, match="known on NEW: they use one database"):
        preflight.sign_in(targets, [Actor("me", fresh)], file, may_write=True)
    apart = {name: WsgiTarget(Members(set())) for name in ("OLD", "NEW")}
    for _ in range(2):  # the second time, both know the user from before
        preflight.sign_in(apart, [Actor("me", fresh)], file, may_write=True)
