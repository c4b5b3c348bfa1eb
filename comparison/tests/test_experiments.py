"""Experiments run against the installed libraries, and whatever comes of them is a result."""

import pytest

from comparison.chapters import Experiment
from comparison.experiments import run_all
from comparison.findings import Agreement, Found, Row, Tried, agreement

MARSHMALLOW = """
from marshmallow import Schema, fields

class Probe(Schema):
    value = fields.Integer()
"""
DRF = """
from rest_framework import serializers

class Probe(serializers.Serializer):
    value = serializers.IntegerField()
"""


def test_inputs_are_loaded_shown_or_crash() -> None:
    load = Experiment(MARSHMALLOW, DRF, inputs=("3", '"x"'))
    dump = Experiment(MARSHMALLOW, DRF, mode="dump", inputs=("3", "object()"))
    run = Experiment("print('one')", "print('two')", mode="run")
    loaded, shown, ran = run_all([load, dump, run])
    assert loaded["flask"] == ["3", "refused: Not a valid integer."]
    assert loaded["drf"] == ["3", "refused: A valid integer is required."]
    assert shown["drf"][0] == "3"
    assert shown["drf"][1].startswith("crashes: TypeError")
    assert ran == {"flask": ["one"], "drf": ["two"]}


def test_code_that_fails_fails_the_build() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        run_all([Experiment("1 / 0", "", mode="run")])


def test_agreement_counts_what_is_taken_and_refused_as_the_contract_does() -> None:
    rows = (
        Row("1", "True", "refused: no", "201, 1"),
        Row("2", "refused: no", "crashes: KeyError", "422 blank at /a"),
        Row("3", "3", "3", "422 blank at /a"),
        Row("4", "4", "4"),  # the contract wasn't asked
    )
    tried = Tried(Experiment("", ""), rows)
    chapter = None
    found = [Found(chapter, (), (tried,))]  # type: ignore[arg-type] # not looked at
    assert agreement(found) == Agreement(3, 2, 1)
