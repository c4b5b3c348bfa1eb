"""Speed within the libraries' promises: TUNED=1 puts it in, and nothing else needs it.

Each module takes one of the ways that a library goes for every request, and goes a shorter one
when it knows everything that it meets. When it doesn't, the library goes its own.
"""

from importlib.metadata import version

from flask import Flask
from marshmallow import Schema

from flask_api.tuned import requests
from flask_api.tuned.connections import trust_recent
from flask_api.tuned.reading import ReadingSession
from flask_api.tuned.serializing import serialize

# Names that no documentation promises are used here: of these versions they are known.
KNOWN = {"marshmallow": "4.4.", "SQLAlchemy": "2.1.", "Flask-SQLAlchemy": "3.1.", "Flask": "3.1."}


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
    if not issubclass(factory.class_, ReadingSession):
        factory.class_ = type("Session", (ReadingSession, factory.class_), {})
