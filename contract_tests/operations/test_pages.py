"""Rules for every page: see `x-rules` in openapi.yaml, Pages."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

import pytest

from contract_tests.alone import each_alone
from contract_tests.cast import Actor, register
from contract_tests.client import Answer
from contract_tests.contract import CONTRACT
from contract_tests.differential_client import DifferentialClient
from contract_tests.differential_visitor import FORM, DifferentialVisitor, logged_in, texts
from contract_tests.operations.expected import PROBLEMS, assert_empty
from contract_tests.operations.pages import METHODS_OF, PAGES, Page

pytestmark = pytest.mark.pages

FORGED = "This form has expired or was sent from another site. Reload the page and try again."
LIMIT = 1_048_576  # bytes of a body
OF_ONE_REQUEST = {"date", "x-request-id", "set-cookie"}


def each(pages: Iterable[Page]) -> pytest.MarkDecorator:
    """Run a test once for each of these pages."""
    return pytest.mark.parametrize("page", list(pages), ids=lambda page: page.name)


every_page = each(PAGES)
every_read = each(page for page in PAGES if page.method == "GET")
every_form = each(page for page in PAGES if page.method == "POST")
every_read_of_members = each(page for page in PAGES if page.method == "GET" and page.is_for_members)
every_form_of_members = each(
    page for page in PAGES if page.method == "POST" and page.is_for_members
)
every_path = pytest.mark.parametrize(
    ("path", "methods"), list(METHODS_OF.items()), ids=list(METHODS_OF)
)


@pytest.fixture
def stranger(client: DifferentialClient) -> DifferentialVisitor:
    """Return somebody who hasn't logged in."""
    return DifferentialVisitor(client)


@pytest.fixture(scope="module")
def member(client: DifferentialClient) -> DifferentialVisitor:
    """Return somebody who has logged in, and sends no form that is taken."""
    return logged_in(register(client, "member"))


def asked(visitor: DifferentialVisitor, page: Page, **headers: str) -> Answer:
    """Ask for a page, with an empty form where it takes one."""
    if page.method == "GET":
        return visitor.get(page.path, **headers)
    visitor.get("/login" if not visitor_has_session(visitor) else "/dashboard")
    return visitor.ask("POST", page.path, {**FORM, **headers}, b"")


def visitor_has_session(visitor: DifferentialVisitor) -> bool:
    return visitor.get("/account").status == 200


def assert_page_of(answer: Answer, problem: str, detail: str = "") -> None:
    """Hold an answer to the page of a problem."""
    about = PROBLEMS[problem]
    assert answer.status == about["status"]
    assert texts(answer, "h1") == [about["title"]]
    assert (detail or about["detail"]) in texts(answer, "p")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_contract_has_every_page_once() -> None:
    assert len({page.name for page in PAGES}) == len(PAGES) == 23
    assert {page.declared["tags"][0] for page in PAGES} == {"pages"}
    assert not {page.template for page in PAGES if page.template.startswith("/api")}
    assert "pages" in {tag["name"] for tag in CONTRACT["tags"]}


# Methods


@every_path
def test_options_names_the_methods(
    stranger: DifferentialVisitor, path: str, methods: list[str]
) -> None:
    answer = stranger.ask("OPTIONS", path)
    assert_empty(answer)
    assert answer.headers["allow"] == ", ".join(methods)


@every_path
def test_other_methods_are_not_allowed(
    stranger: DifferentialVisitor, path: str, methods: list[str]
) -> None:
    every_method = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"}
    for method in sorted(every_method - {*methods}):
        answer = stranger.ask(method, path)
        assert answer.headers["allow"] == ", ".join(methods)
        if method == "HEAD":
            assert (answer.status, answer.body) == (405, b"")
        else:
            assert_page_of(answer, "method-not-allowed")


@every_read
def test_head_is_get(
    stranger: DifferentialVisitor, member: DifferentialVisitor, page: Page
) -> None:
    for visitor in (stranger, member):
        get, head = visitor.get(page.path), visitor.ask("HEAD", page.path)
        assert (head.status, head.body) == (get.status, b"")
        assert fields(head) == fields(get)


