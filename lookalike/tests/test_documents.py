"""Long documents that both servers send alike are walked through once."""

import json

from lookalike.comparison import LONG, Exactly, compare
from lookalike.http import Answer
from lookalike.places import Difference, Place, Scalar

JSON = (("Content-Type", "application/json"),)


class Counting(Exactly):
    def __init__(self) -> None:
        super().__init__()
        self.judged = 0

    def judge(self, place: Place, old: Scalar, new: Scalar) -> Difference | None:
        self.judged += place.part == "body"
        return super().judge(place, old, new)


def document(word: str, length: int) -> Answer:
    return Answer(200, JSON, json.dumps(["a" * length, word]).encode(), "OK")


def test_a_long_document_is_walked_through_once_and_a_short_one_each_time() -> None:
    for length, judged in ((10, 6), (LONG, 2)):
        judge = Counting()
        for _ in range(3):
            assert compare("GET /file", (document("a", length), document("a", length)), judge) == []
        assert judge.judged == judged


def test_a_long_document_that_differs_is_seen_each_time() -> None:
    judge = Counting()
    for new in ("a", "b", "b"):
        found = compare("GET /file", (document("a", LONG), document(new, LONG)), judge)
        assert [each.new for each in found] == [new] * (new == "b")
