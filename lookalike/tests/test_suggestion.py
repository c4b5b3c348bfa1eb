"""A file suggests a recipe that can be read, and that signs in where no reader is needed."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lookalike.config import Reader, Settings
from lookalike.openapi import Contract
from lookalike.suggestion import suggest

ENVIRON = {
    "API_USER": "u",
    "API_PASSWORD": "p",
    "API_KEY": "k",
    "API_COOKIE": "c",
    "API_TOKEN": "t",
}


def body(media_type: str = "application/json", /, required: Any = (), **members: Any) -> Any:
    schema = {"properties": members, "required": [*required]}
    return {"requestBody": {"content": {media_type: {"schema": schema}}}}


def answer(**members: Any) -> Any:
    content = {"application/json": {"schema": {"properties": members}}}
    return {"responses": {"200": {"content": content}}}


TEXT: Mapping[str, Any] = {"type": "string"}
LOGIN = {**body(username=TEXT, password=TEXT), **answer(token=TEXT)}


def contract(paths: Mapping[str, Any], schemes: Any = ()) -> Contract:
    return Contract(
        {
            "openapi": "3.1.0",
            "paths": {
                "/todos": {"get": {}},
                **{path: {"post": value} for path, value in paths.items()},
            },
            "components": {"securitySchemes": dict(enumerate(schemes))},
        }
    )


@pytest.mark.parametrize(
    ("file", "lines"),
    [
        pytest.param(contract({}), [], id="nothing"),
        pytest.param(
            contract({"/auth/login": LOGIN}),
            [
                (
                    'login = { request = "POST /auth/login",'
                    ' json = { username = "$API_USER", password = "$API_PASSWORD" } }'
                ),
                'token = "/token"',
            ],
            id="login",
        ),
        pytest.param(
            contract(
                {
                    "/login": {
                        **body(email=TEXT, password=TEXT),
                        **answer(data={"properties": {"access_token": TEXT, "expires": TEXT}}),
                    },
                    "/users": body(
                        required=["email", "password", "age", "nick"],
                        email={"type": "string", "format": "email"},
                        password=TEXT,
                        age={"type": "integer", "example": 42},
                        nick=TEXT,
                    ),
                }
            ),
            [
                (
                    'register = { request = "POST /users",'
                    ' json = { email = "user{fresh}@example.com",'
                    ' password = "correct horse 7 Battery", age = 42, nick = "…" } }'
                ),
                (
                    'login = { request = "POST /login", json = { email = "user{fresh}@example.com",'
                    ' password = "correct horse 7 Battery" } }'
                ),
                'token = "/data/access_token"',
            ],
            id="register",
        ),
        pytest.param(
            contract(
                {
                    "/token": {
                        **body("application/x-www-form-urlencoded", username=TEXT, password=TEXT),
                        **answer(access_token=TEXT),
                    }
                },
                [{"type": "oauth2"}],
            ),
            [
                (
                    'login = { request = "POST /token",'
                    ' form = { username = "$API_USER", password = "$API_PASSWORD" } }'
                ),
                'token = "/access_token"',
            ],
            id="oauth2",
        ),
        pytest.param(
            contract(
                {"/login": LOGIN}, [{"type": "apiKey", "in": "header", "name": "Authorization"}]
            ),
            [
                (
                    'login = { request = "POST /login",'
                    ' json = { username = "$API_USER", password = "$API_PASSWORD" } }'
                ),
                'token = "/token"',
                'headers = { Authorization = "Token {token}" }',
            ],
            id="another header",
        ),
        pytest.param(
            contract({}, [{"type": "http", "scheme": "Basic"}]),
            ['basic = ["$API_USER", "$API_PASSWORD"]'],
            id="basic",
        ),
        pytest.param(
            contract(
                {"/users": body(username=TEXT, password=TEXT)},
                [{"type": "http", "scheme": "basic"}],
            ),
            [
                (
                    'register = { request = "POST /users", json = { username = "user{fresh}",'
                    ' password = "correct horse 7 Battery" } }'
                ),
                'basic = ["user{fresh}", "correct horse 7 Battery"]',
            ],
            id="register, then basic",
        ),
        pytest.param(
            contract({}, [{"type": "apiKey", "in": "header", "name": "X-Key"}]),
            ['headers = { X-Key = "$API_KEY" }'],
            id="key",
        ),
        pytest.param(
            contract(
                {},
                [
                    {"type": "apiKey", "in": "query", "name": "key"},
                    {"type": "apiKey", "in": "cookie", "name": "sid"},
                ],
            ),
            ['headers = { Cookie = "sid=$API_COOKIE" }'],
            id="cookie",
        ),
        pytest.param(
            contract({}, [{"type": "http", "scheme": "bearer"}]),
            ['headers = { Authorization = "Bearer $API_TOKEN" }'],
            id="bearer",
        ),
    ],
)
def test_lines_that_can_be_used(file: Contract, lines: list[str]) -> None:
    said = suggest(file)
    assert said.splitlines()[1:] == lines
    assert said.splitlines()[:1] == (["[actors.me]"] if lines else [])
    settings = Reader(Path(), ENVIRON).settings(tomllib.loads(said)) if lines else Settings()
    assert len(settings.actors) == bool(lines)


def test_where_nothing_may_be_written_nobody_is_to_register() -> None:
    file = contract({"/login": LOGIN, "/users": body(username=TEXT, password=TEXT)})
    assert "{fresh}" in suggest(file)
    assert "{fresh}" not in suggest(file, may_register=False)
    assert "$API_USER" in suggest(file, may_register=False)
