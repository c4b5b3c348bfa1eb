"""What happens when something changes between a look and a write."""

from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.contrib.auth.hashers import check_password
from django.db import OperationalError, connection
from rest_framework import validators

from drf_api.accounts import models
from drf_api.accounts.authentication import BearerAuthentication
from drf_api.accounts.models import Token, User
from drf_api.accounts.serializers import UserSerializer
from drf_api.accounts.views import TokenDetail
from drf_api.contract.database import ATTEMPTS
from drf_api.contract.idempotency import IdempotencyKey
from drf_api.products.models import Product
from drf_api.products.views import ProductList
from drf_api.tests.conftest import Call
from drf_api.tests.web import Browser, text
from drf_api.todos.models import Todo
from drf_api.todos.serializers import ProductField

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCT = {"sku": "MUG", "name": "n", "category": "c", "price": "1.00", "currency": "EUR"}


def lying_once(method: Any, lie: Any) -> Any:
    """Let a look-up see what was true a moment ago, the first time."""
    calls: list[int] = []

    def first_lies(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return lie if len(calls) == 1 else method(self, *args, **kwargs)

    return first_lies


def test_a_taken_username_is_found_by_the_constraint(call: Call, alice: User) -> None:
    data = {"username": "alice", "email": "ALICE@example.com", "password": "x" * 8}
    check_email = lying_once(UserSerializer.validate_email, data["email"])
    with (
        patch.object(validators, "qs_exists", lying_once(validators.qs_exists, lie=False)),
        patch.object(UserSerializer, "validate_email", check_email),
    ):
        answer = call("POST", "/api/users", data)
    assert answer.status == 409
    assert [error["pointer"] for error in answer.json["errors"]] == ["/email", "/username"]


def test_a_taken_sku_is_found_by_the_constraint(call: Call, sam_token: str) -> None:
    assert call("POST", "/api/products", PRODUCT, sam_token).status == 201
    with patch.object(validators, "qs_exists", lying_once(validators.qs_exists, lie=False)):
        answer = call("POST", "/api/products", PRODUCT, sam_token)
    assert answer.status == 409
    assert [error["pointer"] for error in answer.json["errors"]] == ["/sku"]


def test_a_product_that_disappears_is_not_found(call: Call, alice_token: str) -> None:
    product = Product.objects.create(**PRODUCT)
    gone = Product(pk=product.pk)
    product.delete()
    find = lying_once(ProductField.to_internal_value, gone)
    with patch.object(ProductField, "to_internal_value", find):
        data = {"title": "x", "product_id": str(gone.pk)}
        answer = call("POST", "/api/todos", data, alice_token)
    assert answer.status == 422
    assert answer.json["errors"][0]["code"] == "not_found"


def change_at_the_first_look(password: str) -> Any:
    """Let another request change Alice's password just after it has been verified."""
    calls: list[int] = []

    def verify(*args: Any, **kwargs: Any) -> bool:
        is_right = check_password(*args, **kwargs)
        calls.append(1)
        if len(calls) == 1:
            alice = User.objects.get(username="alice")
            assert alice.change_password(password, keep=Token.objects.first())
        return is_right

    return patch.object(models, "check_password", verify)


@pytest.mark.parametrize(("changed_to", "status"), [("alice-password", 201), ("another", 401)])
def test_a_login_during_a_change_is_verified_against_the_new_password(
    call: Call, alice: User, changed_to: str, status: int
) -> None:
    with change_at_the_first_look(changed_to):
        data = {"username": "alice", "password": "alice-password"}
        assert call("POST", "/api/tokens", data).status == status


@pytest.mark.parametrize(("changed_to", "status"), [("alice-password", 204), ("another", 422)])
def test_a_change_during_a_change_is_verified_against_the_new_password(
    call: Call, alice: User, alice_token: str, changed_to: str, status: int
) -> None:
    with change_at_the_first_look(changed_to):
        data = {"current_password": "alice-password", "new_password": "a new password"}
        answer = call("PUT", "/api/users/me/password", data, alice_token)
    assert answer.status == status


def test_a_caller_who_disappears_has_no_valid_token(
    call: Call, alice: User, alice_token: str
) -> None:
    token = Token.objects.select_related("user").get()
    User.objects.all().delete()
    authenticate = lying_once(BearerAuthentication.authenticate, (token.user, token))
    with patch.object(BearerAuthentication, "authenticate", authenticate):
        answer = call("POST", "/api/todos", {"title": "x"}, alice_token)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_that_is_revoked_twice_at_once(call: Call, alice: User, alice_token: str) -> None:
    other = Token.objects.issue(alice)
    find = TokenDetail.get_object

    def find_and_revoke(view: TokenDetail) -> Token:
        found: Token = find(view)
        Token.objects.filter(pk=found.pk).delete()
        return found

    with patch.object(TokenDetail, "get_object", find_and_revoke):
        assert call("DELETE", f"/api/tokens/{other.pk}", None, alice_token).status == 404


def test_an_account_that_gets_a_todo_while_it_is_closed(browser: Browser, alice: User) -> None:
    browser.log_in("alice")
    key, delete, calls = alice.pk, User.delete, list[int]()

    def add_a_todo_once(self: User) -> Any:
        found = delete(self)
        if not calls:
            Todo.objects.create(owner_id=key, title="late")
        calls.append(1)
        return found

    with patch.object(User, "delete", add_a_todo_once):
        page = browser.submit("/account/close", password="alice-password")
    assert (page.status_code, page["Location"]) == (303, "/")
    assert not User.objects.exists()


def test_a_statement_that_is_wrong_is_a_fault(call: Call, alice_token: str) -> None:
    def go_wrong(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        return execute("SELECT 1 FROM nowhere", None, many, context)

    with connection.execute_wrapper(go_wrong):
        assert call("GET", "/api/todos", token=alice_token).status == 500


def test_a_conflict_that_stays_is_503(call: Call, sam_token: str) -> None:
    assert call("POST", "/api/products", PRODUCT, sam_token).status == 201
    authenticate = BearerAuthentication().authenticate
    with (
        patch.object(validators, "qs_exists", Mock(return_value=False)) as look,
        patch.object(BearerAuthentication, "authenticate", side_effect=authenticate) as caller,
    ):
        answer = call("POST", "/api/products", PRODUCT, sam_token, **{"Idempotency-Key": "k"})
    assert look.call_count == caller.call_count == ATTEMPTS
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json["type"] == "/api/problems/service-unavailable"
    assert Product.objects.count() == 1
    assert not IdempotencyKey.objects.exists()


def test_a_conflict_that_stays_is_a_page_to_people(browser: Browser, alice: User) -> None:
    with (
        patch.object(validators, "qs_exists", Mock(return_value=False)),
        patch.object(UserSerializer, "validate_email", lambda _, email: email),
    ):
        page = browser.submit("/register", username="alice", email="a@b.example", password="x" * 8)
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "Service unavailable" in text(page)


def test_what_nobody_else_has_caused_is_not_tried_again(call: Call, sam_token: str) -> None:
    attempts: list[int] = []

    def save_without_name(view: Any, serializer: Any) -> None:
        attempts.append(1)
        serializer.save(name=None)

    with patch.object(ProductList, "perform_create", save_without_name):
        assert call("POST", "/api/products", PRODUCT, sam_token).status == 500
    assert attempts == [1]


def test_a_failing_database_is_503(call: Call, alice_token: str) -> None:
    failure = OperationalError("the server closed the connection")
    with connection.execute_wrapper(Mock(side_effect=failure)):
        for path in ("/api/products", "/api/todos", "/api/products/summary"):
            answer = call("GET", path, token=alice_token)
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "5"
            assert answer.json["type"] == "/api/problems/service-unavailable"
