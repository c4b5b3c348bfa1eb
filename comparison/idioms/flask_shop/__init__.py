"""The Flask application that the idioms of marshmallow live in."""
