"""Sends generated requests to all servers with what leads somewhere, and follows links.

Nobody guesses an id, a current entity tag or a cursor, and what is unknown is refused alike by
everybody. So about two of three well-formed values are replaced by ones that the servers gave.
"""

import re
from collections import Counter, deque
from dataclasses import replace
from itertools import chain
from random import Random
from typing import Any
from urllib.parse import unquote_to_bytes
from uuid import UUID

import requests

from contract_tests.client import Answer, Request
from contract_tests.differential.actors import DEMO, ENDING, PASSWORD, Actors
from contract_tests.differential.generated import Case, operation_id
from contract_tests.differential_client import DifferentialClient

KEPT = 30  # how many ids of a kind, or cases of an operation, are at hand
STEPS = 4  # the most links that are followed from one answer
DEPTH = 3  # the most links in a row

CURSOR = re.compile(r"[A-Za-z0-9_-]+")
KEY = re.compile(r"[!-~]{1,255}")
ENTITY_TAGS = re.compile(r'\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*')
PATH = re.compile(r"(/[a-z0-9_.-]+)+")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Where answers show ids, and what the contract calls them as parameters.
SHOWN = {
    "createTodo": "todo_id",
    "createTodosInBulk": "todo_id",
    "listTodos": "todo_id",
    "createProduct": "product_id",
    "listProducts": "product_id",
    "createToken": "token_id",
    "listTokens": "token_id",
}


