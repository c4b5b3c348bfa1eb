"""Each twin shows what the other has written, byte for byte, and continues its pages."""

from typing import Any

import pytest

from contract_tests.contract import CONTRACT
from contract_tests.differential_client import transcript
from contract_tests.fleet.world import REQUEST_ID, World, id_of
from contract_tests.operations.expected import NOWHERE
from contract_tests.operations.lists import in_order

pytestmark = pytest.mark.own_servers


def sorts(path: str) -> list[str]:
    """Return the orders in which a list can be had."""
    parameters = CONTRACT["paths"][path]["get"]["parameters"]
    [sort] = [each for each in parameters if each.get("name") == "sort"]
    _, _, name = sort["schema"]["$ref"].rpartition("/")
    orders: list[str] = CONTRACT["components"]["schemas"][name]["enum"]
    return orders


def assert_alike(here: World, there: World, target: str) -> Any:
    """Hold both servers to one answer, with its header fields, and return what it shows."""
    answer = here.get(target)
    assert answer.status == 200
    assert transcript(there.get(target)) == transcript(answer)
    return answer


def test_every_representation_and_list(here: World, there: World) -> None:
    for target in [*here.resources, *here.lists]:
        answer = assert_alike(here, there, target)
        tag = {**REQUEST_ID, "If-None-Match": answer.headers["etag"]}
        actor = there.sam if "stock-adjustments" in target else there.alice
        assert actor.get(target, headers=tag).status == 304


def test_what_is_refused(here: World, there: World) -> None:
    for target in (f"/api/todos/{NOWHERE}", f"/api/products/{NOWHERE}", "/api/todos?limit=0"):
        answers = [world.get(target) for world in (here, there)]
        assert transcript(answers[0]) == transcript(answers[1])
        assert answers[0].status >= 400


@pytest.mark.parametrize("sort", sorts("/api/todos"))
def test_todos_page_by_page(here: World, there: World, sort: str) -> None:
    assert_pages(here, there, f"/api/todos?sort={sort}", sort)


@pytest.mark.parametrize("sort", sorts("/api/products"))
def test_products_page_by_page(here: World, there: World, sort: str) -> None:
    assert_pages(here, there, f"/api/products?sort={sort}&category={here.run}", sort)


def test_other_lists_page_by_page(here: World, there: World) -> None:
    assert_pages(here, there, f"{here.products[0]}/stock-adjustments?", "-created_at", limit=1)
    assert_pages(here, there, "/api/tokens?", "-created_at", limit=1)


def assert_pages(here: World, there: World, target: str, sort: str, limit: int = 5) -> None:
    """Hold pages to be the whole list, each fetched with the cursor that the other server made."""
    whole = here.get(f"{target}&limit=100").json["items"]
    found = []
    following = f"{target}&limit={limit}"
    while following:
        page = assert_alike(here, there, following).json
        found.append(page["items"])
        following = page["next"]
        here, there = there, here
    assert [row for page in found for row in page] == whole == in_order(whole, sort)
    assert len(found) > 1


TODO_FILTERS = [
    "completed=true",
    "completed=false",
    "priority=high",
    "tag=a-0",
    "due_before=2027-03-01T08:00:00.000001Z",
    "due_after=2027-03-01T09:00:00.000001%2B01:00",
    "overdue=true",
    "overdue=false",
    "q=%25_",
    "q=%C3%89",
]
PRODUCT_FILTERS = [
    "currency=EUR",
    "min_price=0.10",
    "max_price=9.99",
    "min_price=14.50&max_price=14.50",
    "in_stock=true",
    "in_stock=false",
    "active=false",
    "q=%F0%9F%98%80",
]


@pytest.mark.parametrize("query", TODO_FILTERS)
def test_todos_filtered(here: World, there: World, query: str) -> None:
    assert assert_alike(here, there, f"/api/todos?{query}").json["items"]


def test_todos_about_a_product(here: World, there: World) -> None:
    target = f"/api/todos?product_id={id_of(here.products[1])}"
    assert assert_alike(here, there, target).json["items"]


@pytest.mark.parametrize("query", PRODUCT_FILTERS)
def test_products_filtered(here: World, there: World, query: str) -> None:
    target = f"/api/products?category={here.run}&{query}"
    assert assert_alike(here, there, target).json["items"]
