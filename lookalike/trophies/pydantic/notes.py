"""Notes with FastAPI, as its tutorial teaches, in the words that Pydantic 1 and 2 both know."""

from datetime import datetime
from itertools import count
from typing import List, Optional

from fastapi import FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, Field

app = FastAPI()
numbers = count(1)


class NewNote(BaseModel):
    """What a client sends."""

    text: str = Field(min_length=1, max_length=200)
    stars: int = Field(0, ge=0, le=5)
    done: bool = False
    price: float = 0
    due: Optional[datetime] = None


class Note(NewNote):
    """What it gets."""

    id: int


notes: dict[int, Note] = {}


def find(note_id: int) -> Note:
    """Find a note."""
    if note_id not in notes:
        raise HTTPException(404, "no such note")
    return notes[note_id]


@app.get("/notes", response_model=List[Note])
def list_notes(
    limit: int = Query(10, ge=1, le=100),
    offset: int = Query(0, ge=0),
    done: Optional[bool] = None,  # noqa: FBT001 - a query parameter
) -> List[Note]:
    """Give a page."""
    found = [note for note in notes.values() if done is None or note.done == done]
    return found[offset : offset + limit]


@app.post("/notes", status_code=201, response_model=Note)
def create_note(given: NewNote) -> Note:
    """Make a note."""
    note = Note(id=next(numbers), **given.dict())
    notes[note.id] = note
    return note


@app.get("/notes/{note_id}", response_model=Note)
def get_note(note_id: int) -> Note:
    """Give a note."""
    return find(note_id)


@app.put("/notes/{note_id}", response_model=Note)
def replace_note(note_id: int, given: NewNote) -> Note:
    """Replace a note."""
    find(note_id)
    notes[note_id] = Note(id=note_id, **given.dict())
    return notes[note_id]


@app.delete("/notes/{note_id}", status_code=204)
def delete_note(note_id: int) -> Response:
    """Delete a note."""
    find(note_id)
    del notes[note_id]
    return Response(status_code=204)
