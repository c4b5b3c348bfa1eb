"""The content of each page and the effect of its forms, the same on all servers."""

from typing import Any
from uuid import uuid4

import pytest

from contract_tests.cast import Actor, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.differential_visitor import DifferentialVisitor, logged_in, texts
from contract_tests.operations.expected import CODES, NOWHERE, PROBLEMS, a_product, a_todo, detail

pytestmark = pytest.mark.pages

PASSWORD = "correct horse battery staple"
TYPED = {  # texts that markup or addresses would make something else of
    "markup": "<script>alert(1)</script>",
    "an attribute": '" onfocus="alert(1)',
    "references": "&lt; &amp;amp; &copy",
    "quotes": "it's “so”",
    "another script": "\u0628\u0639\u062f \U0001f34b",
}
every_typed = pytest.mark.parametrize("typed", TYPED.values(), ids=[*TYPED])


@pytest.fixture
def stranger(client: DifferentialClient) -> DifferentialVisitor:
    """Return somebody who hasn't logged in."""
    return DifferentialVisitor(client)


@pytest.fixture
def visitor(alice: Actor) -> DifferentialVisitor:
    """Return Alice, who has logged in."""
    return logged_in(alice)


@pytest.fixture(scope="module")
def staff(client: DifferentialClient, sam: Actor) -> DifferentialVisitor:
    """Return Sam, who has logged in."""
    return logged_in(sam)


def leads(answer: Answer, target: str) -> None:
    """Hold an answer to lead to another page, with nothing else."""
    assert (answer.status, answer.body) == (303, b"")
    assert answer.headers["location"] == target


def says(visitor: DifferentialVisitor, target: str, message: str) -> None:
    """Hold a page to say something, and only once."""
    assert message in texts(visitor.get(target), "li")
    assert message not in texts(visitor.get(target), "li")


def refuses(answer: Answer, **errors: str) -> None:
    """Hold an answer to a form with these errors beside its fields."""
    assert answer.status == 422
    for name, text in errors.items():
        assert text in texts(answer, "ul", id=f"{name}-errors")[0]


def hrefs(answer: Answer) -> str:
    """Return the markup as text, to look for addresses in it."""
    return answer.body.decode()


# The catalogue


@pytest.mark.parametrize(
    "query",
    [
        *(
            "",
            "?q=mug",
            "?q=",
            "?category=kitchen",
            "?min_price=10&max_price=20.5",
            "?in_stock=true",
        ),
        *("?in_stock=false", "?sort=price", "?sort=-price", "?sort=name", "?surprise=1", "?q=%00x"),
        *("?q=nothing+at+all", "?category=&min_price=&sort=", "?q=%3Cb%3E%22"),
    ],
)
def test_the_catalogue(stranger: DifferentialVisitor, query: str) -> None:
    answer = stranger.get(f"/{query}")
    assert answer.status == (400 if query == "?q=%00x" else 200)
    assert texts(answer, "h1") == ["Catalogue"]


def test_the_catalogue_goes_on_by_cursors(stranger: DifferentialVisitor) -> None:
    first = stranger.get("/?category=kitchen&sort=price")
    assert len(texts(first, "h2")) == 12
    target = hrefs(first).partition('class="button plain" href="')[2].partition('"')[0]
    second = stranger.get(target.replace("&amp;", "&"))
    assert second.status == 200
    assert not {*texts(first, "h2")} & {*texts(second, "h2")}


FIGURES = [
    *("category", "products", "units", "lowest_price", "mean_price", "highest_price"),
    *("stock_value", "currency", "open_todos"),
]


@pytest.mark.parametrize("query", ["", "?q=nothing+at+all", "?min_price=x"])
def test_staff_see_the_catalogue_in_figures(
    stranger: DifferentialVisitor,
    visitor: DifferentialVisitor,
    staff: DifferentialVisitor,
    sam: Actor,
    query: str,
) -> None:
    heading = "The catalogue in figures"
    for anybody in (stranger, visitor):
        assert heading not in texts(anybody.get(f"/{query}"), "h2")
    shown = staff.get(f"/{query}")
    assert texts(shown, "h2")[-1] == heading
    figures = sam.get("/api/products/summary").json["items"]
    assert texts(shown, "td") == [str(row[name]) for row in figures for name in FIGURES]


