"""Pages behind one address: nginx's rule sends them to one twin, and the API to both in turn."""

import shutil
from collections.abc import Iterator

import pytest

from contract_tests.fleet.one_address import OneAddress, behind_nginx
from contract_tests.pages.visitor import Visitor
from contract_tests.pages.world import World

pytestmark = [
    pytest.mark.own_servers,
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
]
OFTEN = 6


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneAddress]:
    """Run what `make fleet` runs."""
    folder = tmp_path_factory.mktemp("fleet")
    with behind_nginx(f"sqlite:///{folder}/fleet.sqlite3", folder, WORKERS="1") as running:
        yield running


def test_a_visitor_stays_with_one_twin(fleet: OneAddress) -> None:
    world = World.make(fleet.base_url)
    visitor = Visitor(fleet.base_url)
    before = fleet.count("/")
    world.log_in(visitor, "member")
    for _ in range(OFTEN):
        assert visitor.is_logged_in()
        assert visitor.submit("/dashboard", title="Paint", priority="low").status == 303
        assert visitor.get("/dashboard").document.statuses == ["Added: Paint"]
    for path in ("/", "/docs", "/nonsense", "/apiary", "/static/web/style.css", "/login?next=/api"):
        assert visitor.get(path).status in {200, 303, 404}
    after = fleet.count("/") - before
    # Pages that are linked from there are of the same twin: it has the files that they need.
    docs = visitor.get("/docs")
    for tag, given in docs.document.elements:
        if tag in {"link", "script"}:
            assert visitor.get(given.get("href") or given["src"]).status == 200
    assert visitor.log_out().status == 303
    assert not visitor.is_logged_in()
    assert after["flask_api"] == 0
    assert after["drf_api"] >= 3 * OFTEN


def test_the_api_is_still_answered_by_both(fleet: OneAddress) -> None:
    visitor = Visitor(fleet.base_url)
    before = fleet.count()
    for path in ("/api", "/api/", "/api/products", "/api?x=/", "/api/nonsense", "/api/health"):
        for _ in range(OFTEN):
            assert "set-cookie" not in visitor.get(path).headers
    after = fleet.count() - before
    assert abs(after["flask_api"] - after["drf_api"]) <= 1
    assert sum(after.values()) == 6 * OFTEN
