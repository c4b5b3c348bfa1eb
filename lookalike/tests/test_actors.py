"""Recipes are followed on a server that takes each kind of credentials."""

import base64
import json
from collections.abc import Callable, Iterable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import pytest

from lookalike.actors import Actor
from lookalike.http import Answer, Request
from lookalike.limits import LimitedTarget, Limits
from lookalike.login import LoginError, Recipe, Step
from lookalike.targets import WsgiTarget

Start = Callable[[str, list[tuple[str, str]]], Any]
ME = Request("GET", "/me")


class Site:
    """Signs users in by JSON, by a form with a CSRF token, or by Basic credentials."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.users = {"sam": "correct horse"}
        self.sessions: dict[str, str] = {}
        self.asked: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        name = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        self.asked.append(name)
        body = environ["wsgi.input"].read()
        status, fields, text = {
            "POST /users": self.register,
            "POST /tokens": self.log_in,
            "GET /login": self.page,
            "POST /login": self.form,
            "GET /me": self.me,
        }[name](environ, body)
        start(status, fields)
        return [text.encode()]

    def token(self, user: str) -> str:
        token = f"{self.prefix}-token-{len(self.sessions)}"
        self.sessions[token] = user
        return token

    def register(self, environ: Any, body: bytes) -> Any:
        given = json.loads(body)
        if given["username"] in self.users:
            return "409 Conflict", [], "taken"
        self.users[given["username"]] = given["password"]
        return "201 Created", [], "{}"

    def log_in(self, environ: Any, body: bytes) -> Any:
        given = json.loads(body)
        if self.users.get(given["username"]) != given["password"]:
            return "401 Unauthorized", [], "wrong password"
        answer = json.dumps({"data": [{"token": self.token(given["username"])}]})
        return "200 OK", [("Content-Type", "application/json")], answer

    def page(self, environ: Any, body: bytes) -> Any:
        form = '<form><input type="hidden" value="a&amp;b" name=csrf></form>'
        return "200 OK", [("Set-Cookie", "csrftoken=c00kie; Path=/; SameSite=Lax")], form

    def form(self, environ: Any, body: bytes) -> Any:
        given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        if given.get("csrf") != "a&b" or cookies["csrftoken"].value != "c00kie":
            return "403 Forbidden", [], "CSRF"
        if self.users.get(given["username"]) != given["password"]:
            return "200 OK", [], "<form>wrong</form>"
        cookie = f"session={self.token(given['username'])}; HttpOnly"
        return "302 Found", [("Set-Cookie", cookie), ("Location", "/")], ""

    def me(self, environ: Any, body: bytes) -> Any:
        field = environ.get("HTTP_AUTHORIZATION", "")
        scheme, _, credentials = field.partition(" ")
        cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        if scheme == "Bearer":
            user = self.sessions.get(credentials)
        elif scheme == "Basic":
            name, _, password = base64.b64decode(credentials).decode().partition(":")
            user = name if self.users.get(name) == password else None
        elif "session" in cookies:
            user = self.sessions.get(cookies["session"].value)
        else:
            user = environ.get("HTTP_X_API_KEY")
        return ("200 OK", [], user) if user else ("401 Unauthorized", [], "who?")


BEARER = {"Authorization": "Bearer {token}"}
SAM = {"username": "sam", "password": "correct horse"}
LOGIN = Step("POST /tokens", json=SAM)
FRESH = {"username": "user-{fresh}", "password": "a long password"}
RECIPES = {
    "header": (Recipe(headers={"X-Api-Key": "sam"}), "sam"),
    "basic": (Recipe(basic=("sam", "correct horse")), "sam"),
    "token": (Recipe(login=LOGIN, token="/data/0/token", headers=BEARER), "sam"),
    "form": (
        Recipe(
            page=Step("GET /login"),
            csrf="csrf",
            login=Step("POST /login", form={**SAM, "csrf": "{csrf}"}),
        ),
        "sam",
    ),
    "register": (
        Recipe(
            register=Step("POST /users", json=FRESH),
            login=Step("POST /tokens", json=FRESH),
            token="/data/0/token",
            headers=BEARER,
        ),
        "user-s1sam",
    ),
}


@pytest.fixture
def sites() -> tuple[Site, Site]:
    return Site("old"), Site("new")


def ask(actor: Actor, target: WsgiTarget, request: Request = ME) -> tuple[int, str]:
    signed = actor.signed(request, target)
    answer = target.send(signed)
    actor.observe(signed, answer, target)
    assert isinstance(answer, Answer)
    return answer.status, answer.body.decode()


@pytest.mark.parametrize(("recipe", "user"), RECIPES.values(), ids=RECIPES)
def test_each_recipe_signs_in_on_both_servers(
    sites: tuple[Site, Site], recipe: Recipe, user: str
) -> None:
    actor = Actor("sam", recipe, salt="s1")
    for site in sites:
        assert ask(actor, WsgiTarget(site)) == (200, user)


def test_an_actor_signs_in_once(sites: tuple[Site, Site]) -> None:
    actor, target = Actor("sam", RECIPES["token"][0]), WsgiTarget(sites[0])
    assert [ask(actor, target)[0] for _ in range(3)] == [200] * 3
    assert sites[0].asked.count("POST /tokens") == 1


def test_a_session_that_ends_is_answered_401_once_and_then_there_is_another(
    sites: tuple[Site, Site],
) -> None:
    actor, target = Actor("sam", RECIPES["token"][0]), WsgiTarget(sites[0])
    assert ask(actor, target)[0] == 200
    sites[0].sessions.clear()
    assert [ask(actor, target)[0] for _ in range(3)] == [401, 200, 200]
    assert sites[0].asked.count("POST /tokens") == 2


def test_credentials_that_never_work_are_asked_for_once(sites: tuple[Site, Site]) -> None:
    recipe = Recipe(login=LOGIN, token="/data/0/token", headers={"Authorization": "Token {token}"})
    actor, target = Actor("sam", recipe), WsgiTarget(sites[0])
    assert [ask(actor, target)[0] for _ in range(3)] == [401] * 3
    assert sites[0].asked.count("POST /tokens") == 1


def test_a_wrong_password_at_the_login_ends_no_session(sites: tuple[Site, Site]) -> None:
    actor, target = Actor("sam", RECIPES["token"][0]), WsgiTarget(sites[0])
    assert ask(actor, target)[0] == 200
    wrong = Request.json("POST", "/tokens", {**SAM, "password": "?"})
    assert [ask(actor, target, wrong)[0], ask(actor, target)[0]] == [401, 200]
    assert len(sites[0].sessions) == 1


def test_fields_of_a_request_are_left_as_they_are(sites: tuple[Site, Site]) -> None:
    actor, target = Actor("sam", RECIPES["token"][0]), WsgiTarget(sites[0])
    assert ask(actor, target)[0] == 200
    assert ask(actor, target, Request("GET", "/me", (("authorization", "Bearer x"),)))[0] == 401
    assert ask(actor, target)[0] == 200
    assert len(sites[0].sessions) == 1  # the 401 was not its own


def test_each_story_has_a_fresh_user_and_others_stay_who_they_are(
    sites: tuple[Site, Site],
) -> None:
    target = WsgiTarget(sites[0])
    fresh, sam = Actor("fresh", RECIPES["register"][0]), Actor("sam", RECIPES["token"][0])
    assert [ask(fresh.renewed(salt), target)[1] for salt in ("a", "b")] == [
        "user-afresh",
        "user-bfresh",
    ]
    assert sam.renewed("a") is sam


def test_whoever_is_registered_already_signs_in(sites: tuple[Site, Site]) -> None:
    target = WsgiTarget(sites[0])
    for _ in range(2):
        assert ask(Actor("fresh", RECIPES["register"][0], salt="a"), target)[0] == 200
    assert sites[0].asked.count("POST /users") == 2


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        pytest.param(
            Recipe(login=Step("POST /tokens", json={**SAM, "password": "?"}), token="/t"),
            "POST /tokens on http://localhost: answered 401 Unauthorized: wrong password",
            id="password",
        ),
        pytest.param(
            Recipe(login=LOGIN, token="/token"), "nothing at '/token' of the answer", id="pointer"
        ),
        pytest.param(
            Recipe(page=Step("GET /login"), csrf="nonce"), "no form with a field 'nonce'", id="csrf"
        ),
        pytest.param(
            Recipe(headers={"X-CSRFToken": "{cookie.csrf}"}), "gives 'cookie.csrf'", id="cookie"
        ),
        pytest.param(
            Recipe(register=Step("POST /users", json=SAM)), "answered 409 Conflict", id="taken"
        ),
    ],
)
def test_what_went_wrong_is_said(sites: tuple[Site, Site], recipe: Recipe, said: str) -> None:
    actor, target = Actor("sam", recipe), WsgiTarget(sites[0])
    with pytest.raises(LoginError) as error:
        actor.sign_in(target)
    assert said in str(error.value)
    assert ask(actor, target) == (401, "who?")  # later requests go without


def test_what_a_recipe_says_and_gets_is_secret(sites: tuple[Site, Site]) -> None:
    actor = Actor("sam", RECIPES["token"][0])
    ask(actor, WsgiTarget(sites[0]))
    assert {*actor.secrets} == {"correct horse", "old-token-0"}


def test_where_nothing_may_be_written_users_log_in_but_none_registers(
    sites: tuple[Site, Site],
) -> None:
    target = LimitedTarget(WsgiTarget(sites[0]), Limits(is_reading_only=True, requests=2))
    for recipe, status in ((RECIPES["token"][0], 200), (RECIPES["register"][0], 401)):
        signed = Actor("sam", recipe).signed(ME, target)
        answer = target.send(signed)
        assert isinstance(answer, Answer)
        assert answer.status == status
    assert "POST /users" not in sites[0].asked
    assert target.sent == 2  # a login is no request of the run
