"""A few rows, the same as the other program's."""

from django.contrib.auth.models import User
from django.core.management import call_command

from comparison.plain.django_plain.models import Category, Item, Product, Todo
from comparison.plain.rows import CATEGORIES, PRODUCTS, TODOS, USERS


def seed():
    call_command("migrate", run_syncdb=True, verbosity=0)
    for row in USERS:
        User.objects.create_user(**row)
    categories = {name: Category.objects.create(name=name) for name in CATEGORIES}
    for row in PRODUCTS:
        fields = {name: row[name] for name in ("sku", "name", "price", "stock")}
        product = Product.objects.create(**fields)
        product.categories.set(categories[name] for name in row["categories"])
    for row in TODOS:
        owner = User.objects.get(username=row["owner"])
        fields = {name: row[name] for name in ("title", "tags", "due_at")}
        todo = Todo.objects.create(owner=owner, **fields)
        for text in row["items"]:
            Item.objects.create(todo=todo, text=text)
    # auto_now_add takes no time that is given.
    Product.objects.update(created_at=PRODUCTS[0]["created_at"])
    Todo.objects.update(created_at=TODOS[0]["created_at"])
