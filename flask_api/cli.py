"""Commands: `flask --app flask_api seed` and `… prune`."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import delete, not_, select

from flask_api.accounts.models import Token, User, hash_password
from flask_api.core.contract import contract
from flask_api.core.database import db, transaction
from flask_api.core.idempotency import IdempotencyKey
from flask_api.products.models import Product, StockAdjustment
from flask_api.todos.models import Item, Priority, Todo

Entry = dict[str, Any]


@click.command()
@with_appcontext
def seed() -> None:
    """Load the contract's demo data: users, products and todos."""
    demo = contract().document["x-demo-data"]
    with transaction():
        ids = [UUID(entry["id"]) for entry in demo["users"]]
        if db.session.scalars(select(User.id).where(User.id.in_(ids))).first():
            click.echo("The demo data is there already: nothing was changed.")
            return
        users = {entry["username"]: user(entry) for entry in demo["users"]}
        products = {entry["sku"]: product(entry, users) for entry in demo["products"]}
        db.session.add_all([*users.values(), *products.values()])
        todos = [todo(entry, users, products) for entry in demo["todos"]]
        Todo.add(todos)
    click.echo(f"Loaded {len(users)} users, {len(products)} products and {len(todos)} todos.")
    for entry in demo["users"]:
        click.echo(f"{entry['username']}: {entry['password']}{' (staff)' * entry['is_staff']}")


def user(entry: Entry) -> User:
    """Make a user with a password."""
    return User(**{**identity(entry), "password": hash_password(entry["password"])})


def product(entry: Entry, users: dict[str, User]) -> Product:
    """Make a product whose stock is the sum of its adjustments."""
    values = identity(entry)
    movements = values.pop("stock_adjustments")
    made = Product(**{**values, "price": Decimal(values["price"]), "stock": 0})
    for movement in movements:
        made.stock += movement["delta"]
        values = {**identity(movement), "product_id": made.id, "balance": made.stock}
        values["created_by_id"] = users[values.pop("created_by")].id
        db.session.add(StockAdjustment(**values))
    return made


def todo(entry: Entry, users: dict[str, User], products: dict[str, Product]) -> Entry:
    """Make a todo's values, with its tags and items."""
    values = identity(entry)
    values["owner_id"] = users[values.pop("owner")].id
    sku = values.pop("product")
    values["product_id"] = products[sku].id if sku else None
    values["priority"] = Priority[values["priority"]]
    values["items"] = [Item(**identity(item)) for item in values["items"]]
    return values


def identity(entry: Entry) -> Entry:
    """Read an entry's id and times; all else stays as it is."""
    times = {
        name: datetime.fromisoformat(v) for name, v in entry.items() if name.endswith("_at") and v
    }
    return {**entry, "id": UUID(entry["id"]), **times}


@click.command()
@with_appcontext
def prune() -> None:
    """Delete expired tokens, and idempotency keys that are no longer remembered."""
    with transaction():
        connection = db.session.connection()
        tokens = connection.execute(delete(Token).where(not_(Token.is_valid())))
        keys = connection.execute(delete(IdempotencyKey).where(IdempotencyKey.is_forgotten()))
    click.echo(f"Deleted {tokens.rowcount} tokens and {keys.rowcount} idempotency keys.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(seed)
    app.cli.add_command(prune)
