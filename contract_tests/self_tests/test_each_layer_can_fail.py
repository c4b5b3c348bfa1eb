"""Each layer's tests pass on a correct server, and fail on a faulty one with the right message."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from contract_tests import test_statuses
from contract_tests.conftest import ROOT
from contract_tests.self_tests import faults
from contract_tests.self_tests.faulty_server import Fault, serving
from contract_tests.servers import twins

Done = subprocess.CompletedProcess[str]
Command = tuple[str, ...]

TESTS_FAILED = 1  # pytest's exit status; 2 to 5 would be errors of usage
AT_ONCE = 2

PYTEST = (
    *(sys.executable, "-m", "pytest", "-x", "-q", "--examples", "5", "--seed", "1", "--no-shrink"),
    *("-p", "no:cacheprovider"),
)
ALONE: Command = (*PYTEST, "--base-url", "{wrong}")
BESIDE_A_RIGHT_ONE: Command = (*PYTEST, "--base-url", "{right}", "--base-url", "{wrong}")
SCHEMATHESIS: Command = (
    *(sys.executable, "-m", "schemathesis.cli", "run", "openapi.yaml", "--url", "{wrong}"),
    *("--checks", "all", "--max-examples", "5", "--phases", "examples,coverage"),
)

HEALTH = "--include-operation-id=getHealth"
EVERY = "contract_tests/operations/test_every_operation.py::test_"
REFUSAL = (
    "contract_tests/operations/test_wrong_values.py::test_all_that_is_wrong_with_a_body[createTodo]"
)
FILTER = "contract_tests/operations/test_list_todos.py::test_it_filters[priority=low-<lambda>]"
SORT = "contract_tests/operations/test_list_todos.py::test_it_sorts[title]"
ADJUSTMENT = "contract_tests/operations/test_create_stock_adjustment.py::test_"
PROBE = "contract_tests/raw_http/test_raw_http.py::test_probe"
RULES = "contract_tests/metamorphic/test_"
RACE = (
    "contract_tests/concurrency/test_concurrency.py::"
    "test_one_of_many_writers_with_one_entity_tag_succeeds[updateTodo]"
)


@dataclass(frozen=True)
class Case:
    """A quick part of a layer, a wrong that it must see, and what its failure has to name."""

    name: str
    runner: Command
    part: str
    fault: Fault
    named: tuple[str, ...]


CASES = [
    Case(
        "conformance: an undeclared status",
        SCHEMATHESIS,
        HEALTH,
        faults.undeclared_status,
        ("Undocumented status code", "GET /api/health", "curl -X GET"),
    ),
    Case(
        "conformance: a header less",
        SCHEMATHESIS,
        HEALTH,
        faults.without("ETag"),
        ("Missing required response headers", "`ETag`", "GET /api/health", "curl -X GET"),
    ),
    Case(
        "client: a header field under another name",
        BESIDE_A_RIGHT_ONE,
        REFUSAL,
        faults.field_renamed,
        ("is answered differently", "X-Referrer-Policy", "curl -i -X POST"),
    ),
    Case(
        "raw_http: a field is sent twice",
        ALONE,
        f"{PROBE}[order: a method]",
        faults.field_twice,
        ("a header field is sent twice", "BREW /api/todos"),
    ),
    Case(
        "raw_http: a header less",
        ALONE,
        f"{PROBE}[order: a method]",
        faults.without("Allow"),
        ("Allow is None", "BREW /api/todos"),
    ),
    Case(
        "operations: a text is taken for a number",
        ALONE,
        "contract_tests/operations/test_wrong_values.py::test_a_body[createStockAdjustment delta]",
        faults.takes_text_for_a_number,
        ("(201, '\"3\"'", "curl -i -X POST"),
    ),
    Case(
        "operations: a header less",
        ALONE,
        f"{EVERY}options_names_the_methods[/api/health]",
        faults.without("Allow"),
        ("the answer has no header field allow", "curl -i -X OPTIONS"),
    ),
    Case(
        "operations: a filter is lost",
        ALONE,
        FILTER,
        faults.ignores_parameter("priority"),
        ("priority=low", "curl -i -X GET"),
    ),
    Case(
        "operations: two rows are swapped",
        ALONE,
        SORT,
        faults.swapped_rows,
        ("sort=title", "curl -i -X GET"),
    ),
    Case(
        "metamorphic: what is put is forgotten",
        ALONE,
        f"{RULES}writing.py::test_a_write_answers_what_get_shows_from_then_on[todos]",
        faults.forgets_put,
        ("shown.body", "curl -i -X PUT", "curl -i -X GET"),
    ),
    Case(
        "metamorphic: a replacement merges",
        ALONE,
        f"{RULES}writing.py::test_what_is_replaced_is_what_would_have_been_created[products]",
        faults.merges,
        ("said(replaced) == said(created.json)", "curl -i -X POST"),
    ),
    Case(
        "metamorphic: a repetition creates",
        ALONE,
        f"{RULES}creating.py::test_a_repetition_has_the_same_answer_and_creates_nothing[createTodo]",
        faults.ignores_header("Idempotency-Key"),
        ("again.body", "curl -i -X POST"),
    ),
    Case(
        "metamorphic: a refused bulk leaves something",
        ALONE,
        f"{RULES}refused_writes.py::test_it_changes_nothing[createTodosInBulk]",
        faults.keeps_one_of_a_refused_bulk,
        ("world.look() == before", "/api/todos?limit=100", "curl -i -X GET"),
    ),
    Case(
        "concurrency: a condition is not looked at",
        ALONE,
        RACE,
        faults.ignores_header("If-Match"),
        ("Counter({200: 50})",),
    ),
]


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Return twins of their own, since wrong servers do to them what they like."""
    with twins(tmp_path_factory.mktemp("right")) as started:
        yield started


