"""A difference leaves two servers with other content; another one behind it is found as well."""

import json
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from lookalike.actors import Actor
from lookalike.alignment import Alignment
from lookalike.calls import Call, Made
from lookalike.client import DifferentialClient, Exchange, Outcomes
from lookalike.comparison import compare
from lookalike.diff import Options, diff
from lookalike.divergence import Divergence
from lookalike.evidence import SERVERS
from lookalike.findings import Finding, Run
from lookalike.http import Answer, Request
from lookalike.login import Recipe, Step
from lookalike.openapi import Operation
from lookalike.places import Place
from lookalike.pools import Pools
from lookalike.targets import Target, WsgiTarget
from lookalike.telling import Teller
from lookalike.tests.notebook import CONTRACT, Notes, Reply, Until

JSON = (("Content-Type", "application/json"),)


class Hiding(Notes):
    """Has a first fault, after which it holds other notes, and perhaps a second one."""

    def _collection(self, method: str, query: str, body: bytes, user: str) -> Reply:
        status, value = super()._collection(method, query, body, user)
        if method == "GET":
            notes = value["notes"]
            if "lists shorten" in self.faults:
                notes = [{**note, "about": (note["about"] or "")[:3]} for note in notes]
            return status, {"notes": notes}
        if status == 201 and "creates twice" in self.faults:
            key = next(self._ids)
            self._notes[key] = {**self._notes[value["id"]], "id": key, "name": f"copy {key}"}
        return status, value

    def _item(self, method: str, key: int, body: bytes, user: str) -> Reply:
        note = self._notes.get(key)
        if method == "DELETE" and note and "refuses to delete" in self.faults:
            return 405, {"error": "method"}
        return super()._item(method, key, body, user)

    def _replace(self, note: dict[str, Any], body: bytes) -> Reply:
        changed = self._valid(body)
        if "wants a text" in self.faults and isinstance(changed, dict) and not changed["about"]:
            return 422, {"error": "about"}
        status, value = super()._replace(note, body)
        if status == 200 and "drops stars" in self.faults and note["stars"] == 2:
            note["stars"] = 3
        return status, value


def fresh(name: str) -> Actor:
    """Return somebody who is another one in each story."""
    user = {"user": f"{name}-{{fresh}}", "password": "of a guest"}
    recipe = Recipe(
        {"Authorization": "Bearer {token}"},
        register=Step("POST /users", json=user),
        login=Step("POST /sessions", json=user),
        token="/token",
    )
    return Actor(name, recipe)


@cache
def run(
    *faults: str, requests: int = 600, seed: int = 0, sought: tuple[str, str] | None = None
) -> Run:
    """Hold a right server against a wrong one, until something sought is found on a place."""
    old, new = Hiding(), Hiding(*faults, first_id=4000)
    options = Options(seconds=None, requests=requests, seed=seed)
    actors = [fresh("ann"), fresh("bob")]
    until = Until(lambda each: where(each) == sought)
    targets = WsgiTarget(old), WsgiTarget(new)
    return diff(CONTRACT, *targets, options=options, actors=actors, observer=until)


def where(finding: Finding) -> tuple[str, str]:
    return finding.operation, finding.difference.place.pointer


PAIRS = {  # requests and seed by which the second fault is reached
    "lists of other lengths": (
        600,
        0,
        "creates twice",
        "lists shorten",
        "GET /notes",
        "/notes/*/about",
    ),
    "a note that differs": (
        1500,
        2,
        "wants a text",
        "drops stars",
        "GET /notes/{note_id}",
        "/stars",
    ),
    "notes that are left": (
        1500,
        2,
        "refuses to delete",
        "filters too much",
        "GET /notes",
        "/notes",
    ),
}


def seen(found: Run) -> set[tuple[str, str]]:
    return {where(each) for head in found.findings for each in (head, *head.alike)}


