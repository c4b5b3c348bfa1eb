"""The API of openapi.yaml, written with Flask, Flask-RESTful, marshmallow and SQLAlchemy."""

from flask_api.app import create_app

__all__ = ["create_app"]
