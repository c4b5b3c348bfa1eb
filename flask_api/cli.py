"""Commands, such as `flask --app flask_api seed`, and the names that `flask shell` knows."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import click
from flask import Flask
from flask.cli import with_appcontext
from marshmallow import ValidationError
from sqlalchemy import delete, not_, select
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from flask_api.accounts.models import Token, User, hash_password
from flask_api.accounts.schemas import UserSchema
from flask_api.contract.database import Model, db, now, transaction
from flask_api.contract.errors import pointer_errors
from flask_api.contract.idempotency import IdempotencyKey
from flask_api.contract.openapi import contract
from flask_api.products.models import Product, StockAdjustment
from flask_api.todos.models import ChecklistItem, Priority, Tag, Todo
from flask_api.web.models import LoginSession

Entry = dict[str, Any]


class DatabaseCommand(click.Command):
    """A command that says in one line why the database can't be used."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (OperationalError, ProgrammingError) as error:  # the second: a table is missing
            reason, _, _ = str(error.orig).partition("\n")  # PostgreSQL shows the statement, too
            is_missing = "no such table" in reason or isinstance(error, ProgrammingError)
            hint = " (has `flask db upgrade` been run?)" if is_missing else ""
            raise click.ClickException(f"the database can't be used: {reason}{hint}") from error


@click.command(cls=DatabaseCommand)
@with_appcontext
def seed() -> None:
    """Load the contract's demo data: users, products and todos."""
    try:
        load(contract().demo_data)
    except IntegrityError as error:
        raise click.ClickException(
            f"something in the database has a name of the demo data's ({error.orig}): "
            "nothing was changed; load it into an empty database"
        ) from error


def load(demo: Mapping[str, Any]) -> None:
    """Store the demo data, unless it is there already."""
    with transaction():
        ids = [UUID(entry["id"]) for entry in demo["users"]]
        if db.session.scalars(select(User.id).where(User.id.in_(ids))).first():
            click.echo("The demo data is there already: nothing was changed.")
            return
        users = {entry["username"]: user(entry) for entry in demo["users"]}
        products = {entry["sku"]: product(entry, users) for entry in demo["products"]}
        db.session.add_all([*users.values(), *products.values()])
        tags = Tag.get_or_create({slug for entry in demo["todos"] for slug in entry["tags"]})
        todos = [todo(entry, users, products, tags) for entry in demo["todos"]]
        db.session.add_all(todos)
    click.echo(f"Loaded {len(users)} users, {len(products)} products and {len(todos)} todos.")
    for entry in demo["users"]:
        click.echo(
            f"{entry['username']}: {entry['password']}{' (staff)' if entry['is_staff'] else ''}"
        )


def user(entry: Entry) -> User:
    """Make a user with a password."""
    return User(**{**parsed(entry), "password": hash_password(entry["password"])})


def product(entry: Entry, users: dict[str, User]) -> Product:
    """Make a product whose stock is the sum of its adjustments."""
    values = parsed(entry)
    movements = values.pop("stock_adjustments")
    made = Product(**{**values, "price": Decimal(values["price"]), "stock": 0})
    for movement in movements:
        made.stock += movement["delta"]
        author = users[movement["created_by"]]
        values = {**parsed(movement), "balance": made.stock, "created_by": author}
        made.adjustments.append(StockAdjustment(**values))
    return made


def todo(
    entry: Entry, users: dict[str, User], products: dict[str, Product], tags: dict[str, Tag]
) -> Todo:
    """Make a todo with its tags and items."""
    values = {
        **parsed(entry),
        "owner": users[entry["owner"]],
        "priority": Priority[entry["priority"]],
        "tags": [tags[slug] for slug in entry["tags"]],
        "items": [ChecklistItem(**parsed(item)) for item in entry["items"]],
        "product": products.get(entry["product"]),
    }
    return Todo(**values)


def parsed(entry: Entry) -> Entry:
    """Parse an entry's id and times; all else stays as it is."""
    times = {
        name: datetime.fromisoformat(v) for name, v in entry.items() if name.endswith("_at") and v
    }
    return {**entry, "id": UUID(entry["id"]), **times}


@click.command(cls=DatabaseCommand)
@with_appcontext
def prune() -> None:
    """Delete expired tokens, and idempotency keys that are no longer remembered."""
    with transaction():
        connection = db.session.connection()
        tokens = connection.execute(delete(Token).where(not_(Token.is_valid())))
        keys = connection.execute(delete(IdempotencyKey).where(IdempotencyKey.is_forgotten()))
    click.echo(f"Deleted {tokens.rowcount} tokens and {keys.rowcount} idempotency keys.")


@click.command(cls=DatabaseCommand)
@with_appcontext
def clear_sessions() -> None:
    """Delete the pages' logins that have expired."""
    with transaction():
        expired = LoginSession.expires_at <= now()
        cleared = db.session.connection().execute(delete(LoginSession).where(expired))
    click.echo(f"Deleted {cleared.rowcount} sessions.")


class UserValue(click.ParamType[str]):
    """Validates an option with UserSchema; where it is prompted for, click asks again."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if param is None or param.name is None:
            return value
        try:
            UserSchema(only=[param.name]).load({param.name: value})
        except ValidationError as error:
            errors = [each.render() for each in pointer_errors(error.messages_dict)]
            self.fail("; ".join(each["detail"] for each in errors), param, ctx)
        return value


@click.command("create-staff", cls=DatabaseCommand)
@click.option("--username", prompt=True, type=UserValue())
@click.option("--email", prompt=True, type=UserValue())
@click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    type=UserValue(),
    help="Better left out, or in FLASK_CREATE_STAFF_PASSWORD: other users see a command's options.",
)
@with_appcontext
def create_staff(username: str, email: str, password: str) -> None:
    """Create a member of staff, by the rules of the API; asks for what is not given."""
    with transaction():
        if taken := User.find_conflicts(username, email):
            raise click.ClickException(f"{' and '.join(taken)}: taken already.")
        stored = hash_password(password)
        db.session.add(User(username=username, email=email, password=stored, is_staff=True))
    click.echo(f"Created {username}, who is staff.")


def shell_context() -> dict[str, Any]:
    """Name in `flask shell` what one would import first: the database and the models."""
    models = {mapper.class_.__name__: mapper.class_ for mapper in Model.registry.mappers}
    return {"db": db, **models}


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(seed)
    app.cli.add_command(prune)
    app.cli.add_command(create_staff)
    app.cli.add_command(clear_sessions)
    app.shell_context_processor(shell_context)