def run(runner: Command, parts: list[str], fault: Fault, right: list[str]) -> Done:
    """Run parts of a layer; the wrong server stands before the last of the right ones."""
    with serving(right[-1], fault) as base_url:
        addresses = {"{right}": right[0], "{wrong}": base_url}
        return subprocess.run(
            [addresses.get(word, word) for word in (*runner, *parts)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def runs(right: list[str], request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Done]]]:
    """Begin all runs that are asked for; a test waits for its own."""
    chosen = {item.name for item in request.session.items}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            case.name: pool.submit(run, case.runner, [case.part], case.fault, right)
            for case in CASES
            if any(case.name in name for name in chosen)
        }


def needs_two(right: list[str]) -> None:
    """Skip a test that compares, where `--twin` has chosen one alone."""
    if len(right) < 2:
        pytest.skip("one twin alone can't be compared")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_fails_on_a_faulty_server(
    case: Case, runs: dict[str, Future[Done]], right: list[str]
) -> None:
    if case.runner == BESIDE_A_RIGHT_ONE:
        needs_two(right)
    done = runs[case.name].result()
    assert done.returncode == TESTS_FAILED, done.stdout
    assert [text for text in case.named if text not in done.stdout] == [], done.stdout


@pytest.mark.parametrize("runner", [SCHEMATHESIS, BESIDE_A_RIGHT_ONE, ALONE])
def test_it_passes_on_a_right_one(runner: Command, right: list[str]) -> None:
    """So it is the wrong itself, and not what stands between, that makes the others fail."""
    if runner == BESIDE_A_RIGHT_ONE:
        needs_two(right)
    parts = dict.fromkeys(case.part for case in CASES if case.runner == runner)
    done = run(runner, [*parts], faults.nothing, right)
    assert done.returncode == 0, done.stdout


# What a run can't show in a few seconds


def test_differential_tells_a_faulty_server_from_a_right_one(tmp_path: Path) -> None:
    layer = ["contract_tests/differential"]
    with twins(tmp_path) as right:  # of its own, which hold the same
        needs_two(right)
        passed = run(BESIDE_A_RIGHT_ONE, layer, faults.nothing, right)
        failed = run(BESIDE_A_RIGHT_ONE, layer, faults.field_renamed, right)
    assert passed.returncode == 0, passed.stdout
    assert failed.returncode == TESTS_FAILED, failed.stdout
    for text in (
        "1. ",
        "openapi.yaml:",
        "header x-referrer-policy",
        "old  curl -i ",
        "+x-referrer",
    ):
        assert text in failed.stdout


def test_a_status_that_is_not_declared_is_seen() -> None:
    with pytest.raises(AssertionError, match=r"'getHealth': \{418\}"):
        test_statuses.test_every_status_that_was_seen_is_declared(
            declared={"getHealth": {200, 304}}, seen={"getHealth": {200, 418}}
        )


def test_a_declared_status_that_never_came_is_missed() -> None:
    everything = (ROOT / "contract_tests" / "operations").glob("test_*.py")
    items = [SimpleNamespace(path=path) for path in everything]
    request = SimpleNamespace(session=SimpleNamespace(items=items))
    with pytest.raises(AssertionError, match=r"'getHealth': \{304\}"):
        test_statuses.test_every_declared_status_was_seen(
            declared={"getHealth": {200, 304, 500}},
            seen={"getHealth": {200}},
            request=cast("pytest.FixtureRequest", request),
        )
