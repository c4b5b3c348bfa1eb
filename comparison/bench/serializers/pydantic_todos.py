"""Todos with Pydantic, as the peers declare them."""

from pydantic import TypeAdapter

from comparison.bench.serializers.todos import measure
from comparison.peers.schemas import TodoInput, TodoOutput

HIGH = 3

if __name__ == "__main__":
    output, given = TypeAdapter(list[TodoOutput]), TypeAdapter(list[TodoInput])
    measure(
        {
            ("dump", "plain"): lambda todos: output.dump_python(
                output.validate_python(todos, from_attributes=True)
            ),
            ("load", "plain"): given.validate_python,
        },
        HIGH,
    )
