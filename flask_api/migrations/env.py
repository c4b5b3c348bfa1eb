"""How Alembic reaches the application's database."""

from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy.exc import OperationalError

from flask_api.contract.database import writing

extension = current_app.extensions["migrate"]
db = extension.db


def is_ours(name, kind, _parents):
    """Leave tables alone that no model has: on this database Django keeps some of its own."""
    return kind != "table" or name in db.metadata.tables


try:
    with db.engine.connect().execution_options(**writing()) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_name=is_ours,
            **extension.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
except OperationalError as error:
    # Flask-Migrate shows such an error as one line.
    raise CommandError(f"the database can't be used: {error.orig}") from error