@pytest.mark.parametrize(
    ("query", "name", "text"),
    [
        ("min_price=x", "min_price", detail("invalid_format.price")),
        ("max_price=1.234", "max_price", detail("invalid_format.price")),
        ("category=A%20B", "category", detail("invalid_format.slug")),
        ("sort=stock", "sort", detail("invalid_choice", "-created_at, name, price, -price")),
        ("in_stock=maybe", "in_stock", detail("invalid_choice", "true, false")),
        ("q=" + "x" * 101, "q", detail("too_long", 100)),
    ],
)
def test_a_wrong_filter_is_said_beside_its_field(
    stranger: DifferentialVisitor, query: str, name: str, text: str
) -> None:
    answer = stranger.get(f"/?{query}")
    assert answer.status == 400
    assert texts(answer, "ul", id=f"{name}-errors") == [text]
    assert not texts(answer, "ul", **{"class": "cards"})


def test_a_wrong_cursor_is_said_above_the_form(stranger: DifferentialVisitor) -> None:
    answer = stranger.get("/?cursor=x")
    assert answer.status == 400
    assert CODES["invalid_cursor"] in texts(answer, "ul", **{"class": "errors"})


# Products


def test_a_product(stranger: DifferentialVisitor, visitor: DifferentialVisitor) -> None:
    for anybody in (stranger, visitor):
        answer = anybody.get("/products/MUG-RED")
        assert answer.status == 200
        assert texts(answer, "h1") == ["Stoneware mug, red"]
        assert "Stock history" not in texts(answer, "h2")
    assert visitor.get("/products/mug-red").status == 404


def test_staff_move_stock(staff: DifferentialVisitor, sam: Actor) -> None:
    sku = sam.post("/api/products", a_product()).json["sku"]
    page = f"/products/{sku}"
    assert "Stock history" in texts(staff.get(page), "h2")
    leads(staff.submit(page, delta="+7", reason="received", note="By hand"), page)
    says(staff, page, "Stock is now 7.")
    leads(staff.submit(page, delta=" -3 ", reason="sold", note=""), page)
    assert texts(staff.get(page), "td", **{"class": "number"}) == ["-3", "4", "+7", "7"]
    refuses(staff.submit(page, delta="-5", reason="sold"), delta=CODES["insufficient_stock"])
    refuses(staff.submit(page, delta="0", reason="sold"), delta=CODES["zero"])
    refuses(
        staff.submit(page, delta="many", reason="sold"), delta=detail("invalid_type", "an integer")
    )
    refuses(staff.submit(page, delta="1", reason="lost"), reason="Must be one of: received, sold")
    assert (
        staff.submit("/products/NO-SUCH-THING", page=page, delta="1", reason="sold").status == 404
    )


def test_stock_is_for_staff(visitor: DifferentialVisitor) -> None:
    answer = visitor.submit("/products/MUG-RED", page="/dashboard", delta="1", reason="sold")
    assert answer.status == 403
    assert PROBLEMS["forbidden"]["detail"] in texts(answer, "p")


def test_what_is_not_for_sale_is_for_staff(
    staff: DifferentialVisitor, visitor: DifferentialVisitor, sam: Actor
) -> None:
    sku = sam.post("/api/products", a_product(active=False)).json["sku"]
    assert visitor.get(f"/products/{sku}").status == 404
    assert "Not for sale." in texts(staff.get(f"/products/{sku}"), "p")


# Who the visitor is


