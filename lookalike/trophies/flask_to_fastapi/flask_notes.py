"""Notes with Flask, as its quickstart teaches: a dict is returned, `abort` refuses."""

from itertools import count
from typing import Any

from flask import Flask, Response, abort, request

app = Flask(__name__)
notes: dict[int, dict[str, Any]] = {}
numbers = count(1)


def read() -> dict[str, Any]:
    """Read the body, and refuse it where it isn't a note."""
    given = request.get_json()
    text = given.get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= 200:
        abort(422, "text must have 1 to 200 characters")
    stars = given.get("stars", 0)
    if not isinstance(stars, int) or not 0 <= stars <= 5:
        abort(422, "stars must be 0 to 5")
    return {
        "text": text,
        "stars": stars,
        "done": bool(given.get("done", False)),
        "price": float(given.get("price", 0)),
        "due": given.get("due"),
    }


def find(note_id: int) -> dict[str, Any]:
    """Find a note."""
    if note_id not in notes:
        abort(404, "no such note")
    return notes[note_id]


@app.get("/notes")
def list_notes() -> list[dict[str, Any]]:
    """Give a page."""
    limit = request.args.get("limit", 10, type=int)
    offset = request.args.get("offset", 0, type=int)
    found = [*notes.values()]
    if "done" in request.args:
        wanted = request.args["done"] == "true"
        found = [note for note in found if note["done"] == wanted]
    return found[offset : offset + limit]


@app.post("/notes")
def create_note() -> tuple[dict[str, Any], int]:
    """Make a note."""
    given = read()
    note_id = next(numbers)
    notes[note_id] = {"id": note_id, **given}
    return notes[note_id], 201


@app.get("/notes/<int:note_id>")
def get_note(note_id: int) -> dict[str, Any]:
    """Give a note."""
    return find(note_id)


@app.put("/notes/<int:note_id>")
def replace_note(note_id: int) -> dict[str, Any]:
    """Replace a note."""
    find(note_id)
    notes[note_id] = {"id": note_id, **read()}
    return notes[note_id]


@app.delete("/notes/<int:note_id>")
def delete_note(note_id: int) -> Response:
    """Delete a note."""
    find(note_id)
    del notes[note_id]
    return Response(status=204)
