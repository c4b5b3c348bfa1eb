"""The same notes with Django Ninja, as its CRUD example teaches."""

from django.shortcuts import get_object_or_404
from django.urls import path
from ninja import ModelSchema, NinjaAPI
from ninja.pagination import LimitOffsetPagination, paginate
from notes.models import Note


class NoteIn(ModelSchema):
    """What a client sends."""

    class Meta:
        model = Note
        fields = ["text", "stars", "done", "price", "due"]


class NoteOut(ModelSchema):
    """What it gets."""

    class Meta:
        model = Note
        fields = ["id", "text", "stars", "done", "price", "due"]


api = NinjaAPI()


@api.get("/notes/", response=list[NoteOut])
@paginate(LimitOffsetPagination)
def list_notes(request):
    """Give a page."""
    return Note.objects.order_by("id")


@api.post("/notes/", response={201: NoteOut})
def create_note(request, given: NoteIn):
    """Make a note."""
    return 201, Note.objects.create(**given.dict())


@api.get("/notes/{note_id}/", response=NoteOut)
def get_note(request, note_id: int):
    """Give a note."""
    return get_object_or_404(Note, id=note_id)


@api.put("/notes/{note_id}/", response=NoteOut)
def replace_note(request, note_id: int, given: NoteIn):
    """Replace a note."""
    note = get_object_or_404(Note, id=note_id)
    for name, value in given.dict().items():
        setattr(note, name, value)
    note.save()
    return note


@api.delete("/notes/{note_id}/", response={204: None})
def delete_note(request, note_id: int):
    """Delete a note."""
    get_object_or_404(Note, id=note_id).delete()
    return 204, None


urlpatterns = [path("", api.urls)]