def fields(answer: Answer) -> dict[str, str]:
    """Return the header fields that two requests have in common."""
    return {name: text for name, text in answer.headers.items() if name not in OF_ONE_REQUEST}


# Who asks, and how


@every_page
def test_another_host_is_bad(stranger: DifferentialVisitor, page: Page) -> None:
    answer = stranger.ask(page.method, page.path, {"Host": "nowhere.invalid"})
    assert_page_of(answer, "bad-host")


@every_page
def test_a_query_that_is_no_text_is_malformed(stranger: DifferentialVisitor, page: Page) -> None:
    answer = stranger.ask(page.method, f"{page.path}?q=%ff")
    assert_page_of(answer, "malformed-request")


@every_page
def test_what_programs_say_is_ignored(
    stranger: DifferentialVisitor, sam: Actor, page: Page
) -> None:
    said = {"Accept": "image/png", "Authorization": f"Bearer {sam.token}", "If-Match": "x"}
    plain, answer = asked(stranger, page), asked(stranger, page, **said)
    assert (answer.status, texts(answer, "h1")) == (plain.status, texts(plain, "h1"))
    assert answer.headers.get("location") == plain.headers.get("location")


@every_read_of_members
def test_strangers_are_led_to_the_login_and_back(stranger: DifferentialVisitor, page: Page) -> None:
    target = f"{page.path}?a=b%20c&d=%C3%A9"
    answer = stranger.get(target)
    assert (answer.status, answer.body) == (303, b"")
    assert answer.headers["location"] == f"/login?next={quote(target, safe='')}"


@every_form_of_members
def test_strangers_forms_are_led_to_the_login(stranger: DifferentialVisitor, page: Page) -> None:
    answer = asked(stranger, page)
    assert (answer.status, answer.headers["location"]) == (303, "/login")


@every_page
def test_what_does_not_exist_is_not_found(member: DifferentialVisitor, page: Page) -> None:
    if "_id}" in page.template:
        assert_page_of(asked(member, page), "not-found")
    elif page.template == "/products/{sku}" and page.method == "GET":
        assert_page_of(member.get("/products/NO-SUCH-THING"), "not-found")
    else:
        assert_page_of(member.ask(page.method, f"{page.path}/nothing"), "not-found")


# Forgery, and what a form is


@every_form
def test_a_form_needs_its_sessions_token(
    client: DifferentialClient, member: DifferentialVisitor, page: Page
) -> None:
    assert_page_of(member.ask("POST", page.path, FORM, b"", has_token=False), "forbidden", FORGED)
    stranger = DifferentialVisitor(client)
    stranger.get("/login")
    for base_url, browser in stranger.browsers.items():
        browser.cookies = member.browsers[base_url].cookies  # the session, but another's token
    assert_page_of(stranger.ask("POST", page.path, FORM, b""), "forbidden", FORGED)


@every_form
@pytest.mark.parametrize("name", ["Origin", "Referer"])
def test_a_form_of_another_site_is_refused(
    member: DifferentialVisitor, page: Page, name: str
) -> None:
    member.get("/dashboard")
    answer = member.ask("POST", page.path, {**FORM, name: "https://evil.example"}, b"")
    assert_page_of(answer, "forbidden", FORGED)


@every_form
def test_a_form_over_one_mebibyte_is_refused(member: DifferentialVisitor, page: Page) -> None:
    # The header suffices: the server doesn't wait for the body.
    answer = member.ask("POST", page.path, {**FORM, "Content-Length": str(LIMIT + 1)})
    assert_page_of(answer, "content-too-large")


# Limits


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers that answer one request in an hour, which they have answered."""
    with each_alone(tmp_path_factory, RATE_LIMIT="1/3600") as clients:
        for client in clients:
            DifferentialVisitor(client).get("/")
        yield clients


@pytest.mark.own_servers
@every_page
def test_too_many_requests_are_refused(page: Page, limited: list[DifferentialClient]) -> None:
    for client in limited:
        answer = DifferentialVisitor(client).ask(page.method, page.path)
        assert_page_of(answer, "too-many-requests")
        assert 0 < int(answer.headers["retry-after"]) <= 3600
        assert answer.headers["ratelimit-policy"] == '"default";q=1;w=3600'
        assert answer.headers["ratelimit"].startswith('"default";r=0;t=')
