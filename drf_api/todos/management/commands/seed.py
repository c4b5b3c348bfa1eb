"""Load the demo data of the contract."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from drf_api.accounts.models import User
from drf_api.contract.openapi import DEMO_DATA
from drf_api.products.models import Product, StockAdjustment
from drf_api.todos.models import ChecklistItem, Priority, Tag, Todo, TodoTag


class Command(BaseCommand):
    """Loads `x-demo-data`, with exactly its ids and times."""

    help = "Load the demo users, products and todos of openapi.yaml, unless they are there already."
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.load()
        except IntegrityError as error:
            raise CommandError(
                f"something in the database has a name of the demo data's ({error}): "
                "nothing was changed; load it into an empty database"
            ) from error

    def load(self) -> None:
        """Store the demo data, unless it is there already."""
        with transaction.atomic():
            if User.objects.filter(pk__in=[user["id"] for user in DEMO_DATA["users"]]).exists():
                self.stdout.write("The demo data is there already: nothing was changed.")
                return
            users = self.load_users(DEMO_DATA["users"])
            products = self.load_products(DEMO_DATA["products"], users)
            self.load_todos(DEMO_DATA["todos"], users, products)
        counts = f"{len(users)} users, {len(products)} products and {len(DEMO_DATA['todos'])} todos"
        self.stdout.write(f"Loaded {counts}.")
        for user in DEMO_DATA["users"]:
            staff = " (staff)" if user["is_staff"] else ""
            self.stdout.write(f"{user['username']} / {user['password']}{staff}")

    def load_users(self, entries: list[dict[str, Any]]) -> dict[str, User]:
        """Return the users by their names."""
        users = User.objects.bulk_create(
            User(**{**entry, "password": make_password(entry["password"])}) for entry in entries
        )
        return {user.username: user for user in users}

    def load_products(
        self, entries: list[dict[str, Any]], users: dict[str, User]
    ) -> dict[str, Product]:
        """Return the products by their skus; the stock is the sum of the adjustments."""
        products, adjustments = {}, []
        for entry in entries:
            values = {name: entry[name] for name in entry if name != "stock_adjustments"}
            product = products[entry["sku"]] = Product(**values)
            for adjustment in entry["stock_adjustments"]:
                product.stock += adjustment["delta"]
                made = {**adjustment, "created_by": users[adjustment["created_by"]]}
                adjustments.append(StockAdjustment(**made, product=product, balance=product.stock))
        Product.objects.bulk_create(products.values())
        StockAdjustment.objects.bulk_create(adjustments)
        return products

    def load_todos(
        self,
        entries: list[dict[str, Any]],
        users: dict[str, User],
        products: dict[str, Product],
    ) -> None:
        """Load the todos with their tags and checklists."""
        todos, tags, items = [], [], []
        for entry in entries:
            values = {name: entry[name] for name in entry if name not in ("tags", "items")}
            values["owner"] = users[entry["owner"]]
            values["priority"] = Priority[entry["priority"].upper()]
            values["product"] = products.get(entry["product"])
            todo = Todo(**values)
            todos.append(todo)
            tags += [TodoTag(todo=todo, tag_id=slug) for slug in entry["tags"]]
            items += todo.checklist(entry["items"])
        Todo.objects.bulk_create(todos)
        Tag.objects.ensure(tag.tag_id for tag in tags)
        TodoTag.objects.bulk_create(tags)
        ChecklistItem.objects.bulk_create(items)
