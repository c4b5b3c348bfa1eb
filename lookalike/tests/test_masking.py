"""No secret stays readable in what is printed, however it is written there."""

import html
import json
from urllib.parse import quote

import pytest

from lookalike.http import Answer, Request
from lookalike.masking import Secrets

SECRET = 'a "b" <c> & d/é'


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps({"password": SECRET}),
        json.dumps({"password": SECRET}, ensure_ascii=False),
        html.escape(SECRET),
        f"/?password={quote(SECRET, safe='')}",
    ],
)
def test_a_secret_is_masked_however_it_is_written(written: str) -> None:
    masked = Secrets([SECRET]).masked(written)
    assert "***" in masked
    assert not {'a "b', 'a \\"b', "a &quot;b", "a%20"} & {masked[i : i + 9] for i in range(99)}
    assert "d/" not in masked


def test_a_short_secret_is_masked_as_a_word_only() -> None:
    assert Secrets(["sam"]).masked("sam, samba, same: sam") == "***, samba, same: ***"


def test_the_longest_secret_is_masked_first() -> None:
    assert Secrets(["long password", "long password 2"]).masked("long password 2") == "***"


def test_credentials_in_requests_and_answers_are_noted() -> None:
    secrets = Secrets()
    basic = secrets.add_basic("sam", "horse battery")
    request = Request(
        "GET",
        "/",
        (
            ("Authorization", "Bearer abcdefgh"),
            ("Cookie", "a=1234567890; b=0987654321"),
            ("X-Id", "visible"),
        ),
    )
    answer = Answer(
        200,
        (
            ("Content-Type", "application/json"),
            ("Set-Cookie", "session=5e551011c00kie; HttpOnly"),
            ("X-Auth-Token", "another-one"),
        ),
        json.dumps(
            {
                "user": {"access_token": "0a1b2c3d4e5f60718293", "token": "a word"},
                "next_page_token": "0a1b2c3d4e5f6071829f",
            }
        ).encode(),
    )
    secrets.note(request, answer)
    assert {*secrets} == {
        "horse battery",
        basic.removeprefix("Basic "),
        "abcdefgh",
        "1234567890",
        "0987654321",
        "5e551011c00kie",
        "another-one",
        "0a1b2c3d4e5f60718293",
    }


def test_a_generated_password_of_few_characters_masks_nothing_else() -> None:
    secrets = Secrets()
    sent = Request("GET", "/", (("Authorization", "Basic dTow"),))  # u:0
    secrets.note(sent, Answer(200, (), b""))
    assert secrets.masked("200 OK, 0 items, Basic dTow") == "200 OK, 0 items, Basic ***"


def test_passwords_in_urls_and_basic_fields_are_noted() -> None:
    secrets = Secrets()
    secrets.add_url("https://user:p4ssw0rd@example.com/x")
    secrets.add_field("Authorization", "Basic c2FtOmhvcnNl")
    secrets.add_field("X-Request-Id", "visible")
    secrets.add_field("Authorization", "Bearer")
    secrets.add_field("Authorization", "a-token-alone")
    assert {*secrets} == {"p4ssw0rd", "c2FtOmhvcnNl", "horse", "a-token-alone"}


def test_without_secrets_nothing_is_masked() -> None:
    assert Secrets().masked("all of it") == "all of it"
