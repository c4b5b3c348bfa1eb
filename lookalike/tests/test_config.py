"""What `lookalike.toml` can say, and what is said about one that can't be used."""

from pathlib import Path

import pytest

from lookalike import config
from lookalike.config import ConfigError, Server
from lookalike.login import Recipe, Step

WHOLE = """
seconds = 120
openapi = "openapi.yaml"
write-to = ["old.test"]
read-only = true
seed = 7
html = "report.html"
headers = { "X-Tenant" = "both", "X-Other" = "o" }
secrets = ["plain secret"]

[old]
url = "http://old.test/v1"
headers = { "x-tenant" = "$TENANT" }
[new]
url = "http://sam:${PASSWORD}@new.test"
insecure = true

[actors.sam]
login.request = "POST /login"
login.json = { user = "sam", password = "$PASSWORD", more = [{ a = 1, b = "$$5" }] }
token = "/data/token"

[actors.static]
headers = { "X-Api-Key" = "$TENANT" }

[actors.basic]
basic = ["admin", "$PASSWORD"]

[actors.browser]
page = "GET /login"
csrf = "csrf"
login = { request = "POST /login", form = { user = "sam" }, headers = { Referer = "{url}/login" } }
headers = { "X-CSRFToken" = "{cookie.csrftoken}" }
"""
ENVIRON = {"TENANT": "tenant-1", "PASSWORD": "pass word"}


def written(folder: Path, text: str) -> Path:
    path = folder / config.FILE
    path.write_text(text)
    return path


def test_a_whole_file(tmp_path: Path) -> None:
    settings = config.read(written(tmp_path, WHOLE), ENVIRON)
    assert settings.old == Server(
        "http://old.test/v1", (("X-Other", "o"), ("x-tenant", "tenant-1"))
    )
    assert settings.new == Server(
        "http://sam:pass word@new.test", (("X-Tenant", "both"), ("X-Other", "o")), insecure=True
    )
    assert (settings.seconds, settings.seed, settings.read_only) == (120, 7, True)
    assert settings.write_to == ("old.test",)
    assert settings.openapi == str(tmp_path / "openapi.yaml")
    assert settings.html == str(tmp_path / "report.html")
    assert {*settings.secrets} == {"plain secret", "tenant-1", "pass word"}
    assert {actor.name: actor.recipe for actor in settings.actors} == {
        "sam": Recipe(
            login=Step(
                "POST /login",
                json={"user": "sam", "password": "pass word", "more": [{"a": 1, "b": "$5"}]},
            ),
            token="/data/token",
            headers={"Authorization": "Bearer {token}"},
        ),
        "static": Recipe(headers={"X-Api-Key": "tenant-1"}),
        "basic": Recipe(basic=("admin", "pass word")),
        "browser": Recipe(
            page=Step("GET /login"),
            csrf="csrf",
            login=Step("POST /login", form={"user": "sam"}, headers={"Referer": "{url}/login"}),
            headers={"X-CSRFToken": "{cookie.csrftoken}"},
        ),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("second = 3", "there is no setting second; did you mean seconds?"),
        ("read_only = true", "there is no setting read_only; did you mean read-only?"),
        ("zzz = 1", "there is no setting zzz; known: accepted, actors,"),
        ("seconds = '60'", "seconds must be a number, not '60'"),
        ("seconds = 0", "seconds must be above 0, not 0.0"),
        ("rate = inf", "rate must be above 0, not inf"),
        ("requests = -1", "requests must be above 0, not -1"),
        ("seed = true", "seed must be a whole number, not True"),
        ("bytes = 1", "bytes must be true or false, not 1"),
        ("write-to = 'host'", "write-to must be an array of texts, not 'host'"),
        ("har = [1]", "har must be an array of texts, not 1"),
        ("old = 'http://x'", "old must be a table, not 'http://x'"),
        ("old = { port = 1 }", "there is no setting old.port; known: ca, headers, insecure, url"),
        ("headers = { 'a b' = 'x' }", "'a b' is no name of a header field"),
        ('headers = { a = "x\\ny" }', "has characters that HTTP can't send"),
        ("headers = { a = '$NOBODY' }", "headers.a: $NOBODY is not set in the environment"),
        ("actors.sam = {}", "actors.sam says nothing; give it headers, basic or a login"),
        ("actors.sam.basic = ['sam']", 'actors.sam.basic is ["user", "password"]'),
        ("actors.sam.login = { json = {} }", "actors.sam.login has no request"),
        ("actors.sam.login = 'POST login'", "actors.sam.login: 'POST login' is no request"),
        ("actors.sam.login = { requests = '' }", "did you mean actors.sam.login.request?"),
        ("actors.sam = { login = 'POST /x', token = 'token' }", 'a JSON Pointer such as "/token"'),
        ("actors.sam.token = '/x'", "actors.sam.token needs a login"),
        (
            "actors.sam.login = { request = 'POST /x', json = {}, form = {} }",
            "actors.sam.login has both json and form",
        ),
        ("actors.sam.logn = 'POST /x'", "did you mean actors.sam.login?"),
        ("seconds = ", "no TOML"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        config.read(path, {})
    assert str(error.value).startswith(f"{path}: ")
    assert said in str(error.value)


def test_a_folder_has_a_file_or_not(tmp_path: Path) -> None:
    assert config.find(tmp_path) is None
    assert config.find(written(tmp_path, "").parent) == tmp_path / config.FILE


@pytest.mark.parametrize("text", ["no colon", ": value", "a b: c", "a: é€"])
def test_header_fields_that_cannot_be_sent(text: str) -> None:
    with pytest.raises(ConfigError):
        config.header(text)
    assert config.header("X-A:  b: c ") == ("X-A", "b: c")
