"""Speed within the libraries' promises: TUNED=1 puts it in, and nothing else needs it.

Each module takes one of the ways that a library goes for every request, and goes a shorter one
when it knows everything that it meets. When it doesn't, the library goes its own.

No documentation promises the private names that are used here, each for want of a public one:

- marshmallow: `Schema._serialize` and `Field._serialize` are what a dump consists of; `_hooks`,
  `_schema` and `_CHECK_ATTRIBUTE` tell whether there is more to it.
- SQLAlchemy, to know a statement: `_generate_cache_key`, `_propagate_attrs`, `_with_options` with
  `_extra_criteria` and `_of_type`, `_execution_options`, `_for_update_arg`, `_variant_mapping`.
- SQLAlchemy, to execute what is compiled: `_execute_context`, `_init_compiled`; to return it,
  `_create_unique_filters` and `_source_supports_scalars`.
- SQLAlchemy, to know a session and its classes: `_is_clean`, `_reconstructor`.
- SQLAlchemy, to let a session watch over an entity: `_path_registry`, `_add_unpresent`.
"""

from importlib.metadata import version

from flask import Flask
from marshmallow import Schema
from sqlalchemy.orm import Session

from flask_api.tuned import requests
from flask_api.tuned.connections import trust_recent
from flask_api.tuned.reading import ReadingSession
from flask_api.tuned.serializing import serialize

# The versions of which these names are known; with others, the tests are to be run first.
KNOWN = {"marshmallow": "4.4.", "SQLAlchemy": "2.1.", "Flask-SQLAlchemy": "3.1.", "Flask": "3.1."}

READS = ("execute", "get", "scalar", "scalars")


def init_app(app: Flask) -> None:
    """Tune what an application uses, for the whole process."""
    for name, known in KNOWN.items():
        if not version(name).startswith(known):
            app.logger.warning("TUNED has no effect: it knows %s %s only.", name, known)
            return
    Schema._serialize = serialize  # type: ignore[method-assign]
    requests.init_app(app)
    db = app.extensions["sqlalchemy"]
    with app.app_context():
        for engine in db.engines.values():
            trust_recent(engine)
    factory = db.session.session_factory
    own = factory.class_
    # A class that has its own way to read keeps it; so does one that is tuned already.
    if all(getattr(own, name) is getattr(Session, name) for name in READS):
        factory.class_ = type("Session", (ReadingSession, own), {})
