"""Users who sign in by ordinary requests: actors once more, and others by what they registered."""

from typing import Any

import pytest

from lookalike.actors import Actor
from lookalike.calls import Call, Own, Resolver
from lookalike.client import DifferentialClient
from lookalike.form_data import URLENCODED
from lookalike.login import Recipe, Step
from lookalike.openapi import Contract
from lookalike.signing import login_of
from lookalike.targets import WsgiTarget
from lookalike.tests.notebook import CONTRACT, Notes, newcomer

FILE = Contract({"openapi": "3.1.0", "paths": {"/login": {"post": {}}, "/{page}": {"post": {}}}})
NAME = {"name": "n{fresh}", "of": [{"a/b": "{fresh}"}], "days": 3}


def login(step: Step | None, **recipe: Any) -> Call | None:
    return login_of(FILE, Actor("Ann", Recipe(login=step, **recipe), salt="7"))


def test_a_login_is_an_ordinary_request() -> None:
    call = login(Step("POST /login", json=NAME, headers={"X-App": "a"}))
    assert call is not None
    request = call.request(Resolver({}))
    assert (request.method, request.target) == ("POST", "/login")
    assert request.fields == (("Content-Type", "application/json"), ("X-App", "a"))
    assert request.body == b'{"name": "n7ann", "of": [{"a/b": "7ann"}], "days": 3}'


def test_a_login_by_a_form_is_one() -> None:
    call = login(Step("POST /login", form={"name": "n{fresh}", "word": "a b"}))
    assert call is not None
    request = call.request(Resolver({}))
    assert request.fields == (("Content-Type", URLENCODED),)
    assert request.body == b"name=n7ann&word=a+b"


@pytest.mark.parametrize(
    "step",
    [
        None,
        Step("POST /login"),
        Step("POST /login?a=b", json=NAME),
        Step("POST /elsewhere", json=NAME),
        Step("GET /login", json=NAME),
        Step("POST /login", form={"name": "n", "token": "{csrf}"}),
        Step("POST /login", json=NAME, headers={"X-Token": "{cookie.token}"}),
    ],
    ids=repr,
)
def test_what_the_file_lacks_or_needs_more_is_none(step: Step | None) -> None:
    assert login(step) is None


def test_each_story_logs_its_own_actors_in() -> None:
    call = login_of(CONTRACT, newcomer("ann"))
    assert call is not None
    old, new = Notes("knows no guests"), Notes("knows no guests", first_id=4000)
    for salt in ("1", "2"):
        actor = newcomer("ann").renewed(salt)
        client = DifferentialClient(WsgiTarget(old), WsgiTarget(new), actors=[actor], salt=salt)
        assert client.send(call, learn=True).differences == ()
    sent = [body for method, path, body in new.requests if (method, path) == ("POST", "/sessions?")]
    assert [b"u1ann" in body for body in sent] == [True] * 3 + [False] * 3
    assert [b"u2ann" in body for body in sent] == [False] * 3 + [True] * 3


def test_an_actor_whom_nobody_knows_logs_in_as_before() -> None:
    own, operation = Own("ann", "/user", "uann"), CONTRACT.find("POST", "/sessions")
    assert operation is not None
    client = DifferentialClient(WsgiTarget(Notes()), WsgiTarget(Notes()))
    body = {"user": own, "password": "long enough"}
    exchange = client.send(Call(operation, body=body))
    assert exchange.requests[1].body == b'{"user": "uann", "password": "long enough"}'