@pytest.mark.parametrize("given", PAIRS.values(), ids=PAIRS)
def test_a_second_fault_behind_a_first_is_found(
    given: tuple[int, int, str, str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    requests, seed, first, second, operation, pointer = given
    monkeypatch.setattr("secrets.randbelow", lambda _: 1234)  # what makes each run's texts new
    place = operation, pointer
    assert place not in seen(run(first))
    assert place in seen(run(first, second, requests=requests, seed=seed, sought=place))


def test_what_could_not_be_judged_is_named() -> None:
    found = run("refuses to delete")
    assert {each.operation for each in found.findings} == {"DELETE /notes/{note_id}"}
    assert found.unconfirmed == []
    assert {each.difference.place.operation for each in found.hidden} >= {"GET /notes"}
    assert "DELETE /notes/{note_id} was answered 204 → 405" in {each.since for each in found.hidden}
    assert run().hidden == []


def listed(*ids: int, text: str = "a") -> Answer:
    body = json.dumps([{"id": number, "text": f"{text} {number % 10}"} for number in ids])
    return Answer(200, JSON, body.encode())


@pytest.mark.parametrize(("texts", "differ"), [("aaaaaa", set()), ("abcdef", {"order"})])
def test_an_order_by_random_ids_is_none_unless_contents_show_another(
    texts: str, differ: set[str]
) -> None:
    ids = [[str(uuid5(NAMESPACE_URL, f"{side}{number}")) for number in range(6)] for side in "on"]
    alignment = Alignment()
    for pair in zip(*ids, strict=True):
        made = (Answer(201, JSON, json.dumps({"id": each}).encode()) for each in pair)
        assert compare("POST /notes", Outcomes(*made), alignment) == []
    lists = (
        [{"id": each, "text": text} for each, text in zip(sorted(side), texts, strict=True)]
        for side in ids
    )
    shown = (Answer(200, JSON, json.dumps(each).encode()) for each in lists)
    found = compare("GET /notes", Outcomes(*shown), alignment)
    assert {each.what for each in found} & {"order"} == differ


class Sorted(Target):
    """Lists its notes by ids of its own, and keeps what it is asked."""

    def __init__(self, *ids: str) -> None:
        self.base_url, self.host, self.is_in_process = "http://localhost", "localhost", True
        self.asked: list[str] = []
        self._new = iter(ids)
        self._ids: list[str] = []

    def send(self, request: Request) -> Answer:
        self.asked.append(f"{request.method} {request.target}")
        if request.method == "POST":
            self._ids.append(next(self._new))
            return Answer(201, JSON, json.dumps({"id": self._ids[-1]}).encode())
        if request.method == "GET":
            return Answer(
                200, JSON, json.dumps([{"id": each} for each in sorted(self._ids)]).encode()
            )
        return Answer(204, (), b"")

    def close(self) -> None:
        pass


def test_a_story_knows_what_earlier_ones_have_left_on_the_servers() -> None:
    first, second, third, fourth = (str(uuid5(NAMESPACE_URL, each)) for each in "abcd")
    early, late = sorted((first, second))
    old, new = Sorted(early, late), Sorted(*sorted((third, fourth), reverse=True))
    create, listing = Operation("POST", "/notes", {}, ()), Operation("GET", "/notes", {}, ())
    change = Operation("PUT", "/notes/{note_id}", {}, ())
    client = DifferentialClient(old, new)
    for _ in range(2):
        client.send(Call(create))
    tell = Teller(old, new, client.evidence, before=client.alignment)
    made = Made(0, "body", "/0/id", Place("GET /notes", 200, "body", "/*/id"), early)
    tell([Call(listing), Call(change, path={"note_id": made}, body={}, media_type="text/x")])
    counterpart = max(third, fourth)  # which stands last in the new server's list
    assert old.asked[-1] == f"PUT /notes/{early}"
    assert new.asked[-1] == f"PUT /notes/{counterpart}"


def test_entries_of_lists_of_other_lengths_are_compared_by_their_ids() -> None:
    alignment = Alignment()
    for server in SERVERS:  # each counts by itself
        alignment.evidence.add(server, Place("GET /notes", 200, "body", "/*/id"))
    compare("GET /notes", (listed(1, 2), listed(41, 42)), alignment)
    found = compare("GET /notes", (listed(1, 2), listed(43, 42, 41, text="b")), alignment)
    assert [(each.what, each.place.pointer, each.old, each.new) for each in found] == [
        ("length", "", 2, 3),
        ("value", "/*/text", "a 1", "b 1"),
        ("value", "/*/text", "a 2", "b 2"),
    ]


def exchange(
    operation: Operation, old: int, new: int, body: Any, call: Call | None = None
) -> Exchange:
    answers = [Answer(status, JSON, json.dumps(body).encode()) for status in (old, new)]
    request = Request(operation.method, operation.path)
    return Exchange(0, call or Call(operation), (request, request), Outcomes(*answers))


def test_nothing_more_is_asked_about_what_only_one_server_changed() -> None:
    pools = Pools(CONTRACT, "")
    create, read = (CONTRACT.find(*each) for each in (("POST", "/notes"), ("GET", "/notes/1")))
    assert create
    assert read
    made = exchange(create, 201, 201, {"id": 7, "name": "a"})
    pools.harvest(made)
    [item] = pools.of(read, "note_id").items
    change = Call(replace(read, method="PUT"), path={"note_id": item.made})
    refused = exchange(change.operation, 200, 422, {}, change)
    divergence = Divergence()
    divergence.note(refused)
    assert divergence.is_about(Call(read, path={"note_id": item.made}))
    assert divergence.is_about(Call(create))
    assert not divergence.is_about(Call(read, path={"note_id": item.made._replace(value=8)}))
    assert divergence.since(read) == "PUT /notes/{note_id} was answered 200 → 422"
    assert divergence.led_here(change)
    assert divergence.led_here(
        replace(change, why="another reason")
    )  # as it was never done by both
    divergence.note(exchange(change.operation, 200, 200, {}, change))
    assert not divergence.led_here(replace(change, why="another reason"))
    pools.drop(change)
    assert not pools.of(read, "note_id").items
    assert pools.is_worthless(change)
    pools.harvest(made)
    assert not pools.of(read, "note_id").items
