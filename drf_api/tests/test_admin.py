"""The admin site, with what a reader adds to it and what others change meanwhile."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

# In a program of its own, as the tests' has no admin site, nor a table for its log.
PROGRAM = """
import json
from unittest.mock import patch
from drf_api.wsgi import application
from django.contrib import admin
from django.core.management import call_command
from django.test import RequestFactory
from rest_framework.serializers import ValidationError
from drf_api.accounts.models import User
from drf_api.products.models import Product
from drf_api.products.serializers import ProductSerializer
from drf_api.todos.models import Tag, Todo

call_command("migrate", verbosity=0)
request = RequestFactory().get("/")
products = admin.site.get_model_admin(Product)
mug = {"sku": "MUG", "name": "Mug", "category": "kitchen", "price": "1.00", "currency": "EUR"}
product = Product.objects.create(**mug)

def export(model):
    answer = admin.site.get_model_admin(model).export_csv(request, model.objects.all())
    return answer.content.decode().splitlines()

def export_rows_without_columns():
    Tag.objects.ensure(["lid", "tin"])
    return export(Tag)

def export_columns_of_the_site():
    def caption(product):
        return f"={product.sku}"
    kind = type(products)
    with patch.object(kind, "list_display", ["sku", "loud", caption]):
        with patch.object(kind, "loud", lambda _, product: product.name.upper(), create=True):
            return export(Product)

def errors_above_the_form(detail):
    with patch.object(ProductSerializer, "validate", side_effect=ValidationError(detail)):
        form = products.get_form(request, product, change=True)(mug, instance=product)
        return form.non_field_errors()

def delete_while_a_todo_is_added():
    user = User.objects.create_user("alice", "alice@example.com", "alice-password")
    key, delete, calls = user.pk, User.delete, []
    def add_once(self):
        delete(self)
        if not calls:
            Todo.objects.create(owner_id=key, title="late")
        calls.append(1)
    with patch.object(User, "delete", add_once):
        admin.site.get_model_admin(User).delete_queryset(request, User.objects.all())
    return [User.objects.count(), len(calls)]

def result(scene, *args):
    try:
        return scene(*args)
    except Exception as error:
        return repr(error)

print(json.dumps({
    "rows without columns": result(export_rows_without_columns),
    "columns of the site": result(export_columns_of_the_site),
    "an error of no field": result(errors_above_the_form, "Too odd."),
    "an error of another field": result(errors_above_the_form, {"stock": "Too odd."}),
    "a todo during a deletion": result(delete_while_a_todo_is_added),
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what each scene of the program ends in."""
    settings = {
        "ADMIN_ENABLED": "true",
        "DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('admin')}/new",
        "SECRET_KEY": "a-very-random-text-0123456789-of-enough-length",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    scenes: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return scenes


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        ("rows without columns", ["__str__", "lid", "tin"]),
        ("columns of the site", ["sku,loud,caption", "MUG,MUG,'=MUG"]),
        ("an error of no field", ["Too odd."]),
        ("an error of another field", ["Too odd."]),
        ("a todo during a deletion", [0, 2]),
    ],
)
def test_scene(found: dict[str, Any], scene: str, expected: Any) -> None:
    assert found[scene] == expected
