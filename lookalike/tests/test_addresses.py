"""Links are compared by where they lead below each server, not by the server's own address."""

import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from lookalike.addresses import STRAY, Renaming, below
from lookalike.calls import Call, Made
from lookalike.client import DifferentialClient
from lookalike.comparison import summary
from lookalike.http import Answer, NoAnswer, Request
from lookalike.openapi import Contract
from lookalike.places import Place
from lookalike.targets import Target

OLD, NEW = "http://localhost:5000/api/v1", "http://new.test/v2"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("http://new.test/v2/x?y=1", "http://localhost:5000/x?y=1"),
        ("http://new.test/other", "http://localhost:5000/other"),
        ("//new.test", "//localhost:5000"),
        ("/v2/x", "/x"),
        ("/v2", ""),
        ('{"next": "/v2/x"}', '{"next": "/x"}'),
        (r'{"next": "http:\/\/new.test\/v2\/x"}', r'{"next": "http:\/\/localhost:5000\/x"}'),
        ('<http://new.test/v2?page=2>; rel="next"', '<http://localhost:5000?page=2>; rel="next"'),
        ("http://localhost:5000/api/v1/x", f"http:{STRAY}/api/v1/x"),
        ("http://new.test:8080/v2", "http://new.test:8080/v2"),
        ("http://new.tests/v2", "http://new.tests/v2"),
        ("mail to a@new.test, see /v2/x or /v20", "mail to a@new.test, see /v2/x or /v20"),
        ('{"pointer": "/title", "empty": ""}', '{"pointer": "/title", "empty": ""}'),
    ],
)
def test_what_a_server_says_of_itself_is_the_old_one_s(said: str, written: str) -> None:
    answer = Answer(200, (("Location", said),), said.encode())
    found = Renaming(NEW, OLD, drops_path=True)(answer)
    assert isinstance(found, Answer)
    assert found.fields == (("Location", written),)
    assert found.body == written.encode()


def test_base_paths_stay_where_they_are_equal() -> None:
    answer = Answer(200, (), b'["http://new.test/api/x", "/api/x"]')
    found = Renaming("http://new.test/api", "http://old.test/api")(answer)
    assert found == Answer(200, (), b'["http://old.test/api/x", "/api/x"]')


def test_what_cannot_be_renamed_is_left_as_it_is() -> None:
    answer = Answer(200, (("Location", OLD),), OLD.encode())
    assert Renaming(OLD, OLD)(answer) is answer
    assert Renaming(NEW, OLD)(NoAnswer("closed")) == NoAnswer("closed")
    no_text = Answer(200, (), b"\xff//new.test")
    assert Renaming(NEW, OLD)(no_text) == no_text


@pytest.mark.parametrize(
    ("link", "target"),
    [("/api/v1/x", "/x"), ("/api/v1?page=2", "/?page=2"), ("/api/v10", "/api/v10"), ("/x", "/x")],
)
def test_a_link_is_asked_below_the_base_path(link: str, target: str) -> None:
    assert below(Request("GET", link), OLD).target == target
    assert below(Request("GET", link), "http://localhost").target == link


class Shelf(Target):
    """Has one book, of which it says where it is; each server is below a path of its own."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.host = "localhost"

    def send(self, request: Request) -> Answer:
        path = urlsplit(self.base_url).path
        body = json.dumps({"self": f"{self.base_url}/books/17", "next": f"{path}/books?page=2"})
        is_there = request.target in {"/books", "/books/17", "/books?page=2"}
        fields = (("Location", f"{path}/books/17"), ("Content-Type", "application/json"))
        return Answer(200 if is_there else 404, fields, body.encode())

    def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("pointer", ["/self", "/next"])
def test_servers_below_other_paths_are_alike_and_their_links_lead_somewhere(pointer: str) -> None:
    contract = Contract({"openapi": "3.1.0", "paths": {"/books": {"get": {}}}})
    client = DifferentialClient(Shelf(OLD), Shelf(NEW))
    listed = Call(contract.operations[0])
    client.send(listed)
    made = Made(0, "body", pointer, Place("GET /books", 200, "body", pointer), "")
    client.send(replace(listed, address=made))
    for exchange in client.exchanges:
        assert not exchange.differences
        assert [summary(outcome) for outcome in exchange.outcomes] == ["200", "200"]
