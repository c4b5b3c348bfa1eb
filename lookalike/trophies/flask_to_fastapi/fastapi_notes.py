"""The same notes with FastAPI, as its tutorial teaches: models, and types for the rest."""

from datetime import datetime
from itertools import count
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

app = FastAPI()
numbers = count(1)


class NewNote(BaseModel):
    """What a client sends."""

    text: str = Field(min_length=1, max_length=200)
    stars: int = Field(0, ge=0, le=5)
    done: bool = False
    price: float = 0
    due: datetime | None = None


class Note(NewNote):
    """What it gets."""

    id: int


notes: dict[int, Note] = {}


def find(note_id: int) -> Note:
    """Find a note."""
    if note_id not in notes:
        raise HTTPException(404, "no such note")
    return notes[note_id]


@app.get("/notes")
def list_notes(
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    offset: Annotated[int, Query(ge=0)] = 0,
    *,
    done: bool | None = None,
) -> list[Note]:
    """Give a page."""
    found = [note for note in notes.values() if done is None or note.done == done]
    return found[offset : offset + limit]


@app.post("/notes", status_code=201)
def create_note(given: NewNote) -> Note:
    """Make a note."""
    note = Note(id=next(numbers), **given.model_dump())
    notes[note.id] = note
    return note


@app.get("/notes/{note_id}")
def get_note(note_id: int) -> Note:
    """Give a note."""
    return find(note_id)


@app.put("/notes/{note_id}")
def replace_note(note_id: int, given: NewNote) -> Note:
    """Replace a note."""
    find(note_id)
    notes[note_id] = Note(id=note_id, **given.model_dump())
    return notes[note_id]


@app.delete("/notes/{note_id}", status_code=204)
def delete_note(note_id: int) -> None:
    """Delete a note."""
    find(note_id)
    del notes[note_id]
