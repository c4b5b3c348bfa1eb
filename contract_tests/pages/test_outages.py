"""Pages while the database is stopped, which is PostgreSQL here."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from contract_tests import servers
from contract_tests.pages.visitor import Page, Visitor
from contract_tests.pages.world import FORMS, PAGES, World
from contract_tests.postgresql import Cluster, running_cluster

pytestmark = pytest.mark.own_servers

SOON = 10  # seconds; other tests run at the same time, and eight visitors here
BACK = 10
# What is the same for all strangers needs no database.
NEED_NONE = {("stranger", "GET", path) for path in ("/login", "/register", "/docs")}


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Run a server that may be stopped."""
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def sites_on_postgresql(cluster: Cluster) -> Iterator[dict[str, str]]:
    """Serve one database by the twins."""
    with servers.fleet(cluster.new_database("pages")) as base_urls:
        yield {twin.name: url for twin, url in zip(servers.sharing, base_urls, strict=True)}


def assert_unavailable(page: Page) -> None:
    """Hold a page to what it can say without the database."""
    assert (page.status, page.heading) == (503, "Service unavailable")
    assert page.headers["retry-after"] == "5"
    assert "The database does not answer." in page.text
    # Nobody is looked up for its header, so nobody is shown as logged in, or out.
    assert [form for form in page.document.forms if form.action == "/logout"] == []
    assert "Log in" not in page.text


def test_pages_without_a_database(
    sites_on_postgresql: dict[str, str], cluster: Cluster, twin: str
) -> None:
    site = sites_on_postgresql[twin]
    world = World.make(site)
    visitors = {who: world.visitor(who) for who in PAGES}
    right = {
        form.name: visitors[form.who].form(world.address(form.page), world.address(form.action))
        for form in FORMS
    }
    before = world.state()
    cluster.stop()
    try:
        asked: list[tuple[str, str, str, Mapping[str, str] | None]]
        asked = [(who, "GET", path, None) for who, paths in PAGES.items() for path in paths]
        for form in FORMS:
            fields = {**right[form.name].fields, **form.filled(world)}
            asked.append((form.who, "POST", form.action, fields))

        def ask(who: str, method: str, path: str, fields: Mapping[str, str] | None) -> float:
            start = time.monotonic()
            # A browser of its own, as they all ask at once.
            page = visitors[who].copy().ask(method, world.address(path), fields)
            if (who, method, path) in NEED_NONE:
                assert page.status == 200
            else:
                assert_unavailable(page)
            return time.monotonic() - start

        with ThreadPoolExecutor(8) as pool:
            slowest = max(pool.map(ask, *zip(*asked, strict=True)))
        assert slowest < SOON
        assert Visitor(site).get("/static/web/style.css").status == 200
        assert Visitor(site).get("/nonsense").status == 404
    finally:
        cluster.start()
    deadline = time.monotonic() + BACK
    while (page := visitors["member"].get("/account")).status == 503:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    # Nobody was logged out by it, nothing was lost or done, and the forms are as good as ever.
    assert page.status == 200
    assert world.state() == before
    for form in FORMS:
        if form.name in {"move stock", "add a todo", "complete a todo"}:
            fields = {**right[form.name].fields, **form.filled(world)}
            assert visitors[form.who].post(world.address(form.action), fields).status == 303
