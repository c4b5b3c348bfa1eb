"""What each page shows and does; how it is kept from others is in test_web_security.py."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from drf_api.accounts.models import Token, User
from drf_api.accounts.serializers import UserUpdateSerializer
from drf_api.contract.idempotency import IdempotencyKey
from drf_api.contract.openapi import CODES, PROBLEMS
from drf_api.products.filters import ProductQuery
from drf_api.products.models import Product
from drf_api.tests.conftest import Call
from drf_api.tests.web import Browser, errors, text
from drf_api.todos.models import ChecklistItem, Priority, Todo


def product_named(name: str, **values: Any) -> Product:
    given = {"category": "kitchen", "price": "14.50", "currency": "EUR", "sku": name.upper()}
    return Product.objects.create(name=name, **{**given, **values})


def names_in(response: Any) -> list[str]:
    return [product.name for product in response.context["rows"]]


# The catalogue


def test_the_catalogue_lists_what_is_for_sale(browser: Browser) -> None:
    product_named("Old", active=False)
    product_named("Mug", stock=6)
    product_named("Jug", category="table")
    answer = browser.get("/")
    assert names_in(answer) == ["Jug", "Mug"]
    assert "Mug 14.50 EUR 6 in stock" in text(answer)
    assert "Jug 14.50 EUR Out of stock" in text(answer)
    assert '<h2 class="name"><a href="/products/MUG">Mug</a></h2>' in answer.content.decode()
    assert "All kitchen table" in text(answer)
    assert '<a href="/" aria-current="page">Catalogue</a>' in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Cup", "Bowl", "Axe"]),
        ("q=cu", ["Cup"]),
        ("category=tools", ["Axe"]),
        ("category=nothing", []),
        ("min_price=10", ["Cup", "Axe"]),
        ("min_price=10.5&max_price=20.00", ["Cup"]),
        ("in_stock=true", ["Bowl"]),
        ("in_stock=false", ["Cup", "Axe"]),
        ("sort=name", ["Axe", "Bowl", "Cup"]),
        ("sort=-price", ["Axe", "Cup", "Bowl"]),
        ("q=&category=&min_price=&max_price=&sort=&cursor=", ["Cup", "Bowl", "Axe"]),
        ("unknown=1&limit=1", ["Cup", "Bowl", "Axe"]),
    ],
)
def test_the_catalogue_is_filtered_and_sorted(
    browser: Browser, query: str, found: list[str]
) -> None:
    product_named("Axe", category="tools", price="30.00")
    product_named("Bowl", price="5.00", stock=1)
    product_named("Cup", price="20.00")
    answer = browser.get(f"/?{query}")
    assert answer.status_code == 200
    assert names_in(answer) == found
    assert ("No products match." in text(answer)) == (not found)


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("min_price=x", "min_price", CODES["invalid_format"]["price"]),
        ("max_price=1.234", "max_price", CODES["invalid_format"]["price"]),
        ("category=A+B", "category", CODES["invalid_format"]["slug"]),
        ("in_stock=maybe", "in_stock", "Must be one of: true, false."),
        ("sort=stock", "sort", "Must be one of: -created_at, name, price, -price."),
        ("q=a&q=b", "q", CODES["repeated_parameter"]),
        ("q=a%00b", "q", CODES["null_character"]),
        ("cursor=nonsense", "", CODES["invalid_cursor"]),
    ],
)
def test_an_ill_formed_filter_is_shown_with_its_error(
    browser: Browser, product: Product, query: str, field: str, message: str
) -> None:
    answer = browser.get(f"/?{query}")
    assert answer.status_code == 400
    assert errors(answer) == {field: [message]}
    assert "Mug" not in text(answer)
    assert "No products match." not in text(answer)
    assert (f'aria-describedby="{field}-errors"' in answer.content.decode()) == bool(field)


def test_the_catalogue_has_pages(browser: Browser) -> None:
    for number in range(15):
        product_named(f"Cup {number:02}", sku=f"CUP-{number}")
    first = browser.get("/?sort=name&extra=1&q=")
    assert names_in(first) == [f"Cup {number:02}" for number in range(12)]
    following = first.context["next_url"]
    assert following.startswith("/?extra=1&q=&sort=name&cursor=")
    assert "Next page" in text(first)
    second = browser.get(following)
    assert names_in(second) == ["Cup 12", "Cup 13", "Cup 14"]
    assert "Next page" not in text(second)


def test_staff_see_the_catalogue_in_figures(sams: Browser, alice: User) -> None:
    heading = "The catalogue in figures"
    assert heading not in text(sams.get("/"))  # as there is nothing yet
    product_named("Mug", stock=6)
    product_named("Old", active=False, price="5.50")
    for query in ("", "?q=nothing", "?min_price=x"):
        shown = text(sams.get(f"/{query}"))
        assert shown.partition(heading)[2].startswith(
            " Category Products Units Lowest price Mean price Highest price Stock value Currency "
            "Open todos kitchen 2 6 5.50 10.00 14.50 87.00 EUR 0 "
        )
    stranger = Browser()
    assert heading not in text(stranger.get("/"))
    stranger.log_in("alice")
    assert heading not in text(stranger.get("/"))


# A product


def test_a_product_is_described(browser: Browser) -> None:
    product_named(
        "Mug", sku="MUG-1", description="Blue.", attributes={"size": "L", "colour": "blue"}
    )
    answer = browser.get("/products/MUG-1")
    assert (
        "Mug Blue. SKU MUG-1 Category kitchen Price 14.50 EUR Stock Out of stock colour blue size L"
        in text(answer)
    )
    assert "<title>Mug – Shop</title>" in answer.content.decode()
    assert "Move stock" not in text(answer)


def test_what_is_not_for_sale_is_there_for_staff_alone(sams: Browser, alice: User) -> None:
    product_named("Old", sku="OLD", active=False)
    assert "Old Not for sale." in text(sams.get("/products/OLD"))
    for stranger in (Browser(), Browser()):
        assert stranger.get("/products/OLD").status_code == 404
        stranger.log_in("alice")
    assert sams.get("/products/NONE").status_code == 404


def test_staff_move_stock(sams: Browser, product: Product) -> None:
    page = "/products/MUG-1"
    assert "No movements." in text(sams.get(page))
    moved = sams.submit(page, delta="+7", reason="received", note="First lot")
    assert (moved.status_code, moved["Location"]) == (303, page)
    shown = text(sams.get(page))
    assert "Stock is now 7." in shown
    assert "+7 Received First lot 7 sam" in shown
    assert "Stock is now 7." not in text(sams.get(page))
    assert sams.submit(page, delta="-3", reason="sold", note="").status_code == 303
    product.refresh_from_db()
    assert product.stock == 4
    assert text(sams.get(page)).index("-3 Sold 4 sam") < text(sams.get(page)).index("+7 Received")


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"delta": ""}, "delta", "Must be an integer."),
        ({"delta": "1.5"}, "delta", "Must be an integer."),
        ({"delta": "0"}, "delta", CODES["zero"]),
        ({"delta": "9" * 5000}, "delta", "Must be from -1000000 to 1000000."),
        ({"delta": "-1"}, "delta", CODES["insufficient_stock"]),
        (
            {"delta": "1", "reason": "lost"},
            "reason",
            "Must be one of: received, sold, returned, damaged, corrected.",
        ),
        ({"delta": "1", "note": "x" * 501}, "note", "Must have 500 or fewer characters."),
    ],
)
def test_a_wrong_movement_is_shown_again(
    sams: Browser, product: Product, fields: dict[str, str], field: str, message: str
) -> None:
    answer = sams.submit("/products/MUG-1", **{"reason": "sold", "note": "a note", **fields})
    assert answer.status_code == 422
    assert errors(answer) == {field: [message]}
    assert f'value="{fields.get("note", "a note")}"' in answer.content.decode()
    product.refresh_from_db()
    assert product.stock == 0


# Accounts


def test_registering_logs_in(browser: Browser) -> None:
    answer = browser.submit(
        "/register", username="carol", email="carol@example.com", password="carols-password"
    )
    assert (answer.status_code, answer["Location"]) == (303, "/dashboard")
    shown = text(browser.get("/dashboard"))
    assert "Welcome, carol." in shown
    assert "carol Log out" in shown
    assert User.objects.get(username="carol").check_password("carols-password")


def test_wrong_registrations_are_shown_again(browser: Browser, alice: User) -> None:
    answer = browser.submit("/register", username="A", email="nobody", password="short")
    assert answer.status_code == 422
    assert errors(answer) == {
        "username": ["Must have 3 or more characters."],
        "email": [CODES["invalid_format"]["email"]],
        "password": ["Must have 8 or more characters."],
    }
    body = answer.content.decode()
    assert 'value="A"' in body
    assert 'value="nobody"' in body
    assert "short" not in body
    assert 'aria-invalid="true" aria-describedby="username-hint username-errors"' in body
    empty = browser.submit("/register")
    assert errors(empty) == {
        "username": ["Must have 3 or more characters."],
        "email": [CODES["invalid_format"]["email"]],
        "password": ["Must have 8 or more characters."],
    }
    taken = browser.submit(
        "/register", username="alice", email="ALICE@example.com", password="long enough"
    )
    assert errors(taken) == {"username": [CODES["taken"]], "email": [CODES["taken"]]}


def test_logging_in_and_out(browser: Browser, alice: User) -> None:
    wrong = browser.log_in("alice", "wrong")
    assert wrong.status_code == 422
    assert errors(wrong) == {"": [PROBLEMS["invalid-credentials"].detail]}
    assert 'value="alice"' in wrong.content.decode()
    assert "wrong" not in text(wrong).replace(PROBLEMS["invalid-credentials"].detail, "")
    assert errors(browser.submit("/login")) == {
        "username": ["Must have 1 or more characters."],
        "password": ["Must have 1 or more characters."],
    }
    assert browser.log_in("alice")["Location"] == "/dashboard"
    for page in ("/login", "/register"):
        assert browser.get(page)["Location"] == "/dashboard"
    left = browser.submit("/dashboard", "/logout")
    assert (left.status_code, left["Location"]) == (303, "/")
    assert "You are logged out." in text(browser.get("/"))
    assert browser.get("/dashboard").status_code == 303


def test_an_account_is_shown(alices: Browser, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(created_at=datetime(2026, 2, 21, 16, 26, 1, 5, UTC))
    shown = alices.get("/account")
    assert "Username alice Member since 2026-02-21 16:26 UTC" in text(shown)
    assert '<time datetime="2026-02-21T16:26:01Z">' in shown.content.decode()
    assert 'value="alice@example.com"' in shown.content.decode()
    assert "No tokens." in text(shown)


def test_the_address_is_changed(alices: Browser, alice: User, sam: User) -> None:
    wrong = alices.submit("/account", "/account/email", email="SAM@example.com")
    assert wrong.status_code == 422
    assert errors(wrong) == {"email": [CODES["taken"]]}
    assert 'value="SAM@example.com"' in wrong.content.decode()
    right = alices.submit("/account", "/account/email", email="new@example.com")
    assert (right.status_code, right["Location"]) == (303, "/account")
    assert "Your email is changed." in text(alices.get("/account"))
    alice.refresh_from_db()
    assert alice.email == "new@example.com"


@pytest.mark.parametrize(
    ("serializer", "page", "status"),
    [(UserUpdateSerializer, "/account", 422), (ProductQuery, "/", 400)],
)
def test_a_rule_of_a_whole_serializer_is_above_the_form(
    alices: Browser, monkeypatch: pytest.MonkeyPatch, serializer: Any, page: str, status: int
) -> None:
    def validate(_: Any, attrs: Any) -> Any:
        raise ValidationError("Too odd.")

    monkeypatch.setattr(serializer, "validate", validate)
    if status == 400:
        answer = alices.get(page)
    else:
        answer = alices.submit(page, "/account/email", email="alice@example.com")
    assert (answer.status_code, errors(answer)) == (status, {"": ["Too odd."]})


def test_the_password_is_changed(alices: Browser, alice: User) -> None:
    Token.objects.issue(alice)

    def change(current: str, new: str) -> Any:
        return alices.submit(
            "/account", "/account/password", current_password=current, new_password=new
        )

    wrong = change("wrong", "another-password")
    assert wrong.status_code == 422
    assert errors(wrong) == {"current_password": [CODES["incorrect_password"]]}
    assert errors(change("alice-password", "short")) == {
        "new_password": ["Must have 8 or more characters."]
    }
    assert change("alice-password", "another-password")["Location"] == "/account"
    shown = text(alices.get("/account"))
    assert "Your password is changed. You are logged out everywhere else." in shown
    assert not Token.objects.exists()
    alice.refresh_from_db()
    assert alice.check_password("another-password")


def test_a_password_that_was_changed_meanwhile_has_ended_the_session(
    alices: Browser, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(User, "change_password", lambda *_: False)
    answer = alices.submit(
        "/account",
        "/account/password",
        current_password="alice-password",
        new_password="another-password",
    )
    assert (answer.status_code, answer["Location"]) == (303, "/login")


@pytest.mark.parametrize("change", [{"password": "another"}, None], ids=["changed", "closed"])
def test_an_account_that_changes_meanwhile_gets_no_other_email(
    alices: Browser, alice: User, monkeypatch: pytest.MonkeyPatch, change: dict[str, str] | None
) -> None:
    locked = User.objects.select_for_update

    def change_first() -> Any:
        accounts = User.objects.filter(pk=alice.pk)
        _ = accounts.update(**change) if change else accounts.delete()
        return locked()

    monkeypatch.setattr(User.objects, "select_for_update", change_first)
    answer = alices.submit("/account", "/account/email", email="new@example.com")
    assert (answer.status_code, answer["Location"]) == (303, "/login")
    assert not User.objects.filter(email="new@example.com").exists()


def test_tokens_are_made_shown_once_and_revoked(alices: Browser, alice: User, sam: User) -> None:
    made = alices.submit("/account", "/account/tokens")
    assert made.status_code == 201
    secret = made.context["secret"]
    assert f'<code class="secret">{secret}</code>' in made.content.decode()
    shown = alices.get("/account")
    assert secret not in shown.content.decode()
    assert "UTC never 2" in text(shown)
    token = Token.objects.get()
    others = Token.objects.issue(sam)
    for wrong in (others.pk, alice.pk):
        answer = alices.submit("/account", f"/account/tokens/{wrong}/revoke")
        assert answer.status_code == 404
    revoked = alices.submit("/account", f"/account/tokens/{token.pk}/revoke")
    assert revoked["Location"] == "/account"
    assert "The token is revoked." in text(alices.get("/account"))
    assert Token.objects.get() == others


def test_an_account_is_closed(alices: Browser, alice: User) -> None:
    Todo.objects.create(owner=alice, title="Mine")
    wrong = alices.submit("/account/close", password="wrong")
    assert wrong.status_code == 422
    assert errors(wrong) == {"password": [CODES["incorrect_password"]]}
    closed = alices.submit("/account/close", password="alice-password")
    assert (closed.status_code, closed["Location"]) == (303, "/")
    assert "Your account is closed." in text(alices.get("/"))
    assert not User.objects.exists()
    assert not Todo.objects.exists()
    assert alices.get("/account").status_code == 303


@pytest.mark.parametrize("door", ["the page", "the API"])
def test_the_keys_of_who_has_gone_are_forgotten(
    alices: Browser, call: Call, alice_token: str, sam_token: str, door: str
) -> None:
    for token in (alice_token, sam_token):
        todo = call("POST", "/api/todos", {"title": "Paint"}, token, **{"Idempotency-Key": "once"})
        assert todo.status == 201
    if door == "the page":
        assert alices.submit("/account/close", password="alice-password").status_code == 303
    else:
        assert call("DELETE", "/api/users/me", token=alice_token).status == 204
    [key] = IdempotencyKey.objects.all()
    assert key.scope == str(User.objects.get(username="sam").pk)


# The dashboard


def test_a_todo_is_added(alices: Browser, alice: User) -> None:
    assert "Nothing to do." in text(alices.get("/dashboard"))
    added = alices.submit(
        "/dashboard",
        title="Paint",
        priority="high",
        due_on="2020-02-29",
        tags="home  red home",
        items="Buy paint\r\n\r\n  Wash the wall ",
    )
    assert (added.status_code, added["Location"]) == (303, "/dashboard")
    answer = alices.get("/dashboard")
    shown = text(answer)
    assert "Added: Paint" in shown
    assert "Paint High priority · due 2020-02-29 23:59 UTC · Overdue · home, red" in shown
    assert '<span class="overdue">Overdue</span>' in answer.content.decode()
    todo = Todo.objects.get()
    assert todo.due_at == datetime(2020, 2, 29, 23, 59, 59, tzinfo=UTC)
    assert [item.text for item in todo.items.all()] == ["Buy paint", "Wash the wall"]
    assert todo.owner == alice


@pytest.mark.parametrize(
    ("fields", "field", "messages"),
    [
        ({"title": ""}, "title", ["Must have 1 or more characters."]),
        ({"title": "  "}, "title", [CODES["blank"]]),
        ({"title": "a\0b"}, "title", [CODES["null_character"]]),
        ({"priority": "x"}, "priority", ["Must be one of: low, normal, high, urgent."]),
        ({"due_on": "29.2.2020"}, "due_on", [CODES["invalid_format"]["date-time"]]),
        ({"due_on": "2021-02-29"}, "due_on", [CODES["invalid_format"]["date-time"]]),
        ({"tags": "A B ok"}, "tags", [CODES["invalid_format"]["slug"]]),
        ({"items": "x" * 201}, "items", ["Must have 200 or fewer characters."]),
        ({"items": "x\n" * 101}, "items", ["Must have 100 or fewer entries."]),
    ],
)
def test_a_wrong_todo_is_shown_again(
    alices: Browser, alice: User, fields: dict[str, str], field: str, messages: list[str]
) -> None:
    Todo.objects.create(owner=alice, title="Older")
    answer = alices.submit("/dashboard", **{"title": "Paint", "priority": "urgent", **fields})
    assert answer.status_code == 422
    assert errors(answer) == {field: messages}
    assert "Older" in text(answer)
    if "priority" not in fields:
        assert '<option value="urgent" selected>' in answer.content.decode()
    assert Todo.objects.get().title == "Older"


def test_todos_are_filtered(alices: Browser, alice: User, sam: User) -> None:
    past = timezone.now() - timedelta(days=1)
    Todo.objects.create(owner=alice, title="First", due_at=past)
    Todo.objects.create(owner=alice, title="Second", completed=True, due_at=past)
    Todo.objects.create(owner=alice, title="Third")
    Todo.objects.create(owner=sam, title="Not mine")

    def titles(query: str) -> list[str]:
        answer = alices.get(f"/dashboard?{query}")
        assert answer.status_code == 200
        return [todo.title for todo in answer.context["rows"]]

    assert titles("") == titles("status=open") == titles("status=") == ["Third", "First"]
    assert titles("status=overdue") == ["First"]
    assert titles("status=done") == ["Second"]
    assert titles("status=all&q=ir") == ["Third", "First"]
    wrong = alices.get("/dashboard?status=none")
    assert wrong.status_code == 400
    assert errors(wrong) == {"status": ["Must be one of: open, overdue, done, all."]}
    assert "Third" not in text(wrong)
    assert "Add a todo" in text(wrong)


def test_the_dashboard_has_pages(alices: Browser, alice: User) -> None:
    for number in range(21):
        Todo.objects.create(owner=alice, title=f"Todo {number}")
    first = alices.get("/dashboard?status=all")
    assert len(first.context["rows"]) == 20
    second = alices.get(first.context["next_url"])
    assert [todo.title for todo in second.context["rows"]] == ["Todo 0"]
    other = first.context["next_url"].replace("status=all", "status=done")
    assert alices.get(other).status_code == 400


def test_a_todo_is_completed_and_reopened(alices: Browser, alice: User) -> None:
    todo = Todo.objects.create(owner=alice, title="Paint", priority=Priority.LOW)
    shown = alices.get("/dashboard")
    assert 'aria-label="Complete: Paint">Complete</button>' in shown.content.decode()
    assert "Paint Low priority Complete" in text(shown)
    address = f"/dashboard/todos/{todo.pk}/toggle"
    assert alices.submit("/dashboard", address)["Location"] == "/dashboard"
    shown = alices.get("/dashboard?status=all")
    assert "Completed: Paint" in text(shown)
    assert '<li class="done">' in shown.content.decode()
    assert 'aria-label="Reopen: Paint">Reopen</button>' in shown.content.decode()
    todo.refresh_from_db()
    assert todo.completed
    assert todo.completed_at
    alices.submit("/dashboard", address)
    assert "Reopened: Paint" in text(alices.get("/dashboard"))
    todo.refresh_from_db()
    assert not todo.completed


def test_a_todo_is_deleted_once_that_is_confirmed(alices: Browser, alice: User) -> None:
    todo = Todo.objects.create(owner=alice, title="Paint")
    page = f"/dashboard/todos/{todo.pk}/delete"
    assert "Delete “Paint”? This can’t be undone." in text(alices.get(page))
    assert Todo.objects.exists()
    assert alices.submit(page)["Location"] == "/dashboard"
    assert "Deleted: Paint" in text(alices.get("/dashboard"))
    assert not Todo.objects.exists()


def test_checklists_are_reordered(alices: Browser, alice: User) -> None:
    todo = Todo.objects.create(owner=alice, title="Paint")
    steps: list[dict[str, Any]] = [{"text": "a", "done": True}, {"text": "b"}, {"text": "c"}]
    ChecklistItem.objects.bulk_create(todo.checklist(steps))
    ids = {item.text: item.pk for item in todo.items.all()}

    def move(step: str, way: str) -> str:
        answer = alices.submit("/dashboard", f"/dashboard/todos/{todo.pk}/items/{ids[step]}/{way}")
        assert (answer.status_code, answer["Location"]) == (303, "/dashboard")
        assert {item.text: item.pk for item in todo.items.all()} == ids
        return "".join(item.text for item in todo.items.all())

    shown = text(alices.get("/dashboard"))
    assert "a – done Down b Up Down c Up" in shown
    before = todo.updated_at
    assert move("a", "up") == "abc"
    todo.refresh_from_db()
    assert todo.updated_at == before
    assert move("a", "down") == "bac"
    assert "Moved: a" in text(alices.get("/dashboard"))
    assert move("c", "up") == "bca"
    assert move("a", "down") == "bca"
    assert todo.items.get(text="a").done
    todo.refresh_from_db()
    assert todo.updated_at > before


@pytest.mark.parametrize("address", ["toggle", "delete", "items/{item}/up", "items/{item}/down"])
def test_others_todos_do_not_exist(alices: Browser, alice: User, sam: User, address: str) -> None:
    todo = Todo.objects.create(owner=sam, title="Not mine")
    mine = Todo.objects.create(owner=alice, title="Mine")
    (item,) = ChecklistItem.objects.bulk_create(todo.checklist([{"text": "a"}]))
    for todo_id in (todo.pk, sam.pk):
        path = f"/dashboard/todos/{todo_id}/{address.format(item=item.pk)}"
        assert alices.submit("/dashboard", path).status_code == 404
    path = f"/dashboard/todos/{mine.pk}/items/{item.pk}/up"
    assert alices.submit("/dashboard", path).status_code == 404
    todo.refresh_from_db()
    assert not todo.completed


# The documentation


def test_the_documentation_is_offline(browser: Browser) -> None:
    answer = browser.get("/docs")
    body = answer.content.decode()
    assert "//" not in body.replace("<!doctype html>", "")
    assert "script-src 'self'; connect-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    for address in [
        "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css",
        "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js",
        "/static/web/docs.js",
    ]:
        assert f'"{address}"' in body
        file = browser.get(address)
        file.close()
        assert file.status_code == 200