class GeneratedWalk:
    """A way through the operations, which remembers what the servers have shown on it."""

    def __init__(self, client: DifferentialClient, seed: int) -> None:
        self._client = client
        self._random = Random(seed)  # noqa: S311 – repeatable on purpose
        self._people = Actors(client, self._random)
        self._cases: dict[str, deque[Case]] = {}
        self._ids: dict[str, deque[str]] = {name: deque(maxlen=KEPT) for name in SHOWN.values()}
        self._tags: dict[str, str] = {}
        self._key = self._new_key()
        self.statuses: Counter[int] = Counter()
        self.operation = ""

    def visit(self, case: Case) -> None:
        """Send a generated request, and what its answer leads to."""
        name = operation_id(case.operation)
        case.freeze_metadata()  # what is changed here need not be judged anew
        if case.meta is not None and case.meta.generation.mode.is_positive:
            self._cases.setdefault(name, deque(maxlen=KEPT)).append(case)
        self._improve(case)
        self._send(case, DEPTH)

    def _send(self, case: Case, depth: int) -> None:
        operation = case.operation.definition.raw
        self.operation = operation["operationId"]
        actor = self._people.sender(operation, case.path_parameters or {})
        token = actor.token if actor else None
        request = self._with_current_tag(as_request(case, token))
        if is_left_open(request):
            return
        answer = self._exchange(request)
        self._learn(self.operation, request, answer)
        self._ask_again(request, answer)
        if actor and self._ends(answer):
            self._people.forget(actor)
        if depth:
            self._follow(case, answer, depth - 1)

    def _exchange(self, request: Request) -> Answer:
        answer = self._client.send(request)
        self.statuses[answer.status] += 1
        return answer

    def _ends(self, answer: Answer) -> bool:
        """Tell whether a request's sender is not who they were before it."""
        return answer.status == 401 or (self.operation in ENDING and answer.status == 204)

    def _ask_again(self, request: Request, answer: Answer) -> None:
        """Repeat some requests, ask for the headers alone, or turn to the next page."""
        if "Idempotency-Key" in request.headers and answer.status == 201 and self._one_of(3):
            self._exchange(request)
        if self._one_of(16):
            head = replace(request, method="HEAD") if request.method == "GET" else request
            self._exchange(head)
        for _ in range(2):
            if not (following := next_page(answer)) or self._one_of(2):
                return
            answer = self._exchange(replace(request, target=following))

    def _follow(self, case: Case, answer: Answer, depth: int) -> None:
        """Follow some of the links that the contract attaches to an answer."""
        responses = case.operation.definition.raw["responses"]
        links = list(responses.get(str(answer.status), {}).get("links", {}).values())
        # The case may be sent again with other values before its last link is followed.
        steps = [(link["operationId"], resolve(link, case, answer)) for link in self._chosen(links)]
        for name, (parameters, body) in steps:
            if not (cases := self._cases.get(name)):
                continue
            linked = self._random.choice(cases)
            self._improve(linked)
            linked.path_parameters = {**(linked.path_parameters or {}), **parameters}
            if body:
                linked.body = body
            self._send(linked, depth)

    def _chosen(self, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Choose links to follow one after the other, some of them perhaps twice."""
        return self._random.choices(links, k=self._random.randint(1, STEPS)) if links else []

    def _learn(self, name: str, request: Request, answer: Answer) -> None:
        """Remember what an answer shows: ids, tokens and entity tags."""
        if answer.status == 204 and request.method == "DELETE":
            self._drop(request.target.rpartition("/")[2])
        if tag := answer.headers.get("etag"):
            self._tags[request.target] = tag
        if name not in SHOWN or answer.status not in {200, 201}:
            return
        shown = answer.json
        lists = [shown[name] for name in ("items", "todos") if name in shown]
        for item in chain([shown], *lists):
            if isinstance(item, dict) and "id" in item:
                self._ids[SHOWN[name]].append(item["id"])
        if name == "createToken":
            self._people.tokens[shown["id"]] = shown["token"]

    def _drop(self, gone: str) -> None:
        """Forget an id that stands for nothing any more."""
        self._people.tokens.pop(gone, None)
        for ids in self._ids.values():
            while gone in ids:
                ids.remove(gone)

    def _improve(self, case: Case) -> None:
        """Put values that lead somewhere in place of well-formed ones, two times of three."""
        for values in (case.path_parameters, case.query):
            self._improve_ids(values or {})
        headers = case.headers
        if KEY.fullmatch(headers.get("Idempotency-Key", "")) and not self._one_of(12):
            self._key = self._new_key()
            headers["Idempotency-Key"] = self._key
        elif "Idempotency-Key" in headers and self._one_of(2):
            headers["Idempotency-Key"] = self._key
        cursor = (case.query or {}).get("cursor")
        if isinstance(cursor, str) and CURSOR.fullmatch(cursor) and not self._one_of(3):
            del case.query["cursor"]
        if isinstance(case.body, dict):
            todos = case.body.get("todos")
            for body in [case.body, *(todos if isinstance(todos, list) else [])]:
                if isinstance(body, dict):
                    self._improve_body(body, operation_id(case.operation))

    def _improve_ids(self, values: dict[str, Any]) -> None:
        for name, ids in self._ids.items():
            given = values.get(name)
            if ids and isinstance(given, str) and ID.fullmatch(given) and not self._one_of(3):
                values[name] = self._random.choice(ids)

    def _improve_body(self, body: dict[str, Any], name: str) -> None:
        self._improve_ids(body)
        given = {key: value for key, value in body.items() if isinstance(value, str)}
        username = self._people.new_name()
        if name == "createToken" and {"username", "password"} <= {*given} and not self._one_of(3):
            who = self._random.choice(DEMO)
            body.update(username=who, password=f"{who}-demo-password")
        elif "password" in body and "username" in given and not self._one_of(3):
            body["username"] = username
        if given.get("email", "").endswith("@example.com"):
            body["email"] = f"{username}@example.com"
        if given.get("sku", "").startswith("MUG-"):
            body["sku"] = f"MUG-{username[2:].upper()}"
        if given.get("current_password") and not self._one_of(3):
            body["current_password"] = PASSWORD

    def _with_current_tag(self, request: Request) -> Request:
        """Put the last tag that was seen, at times as a weak one, in place of a well-formed one."""
        tag = self._tags.get(request.target)
        headers = dict(request.headers)
        for name in ("If-Match", "If-None-Match"):
            if tag and ENTITY_TAGS.fullmatch(headers.get(name, "")) and not self._one_of(3):
                headers[name] = f"W/{tag}" if self._one_of(4) else tag
        return replace(request, headers=headers)

    def _new_key(self) -> str:
        return str(UUID(int=self._random.getrandbits(128)))

    def _one_of(self, number: int) -> bool:
        """Tell whether this is one of so many times."""
        return self._random.randrange(number) == 0


def is_left_open(request: Request) -> bool:
    """Tell whether the contract leaves a request to each framework's parser (Order of checks)."""
    path, _, query = request.target.partition("?")
    conditions = (request.headers.get(name, "*") for name in ("If-Match", "If-None-Match"))
    if not PATH.fullmatch(path) or not all(map(ENTITY_TAGS.fullmatch, conditions)):
        return True
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return True
    return False


def as_request(case: Case, token: str | None) -> Request:
    """Return the very request that Schemathesis would send, with a sender's token."""
    parts = case.as_transport_kwargs(base_url=case.operation.base_url)
    prepared = requests.Request(**parts).prepare()
    headers = {name: as_text(value) for name, value in prepared.headers.items()}
    headers.pop("Content-Length", None)  # which the client counts itself
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body: Any = prepared.body  # which is never a stream here
    if isinstance(body, str):
        body = body.encode()
    return Request(prepared.method or "", prepared.path_url, headers, body)


def as_text(value: str | bytes) -> str:
    """Return a header's value as text."""
    return value.decode("latin-1") if isinstance(value, bytes) else value


def next_page(answer: Answer) -> str | None:
    """Return the reference of the next page, if the answer is a page and there is one."""
    if answer.status != 200 or "link" not in answer.headers:
        return None
    following: str = answer.json["next"]
    return following


def resolve(link: dict[str, Any], case: Case, answer: Answer) -> tuple[dict[str, Any], Any]:
    """Return the path parameters and the body that a link prescribes."""
    return (
        {name: value_of(text, case, answer) for name, text in link.get("parameters", {}).items()},
        {name: value_of(text, case, answer) for name, text in link.get("requestBody", {}).items()},
    )


def value_of(expression: str, case: Case, answer: Answer) -> Any:
    """Return what a runtime expression of the contract's links stands for."""
    source, _, pointer = expression.partition("#/")
    if source.startswith("$request.path."):
        return case.path_parameters[source.removeprefix("$request.path.")]
    value: Any = answer.json if source == "$response.body" else case.body
    for part in pointer.split("/"):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value
