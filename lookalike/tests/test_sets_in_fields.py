"""Header fields that name a set are the same in any order, and no other ones are."""

import pytest

from lookalike.comparison import Exactly, compare_fields
from lookalike.places import Place

PLACE = Place("OPTIONS /notes", 200, "body")


def differing(name: str, old: str, new: str) -> list[str]:
    found = compare_fields(PLACE, ((name, old),), ((name, new),), Exactly())
    return [difference.place.part for difference in found]


@pytest.mark.parametrize("name", ["Allow", "Vary", "Access-Control-Allow-Methods"])
def test_the_order_of_a_set_says_nothing(name: str) -> None:
    assert differing(name, "GET, PUT,HEAD", "HEAD, GET, PUT") == []


def test_another_member_does() -> None:
    assert differing("Allow", "GET, HEAD", "HEAD, PUT") == ["allow"]
    assert differing("Allow", "GET, HEAD", "GET") == ["allow"]


def test_the_order_of_a_list_does() -> None:
    assert differing("Content-Language", "de, en", "en, de") == ["content-language"]
