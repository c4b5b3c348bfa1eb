"""The table of what the admin sites can has code that is there, and says what was bent."""

import pytest

from comparison import source
from comparison.admin import Ability, abilities

EVERY = abilities()


@pytest.mark.parametrize("ability", EVERY, ids=lambda ability: ability.name)
def test_its_code_is_there_and_counted(ability: Ability) -> None:
    flask, drf = ability.lines
    assert (flask > 0, drf > 0) == (bool(ability.flask), bool(ability.drf))
    assert flask + drf > 0


@pytest.mark.parametrize("ability", EVERY, ids=lambda ability: ability.name)
def test_it_says_what_was_bent_in_one_sentence(ability: Ability) -> None:
    for text in (ability.flask_bent, ability.drf_bent):
        assert text.endswith(".")
        assert ". " not in text


def test_nearly_all_of_the_code_is_in_the_table() -> None:
    """What is left is imports, registrations, and what lists keys of idempotency."""
    for twin, shown in zip(("flask_api", "drf_api"), both_references(), strict=True):
        named = [each for each in shown if "admin" in each and each.partition(":")[0][-3:] == ".py"]
        for path in {each.partition(":")[0] for each in named}:
            whole = len(source.excerpt(path, twin).lines)
            found = {
                line.number
                for each in named
                if each.partition(":")[0] == path
                for line in source.excerpt(each, twin).lines
            }
            assert len(found) > whole / 2, path


def both_references() -> tuple[list[str], list[str]]:
    """Return all references to either twin."""
    return (
        [each for ability in EVERY for each in ability.flask],
        [each for ability in EVERY for each in ability.drf],
    )


def test_what_is_gone_is_named() -> None:
    gone = Ability("Gone", ["web/admin.py:Nothing"], [], "Nothing.", "Nothing.")
    with pytest.raises(source.GoneError, match="Nothing is not there"):
        _ = gone.lines
