"""Experiments run against the installed libraries, and what they print is their result."""

import pytest

from comparison.chapters import Experiment
from comparison.experiments import run_all


def test_what_is_printed_is_returned() -> None:
    assert run_all([Experiment("print('one')", "print('two')")]) == [("one", "two")]


def test_code_that_fails_fails_the_build() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        run_all([Experiment("1 / 0", "")])