def test_registering_logs_in(stranger: DifferentialVisitor) -> None:
    name = f"new_{uuid4().hex[:12]}"
    form = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    leads(stranger.submit("/register", **form), "/dashboard")
    says(stranger, "/dashboard", f"Welcome, {name}.")
    for page in ("/login", "/register"):
        leads(stranger.get(page), "/dashboard")
    again = DifferentialVisitor(stranger.client).submit("/register", **form)
    refuses(again, username=CODES["taken"], email=CODES["taken"])


def test_a_registration_is_refused_by_the_contracts_rules(stranger: DifferentialVisitor) -> None:
    answer = stranger.submit("/register", username="A b", email="x", password="short")
    refuses(
        answer,
        username=detail("invalid_format.username"),
        email=detail("invalid_format.email"),
        password=detail("too_short", 8),
    )
    assert "short" not in answer.body.decode()
    refuses(stranger.submit("/register"), username=detail("too_short", 3))


@every_typed
def test_what_is_typed_stays_a_text(stranger: DifferentialVisitor, typed: str) -> None:
    answer = stranger.submit("/register", username=typed, email=typed, password=typed)
    assert answer.status == 422
    assert "<script>alert" not in answer.body.decode()
    assert texts(stranger.get("/"), "h1") == ["Catalogue"]


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/account", "/account"),
        ("/dashboard?q=a%20b&status=all", "/dashboard?q=a%20b&status=all"),
        ("", "/dashboard"),
        ("//evil.example", "/dashboard"),
        ("/\\evil.example", "/dashboard"),
        ("https://evil.example/", "/dashboard"),
        ("account", "/dashboard"),
    ],
)
def test_a_login_leads_on(alice: Actor, target: str, leads_to: str) -> None:
    visitor = DifferentialVisitor(alice.client)
    form = {"username": alice.username, "password": alice.password, "next": target}
    leads(visitor.submit("/login", **form), leads_to)
    assert texts(visitor.get("/account"), "dd")[0] == alice.username


def test_a_wrong_login_is_refused(alice: Actor) -> None:
    stranger = DifferentialVisitor(alice.client)
    for name, password in ((alice.username, "wrong"), ("nobody", "wrong")):
        answer = stranger.submit("/login", username=name, password=password)
        assert answer.status == 422
        assert texts(answer, "div", role="alert") == [PROBLEMS["invalid-credentials"]["detail"]]
    refuses(stranger.submit("/login"), username=detail("too_short", 1))
    assert stranger.get("/account").status == 303


def test_logging_out(visitor: DifferentialVisitor) -> None:
    copies = {base_url: {**each.cookies} for base_url, each in visitor.browsers.items()}
    leads(visitor.submit("/logout", page="/dashboard"), "/")
    says(visitor, "/", "You are logged out.")
    for base_url, browser in visitor.browsers.items():
        browser.cookies = copies[base_url]
    assert visitor.get("/account").status == 303  # the session has ended on the server


# The dashboard


def test_todos(visitor: DifferentialVisitor) -> None:
    assert "Nothing to do." in texts(visitor.get("/dashboard"), "p")
    leads(
        visitor.submit(
            "/dashboard",
            title="Restock <b>mugs</b>",
            priority="high",
            due_on="2020-02-29",
            tags="shop restock shop",
            items="Count\r\n\r\n Order 48 \r\nPay",
        ),
        "/dashboard",
    )
    says(visitor, "/dashboard", "Added: Restock <b>mugs</b>")
    shown = visitor.get("/dashboard")
    assert texts(shown, "h3") == ["Restock <b>mugs</b>"]
    assert texts(shown, "span", **{"class": "overdue"}) == ["Overdue"]


@pytest.fixture
def todo(alice: Actor) -> Any:
    """Return a todo of Alice's with a checklist."""
    return alice.post("/api/todos", a_todo(items=[{"text": "a"}, {"text": "b"}])).json


