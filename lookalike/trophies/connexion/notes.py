"""Notes with Connexion, as its quickstart teaches: the file says what functions answer."""

import sys
from itertools import count
from pathlib import Path

import connexion

notes = {}
numbers = count(1)


def find_all(limit=10, offset=0, done=None):
    """Give a page."""
    found = [note for note in notes.values() if done is None or note["done"] == done]
    return found[offset : offset + limit]


def create(body):
    """Make a note."""
    note_id = next(numbers)
    notes[note_id] = {"id": note_id, "stars": 0, "done": False, "price": 0, "due": None, **body}
    return notes[note_id], 201


def find(note_id):
    """Give a note."""
    if note_id not in notes:
        return {"detail": "no such note"}, 404
    return notes[note_id]


def replace(note_id, body):
    """Replace a note."""
    if note_id not in notes:
        return {"detail": "no such note"}, 404
    notes[note_id] = {"stars": 0, "done": False, "price": 0, "due": None, **body, "id": note_id}
    return notes[note_id]


def delete(note_id):
    """Delete a note."""
    if notes.pop(note_id, None) is None:
        return {"detail": "no such note"}, 404
    return connexion.NoContent, 204


if __name__ == "__main__":
    app = connexion.FlaskApp(__name__, specification_dir=Path(__file__).parent)
    app.add_api("openapi.yaml")
    app.run(port=int(sys.argv[1]))
