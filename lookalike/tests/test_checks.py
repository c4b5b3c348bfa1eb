"""Each check passes on a server that keeps all rules, and fails on one that breaks its own."""

import pytest

from lookalike.check import PACKS, Checked, Watcher, check, judge
from lookalike.checks.api import Api
from lookalike.checks.client import Client
from lookalike.checks.pack import Check, Result
from lookalike.openapi import Contract
from lookalike.targets import HttpTarget, WsgiTarget
from lookalike.tests.right_server import ACTORS, DOCUMENT, RightServer
from lookalike.tests.wire_server import serving
from lookalike.tests.wrong_servers import WIRED, WRONG

CHECKS = {each.name: each for pack in PACKS for each in pack.checks}


@pytest.fixture(scope="module")
def right() -> Checked:
    with serving(RightServer()) as base_url:
        return check(Contract(DOCUMENT), HttpTarget(base_url), actors=ACTORS)


@pytest.mark.parametrize("name", CHECKS)
def test_passes_on_a_server_that_is_right(name: str, right: Checked) -> None:
    [result] = [each for each in right.results if each.check.name == name]
    faults = [(failure.fault.what, failure.fault.detail) for failure in result.failures]
    assert (result.state, faults) == ("passed", []), result.why


@pytest.mark.parametrize("name", WRONG)
def test_fails_on_a_server_that_is_wrong(name: str) -> None:
    server = RightServer()
    document = WRONG[name](server) or DOCUMENT
    result = result_of(CHECKS[name], Api(Contract(document), Client(WsgiTarget(server), ACTORS)))
    assert result.state == "failed", result.why


@pytest.mark.parametrize("name", WIRED)
def test_fails_on_a_server_that_breaks_a_rule_of_messages(name: str) -> None:
    with serving(RightServer(), {WIRED[name]}) as base_url:
        api = Api(Contract(DOCUMENT), Client(HttpTarget(base_url), ACTORS))
        result = result_of(CHECKS[name], api)
    assert result.state == "failed", result.why


def test_each_check_has_a_wrong_server() -> None:
    assert {*CHECKS} == {*WRONG, *WIRED}
    assert len(CHECKS) == sum(len(pack.checks) for pack in PACKS), "two checks have one name"


def result_of(wanted: Check, api: Api) -> Result:
    result = Result(wanted)
    judge(api, result, Watcher())
    return result