def test_a_todo_is_completed_and_reopened(visitor: DifferentialVisitor, todo: Any) -> None:
    toggle = f"/dashboard/todos/{todo['id']}/toggle"
    leads(visitor.submit(toggle, page="/dashboard"), "/dashboard")
    says(visitor, "/dashboard", f"Completed: {todo['title']}")
    assert texts(visitor.get("/dashboard?status=done"), "h3") == [todo["title"]]
    leads(visitor.submit(toggle, page="/dashboard"), "/dashboard")
    says(visitor, "/dashboard", f"Reopened: {todo['title']}")


def test_steps_are_moved(visitor: DifferentialVisitor, todo: Any) -> None:
    first, second = (item["id"] for item in todo["items"])
    steps = f"/dashboard/todos/{todo['id']}/items"
    for item, way, order in (
        (first, "down", ["b", "a"]),
        (first, "up", ["a", "b"]),
        (first, "up", ["a", "b"]),
        (second, "down", ["a", "b"]),
    ):
        leads(visitor.submit(f"{steps}/{item}/{way}", page="/dashboard"), "/dashboard")
        found = [text.split()[0] for text in texts(visitor.get("/dashboard"), "li")]
        assert [text for text in found if text in {"a", "b"}] == order
    assert visitor.submit(f"{steps}/{NOWHERE}/up", page="/dashboard").status == 404


def test_a_todo_is_deleted_after_a_question(visitor: DifferentialVisitor, todo: Any) -> None:
    page = f"/dashboard/todos/{todo['id']}/delete"
    assert texts(visitor.get(page), "h1") == ["Delete a todo"]
    leads(visitor.submit(page), "/dashboard")
    says(visitor, "/dashboard", f"Deleted: {todo['title']}")
    assert visitor.get(page).status == 404


def test_todos_of_others_do_not_exist(bob: Actor, todo: Any) -> None:
    visitor = logged_in(bob)
    for way in ("toggle", "delete", f"items/{todo['items'][0]['id']}/down"):
        answer = visitor.submit(f"/dashboard/todos/{todo['id']}/{way}", page="/dashboard")
        assert answer.status == 404


@pytest.mark.parametrize(
    ("form", "name", "text"),
    [
        ({"title": " "}, "title", CODES["blank"]),
        ({"title": "x" * 201}, "title", detail("too_long", 200)),
        ({"priority": "soon"}, "priority", "Must be one of: low, normal, high, urgent."),
        ({"due_on": "tomorrow"}, "due_on", detail("invalid_format.date-time")),
        ({"due_on": "2026-02-30"}, "due_on", detail("invalid_format.date-time")),
        ({"tags": "A b"}, "tags", detail("invalid_format.slug")),
        ({"items": "x" * 501}, "items", "or fewer characters."),
    ],
)
def test_a_todo_is_refused_by_the_contracts_rules(
    visitor: DifferentialVisitor, form: dict[str, str], name: str, text: str
) -> None:
    refuses(
        visitor.submit("/dashboard", **{"title": "A", "priority": "normal", **form}), **{name: text}
    )
    assert "Nothing to do." in texts(visitor.get("/dashboard?status=all"), "p")


@pytest.mark.parametrize(
    "query",
    ["", "?status=all", "?status=overdue", "?q=mug", "?status=&q=", "?status=soon", "?cursor=x"],
)
def test_the_dashboard_filters(visitor: DifferentialVisitor, todo: Any, query: str) -> None:
    answer = visitor.get(f"/dashboard{query}")
    assert answer.status == (400 if query in {"?status=soon", "?cursor=x"} else 200)


def test_the_dashboard_goes_on_by_cursors(visitor: DifferentialVisitor, alice: Actor) -> None:
    todos = [a_todo(title=f"Todo {number}") for number in range(21)]
    assert alice.post("/api/todos/bulk", {"todos": todos}).status == 201
    first = visitor.get("/dashboard")
    assert len(texts(first, "h3")) == 20
    target = hrefs(first).partition('class="button plain" href="')[2].partition('"')[0]
    assert len(texts(visitor.get(target.replace("&amp;", "&")), "h3")) == 1


# The account


