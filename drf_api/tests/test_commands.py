"""The commands `seed` and `prune`."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Sum
from django.utils import timezone

from drf_api.accounts.models import Token, User
from drf_api.contract.idempotency import IdempotencyKey
from drf_api.products.models import Product
from drf_api.tests.conftest import Call
from drf_api.todos.models import Todo


def run(command: str) -> str:
    output = StringIO()
    call_command(command, stdout=output)
    return output.getvalue()


def test_seed_loads_the_demo_data_once(db: None, call: Call) -> None:
    assert run("seed").splitlines() == [
        "Loaded 3 users, 60 products and 40 todos.",
        "alice / alice-demo-password",
        "bob / bob-demo-password",
        "sam / sam-demo-password (staff)",
    ]
    counts = User.objects.count(), Product.objects.count(), Todo.objects.count()
    assert "nothing was changed" in run("seed")
    assert counts == (User.objects.count(), Product.objects.count(), Todo.objects.count())
    product = call("GET", "/api/products/019b8d49-3204-73bf-8e08-6130bb92870b").json
    assert product["updated_at"] == "2026-02-21T16:26:01.481952Z"
    assert product["stock"] == 6
    moved = Product.objects.annotate(moved=Sum("stock_adjustments__delta", default=0))
    assert not moved.exclude(stock=F("moved")).exists()


def test_seed_names_what_is_in_its_way(alice: User) -> None:
    with pytest.raises(CommandError, match=r"a name of the demo data's .*uq_users_"):
        run("seed")
    assert User.objects.get() == alice


def test_prune_deletes_what_is_of_no_use(alice: User) -> None:
    now = timezone.now()
    Token.objects.issue(alice)
    Token.objects.issue(alice)
    Token.objects.filter(pk=Token.objects.all()[0].pk).update(expires_at=now)
    for hours in (23, 25, 26):
        created_at = now - timedelta(hours=hours)
        IdempotencyKey.objects.create(scope="anonymous", key=str(hours), created_at=created_at)
    assert run("prune") == "Deleted 1 expired tokens and 2 idempotency keys.\n"
    assert Token.objects.count() == 1
    assert IdempotencyKey.objects.get().key == "23"
