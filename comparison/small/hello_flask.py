"""Flask that says hello, as its quick start has it."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """Say it."""
    return "Hello, World!"
