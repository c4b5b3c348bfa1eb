"""GET /api/todos/{todo_id}: getTodo."""

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    a_todo,
    compact,
    todo_document,
)


def test_it_works(alice: Actor) -> None:
    items = [{"text": "Order"}, {"text": "Count", "done": True}]
    made = alice.post("/api/todos", a_todo(tags=["b", "a"], items=items)).json
    answer = alice.get(f"/api/todos/{made['id']}")
    assert answer.status == 200
    assert answer.body == compact(
        todo_document(
            made,
            tags=["a", "b"],
            items=[
                {"id": made["items"][0]["id"], "text": "Order", "done": False},
                {"id": made["items"][1]["id"], "text": "Count", "done": True},
            ],
            progress={"done": 1, "total": 2},
        )
    )