def test_the_account(visitor: DifferentialVisitor, alice: Actor) -> None:
    answer = visitor.get("/account")
    assert texts(answer, "dd")[0] == alice.username
    assert texts(answer, "h2") == ["Email", "Password", "Tokens", "Close the account"]


def test_the_email_is_changed(visitor: DifferentialVisitor, alice: Actor, bob: Actor) -> None:
    page = {"page": "/account"}
    new = f"{alice.username}@example.org"
    leads(visitor.submit("/account/email", **page, email=new), "/account")
    says(visitor, "/account", "Your email is changed.")
    assert alice.get("/api/users/me").json["email"] == new
    refuses(
        visitor.submit("/account/email", **page, email="x"), email=detail("invalid_format.email")
    )
    taken = f"{bob.username}@example.com"
    refuses(visitor.submit("/account/email", **page, email=taken), email=CODES["taken"])


def test_the_password_is_changed(visitor: DifferentialVisitor, alice: Actor) -> None:
    other = logged_in(alice)
    form = {"current_password": alice.password, "new_password": PASSWORD}
    wrong = {**form, "current_password": "wrong"}
    refuses(
        visitor.submit("/account/password", page="/account", **wrong),
        current_password=CODES["incorrect_password"],
    )
    refuses(
        visitor.submit("/account/password", page="/account", **{**form, "new_password": "short"}),
        new_password=detail("too_short", 8),
    )
    leads(visitor.submit("/account/password", page="/account", **form), "/account")
    says(visitor, "/account", "Your password is changed. You are logged out everywhere else.")
    assert other.get("/account").status == 303
    assert alice.get("/api/users/me").status == 401


def test_a_token_is_made_shown_once_and_revoked(visitor: DifferentialVisitor, alice: Actor) -> None:
    before = alice.get("/api/tokens").json["items"]
    answer = visitor.submit("/account/tokens", page="/account")
    assert answer.status == 201
    token = texts(answer, "code")[0]
    assert alice.client.request("GET", "/api/users/me", token=token).status == 200
    assert token not in visitor.get("/account").body.decode()
    known = {each["id"] for each in before}
    [made] = [each for each in alice.get("/api/tokens").json["items"] if each["id"] not in known]
    revoke = f"/account/tokens/{made['id']}/revoke"
    leads(visitor.submit(revoke, page="/account"), "/account")
    says(visitor, "/account", "The token is revoked.")
    assert alice.client.request("GET", "/api/users/me", token=token).status == 401
    assert visitor.submit(revoke, page="/account").status == 404


def test_tokens_of_others_do_not_exist(visitor: DifferentialVisitor, bob: Actor) -> None:
    [theirs] = bob.get("/api/tokens").json["items"]
    revoke = f"/account/tokens/{theirs['id']}/revoke"
    assert visitor.submit(revoke, page="/account").status == 404
    assert bob.get("/api/users/me").status == 200


def test_the_account_is_closed_after_a_question(visitor: DifferentialVisitor, alice: Actor) -> None:
    assert texts(visitor.get("/account/close"), "h1") == ["Close your account"]
    refuses(
        visitor.submit("/account/close", password="wrong"), password=CODES["incorrect_password"]
    )
    refuses(visitor.submit("/account/close"), password=detail("too_short", 1))
    leads(visitor.submit("/account/close", password=alice.password), "/")
    says(visitor, "/", "Your account is closed.")
    assert alice.get("/api/users/me").status == 401
    assert visitor.get("/account").status == 303


# Documentation


def test_the_documentation(stranger: DifferentialVisitor) -> None:
    answer = stranger.get("/docs")
    assert answer.status == 200
    assert texts(answer, "h1") == ["API documentation"]


def test_a_session_is_none_to_the_api(client: DifferentialClient) -> None:
    visitor = logged_in(register(client, "apart"))
    answer = visitor.get("/api/users/me")
    assert answer.status == 401
    assert "set-cookie" not in answer.headers
