"""Whatever a schema doesn't allow is refused by every operation that takes it (Strict input)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import NOWHERE, compact, detail, error, problem
from contract_tests.operations.near_misses import Miss, misses, query_misses, resolved
from contract_tests.operations.operations import OPERATIONS, Operation

Member = tuple[Operation, str, dict[str, Any]]


def members() -> Iterator[Any]:
    """Yield each property of each body that can be sent."""
    for operation in OPERATIONS:
        if operation.body:
            _, schema = resolved(operation.body)
            for name, member in schema["properties"].items():
                if not member.get("readOnly"):
                    yield pytest.param(operation, name, member, id=f"{operation.name} {name}")


def parameters() -> Iterator[Any]:
    """Yield each parameter of each query."""
    for operation in OPERATIONS:
        for parameter in operation.query:
            if parameter["name"] != "cursor":
                id_ = f"{operation.name} {parameter['name']}"
                yield pytest.param(operation, parameter["name"], parameter["schema"], id=id_)


@pytest.fixture
def sender(guest: Actor, sam: Actor, guests_todo: Any, shown_product: Any) -> Any:
    """Return who sends a request to an operation, and where to, so that only the value is wrong."""

    def found(operation: Operation) -> tuple[Actor, str]:
        path = operation.template.replace("{todo_id}", guests_todo["id"])
        path = path.replace("{product_id}", shown_product["id"])
        return (sam if operation.is_for_staff else guest), path

    return found


def place(miss: Miss) -> str:
    """Return where in a value its first error is."""
    return miss.errors[0][0]


@pytest.mark.parametrize(("operation", "name", "member"), [*members()])
def test_a_body(sender: Any, operation: Operation, name: str, member: dict[str, Any]) -> None:
    actor, path = sender(operation)
    good = {**operation.example}
    good.pop(name, None)
    rest = json.dumps(good)[1:]
    headers = {"Content-Type": "application/json"}
    wrong = [(miss.text, miss.errors) for miss in misses(member)]
    if name == "product_id":
        wrong.append((f'"{NOWHERE}"', (("", "not_found", detail("not_found")),)))
    for text, errors in wrong:
        body = f'{{"{name}":{text}{"," if good else ""}{rest}'.encode()
        answer = actor.client.request(
            operation.method, path, token=actor.token, headers=headers, body=body
        )
        said = [
            {"pointer": f"/{name}{at}", "code": code, "detail": text} for at, code, text in errors
        ]
        assert (answer.status, text, answer.body) == (
            422,
            text,
            compact(problem("invalid-body", path, *said)),
        )


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.body], ids=lambda each: each.name
)
def test_all_that_is_wrong_with_a_body(sender: Any, operation: Operation) -> None:
    """All errors are told at once; what is read-only is no error, whatever it is."""
    actor, path = sender(operation)
    _, schema = resolved(operation.body)
    required, properties = schema.get("required", []), schema["properties"]
    writable = {name: each for name, each in properties.items() if not each.get("readOnly")}
    ignored = {name: [5] for name in properties.keys() - writable.keys()}
    # A hyphen comes before a slash, and a code point beyond the basic plane after all within it.
    unknown = dict.fromkeys(["x", "Title", "a/b", "tags-old", "\U0001f34b", "\uffee"])
    for wrong in (min, max):  # by where their errors are
        found = {
            name: wrong(misses(each), key=lambda miss: miss.errors[0][0])
            for name, each in writable.items()
        }
        if "product_id" in found and wrong is max:  # a reference is wrong beside other errors
            nothing = ("", "not_found", detail("not_found"))
            found["product_id"] = Miss(f'"{NOWHERE}"', (nothing,))
        said = [
            {"pointer": f"/{name}{at}", "code": code, "detail": text}
            for name, miss in found.items()
            for at, code, text in miss.errors
        ] + [error(f"/{name.replace('/', '~1')}", "unknown_property") for name in unknown]
        parts = [f'"{name}":{miss.text}' for name, miss in found.items()]
        rest = json.dumps({**ignored, **unknown}, ensure_ascii=False)[1:]
        answer = actor.client.request(
            operation.method,
            path,
            token=actor.token,
            headers={"Content-Type": "application/json"},
            body=f"{{{','.join(parts)},{rest}".encode(),
        )
        said.sort(key=lambda entry: entry["pointer"])
        assert (answer.status, answer.body) == (422, compact(problem("invalid-body", path, *said)))
    answer = actor.client.request(operation.method, path, token=actor.token, json_body={"x": 1})
    said = [error(f"/{name}", "required") for name in sorted(required)]
    expected = problem("invalid-body", path, *said, error("/x", "unknown_property"))
    assert (answer.status, answer.json) == (422, expected)


@pytest.mark.parametrize(("operation", "name", "schema"), [*parameters()])
def test_a_query(sender: Any, operation: Operation, name: str, schema: dict[str, Any]) -> None:
    actor, path = sender(operation)
    for text, code, said in query_misses(schema):
        answer = actor.get(f"{path}?{name}={text}")
        wrong = {"parameter": name, "code": code, "detail": said}
        expected = compact(problem("invalid-parameters", path, wrong))
        assert (answer.status, text, answer.body) == (400, text, expected)
