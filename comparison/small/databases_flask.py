"""Two databases at once with Flask-SQLAlchemy's binds; prints the tables of each."""

import json

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import inspect
from sqlalchemy.orm import Mapped, mapped_column

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
app.config["SQLALCHEMY_BINDS"] = {"log": "sqlite://"}
db = SQLAlchemy(app)


class Product(db.Model):  # type: ignore[name-defined,misc]
    """Something for sale."""

    id: Mapped[int] = mapped_column(primary_key=True)


class Visit(db.Model):  # type: ignore[name-defined,misc]
    """A line of the log, which is kept apart."""

    __bind_key__ = "log"
    id: Mapped[int] = mapped_column(primary_key=True)


with app.app_context():
    db.create_all()
    db.session.add_all([Product(), Visit()])
    db.session.commit()
    print(json.dumps([inspect(engine).get_table_names() for engine in db.engines.values()]))
