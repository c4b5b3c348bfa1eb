"""The requests that Schemathesis generates from openapi.yaml, in an order that a seed decides.

They come in lots. A lot holds some requests of the fuzzing phase for each operation, most of them
accepted ones, and a part of those of the coverage phase; the contract's examples are in the first.
Each lot is gone through several times, since what a request does depends on what was done before.
"""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from math import ceil
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok

from contract_tests.contract import CONTRACT, without_pages
from contract_tests.generation import extend

Case = schemathesis.Case[Any]
Operation = schemathesis.APIOperation[Any, Any, Any, Any]

# How many requests of a lot are fuzzed for each operation, by mode.
FUZZED = {GenerationMode.POSITIVE: 9, GenerationMode.NEGATIVE: 3}
# Where generating or answering a request takes long, there are fewer of them.
FEWER = {
    "createTodosInBulk": 3,  # a hundred todos take Schemathesis a while
    "createUser": 2,  # passwords are slow to digest on purpose, from here on
    "createToken": 2,
    "changePassword": 2,
    "deleteCurrentUser": 2,
    "deleteCurrentToken": 2,
    "getContract": 2,  # its answer is long, in either form
    "getContractAsJson": 2,
}
# One of how many requests of the coverage phase is in a lot.
COVERAGE_SHARE = 10
# How often a lot is gone through.
ROUNDS = 3

# Who asks is decided in actors.py; a made-up token would only be refused.
CONFIG = """
[generation]
with-security-parameters = false
[phases.fuzzing.error-feedback]
enabled = false
"""


@cache
def schema() -> schemathesis.BaseSchema:
    """Return the contract less the pages as Schemathesis reads it; the client knows the servers."""
    extended = deepcopy(without_pages(CONTRACT))
    extend(extended)
    contract = schemathesis.openapi.from_dict(extended, config=SchemathesisConfig.from_str(CONFIG))
    contract.config.update(base_url="http://differential.invalid")
    return contract


@cache
def operations() -> list[Operation]:
    """Return the contract's operations."""
    return [result.ok() for result in schema().get_all_operations() if isinstance(result, Ok)]


def operation_id(operation: Operation) -> str:
    """Return the name that the contract gives an operation."""
    return str(operation.definition.raw["operationId"])


@cache
def strategy(operation: Operation, mode: GenerationMode) -> SearchStrategy[Case]:
    """Return what makes an operation's requests; strategies learn, so each is made once."""
    return operation.as_strategy(generation_mode=mode)


@cache
def covered(operation: Operation) -> list[Case]:
    """Return the requests of the coverage phase, which are the same in each run."""
    config = schema().config.generation_for(operation=operation, phase="coverage")
    return list(
        schema().iter_coverage_cases(
            operation, generation_modes=list(GenerationMode), generation_config=config
        )
    )


def drawn(source: SearchStrategy[Case], count: int, seed: int) -> list[Case]:
    """Return a number of cases; nothing that is sent has an influence on them."""
    cases: list[Case] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(source)
    def collect(case: Case) -> None:
        cases.append(case)

    try:
        collect()
    except Unsatisfiable:  # nothing can be wrong with an operation that takes nothing
        return []
    return cases


def lot(random: Random, share: float) -> list[Case]:
    """Return some requests of every kind for every operation, or only a share of them."""
    cases: list[Case] = []
    for operation in operations():
        for mode, count in FUZZED.items():
            fewer = ceil(FEWER.get(operation_id(operation), count) * share)
            cases += drawn(strategy(operation, mode), fewer, random.getrandbits(64))
        if random.random() < share:
            every = covered(operation)
            cases += random.sample(every, ceil(len(every) / COVERAGE_SHARE))
    return cases


def examples() -> list[Case]:
    """Return the contract's examples; what they leave out is made up, always alike."""
    return [
        case
        for operation in operations()
        for source in operation.get_strategies_from_examples()
        for case in drawn(source, 1, 0)
    ]


def endless(seed: int, share: float = 1) -> Iterator[Case]:
    """Return the cases of lot after lot, in an order of their own each time.

    A lot takes seconds to make; who needs few requests makes a share of it.
    """
    random = Random(seed)  # noqa: S311 – repeatable on purpose
    cases = examples()
    while True:
        cases += lot(random, share)
        for _ in range(ROUNDS):
            random.shuffle(cases)
            yield from cases
        cases = []
