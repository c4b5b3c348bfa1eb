"""What is drawn depends on the seed alone."""

from typing import Any

import pytest

from lookalike.comparison import Exactly, compare
from lookalike.generation import Generator
from lookalike.http import Answer
from lookalike.tests.notebook import CONTRACT

NOTES = next(each for each in CONTRACT.operations if each.name == "POST /notes")


def test_draws_depend_on_the_seed_alone() -> None:
    def drawn(seed: int) -> list[Any]:
        generator = Generator(CONTRACT, seed)
        return [
            call.body
            for draw in (generator.positive, generator.negative)
            for call in draw(NOTES, 5)
        ]

    assert drawn(1) == drawn(1) != drawn(2)
    assert [*Generator(CONTRACT, 1).coverage(NOTES)] == [*Generator(CONTRACT, 2).coverage(NOTES)]


def test_what_stands_at_a_bound_says_which() -> None:
    said = {call.why for call in Generator(CONTRACT, 1).coverage(NOTES)}
    assert "missing required property: name" in said
    assert not [text for text in said if not text or text[0].isupper()]


@pytest.mark.parametrize("body", [b"[" * 900 + b"]" * 900, b'{"a":' * 900 + b"1" + b"}" * 900])
def test_answers_may_be_nested_deeply(body: bytes) -> None:
    answer = Answer(200, (("Content-Type", "application/json"),), body)
    assert compare("GET /", (answer, answer), Exactly()) == []
    other = Answer(200, (("Content-Type", "application/json"),), body.replace(b"1", b"2") + b" ")
    assert len(compare("GET /", (answer, other), Exactly())) == 1
