"""Todos on the admin site."""

from django.contrib import admin

from drf_api.contract.admin import ReadOnlyAdmin
from drf_api.todos.models import ChecklistItem, Tag, Todo, TodoTag


class ChecklistItemInline(admin.TabularInline):  # type: ignore[type-arg] # Django's take none
    """The steps of a todo."""

    model = ChecklistItem
    extra = 0


class TodoTagInline(admin.TabularInline):  # type: ignore[type-arg] # Django's take none
    """The tags of a todo."""

    model = TodoTag
    extra = 0


@admin.register(Todo)
class TodoAdmin(ReadOnlyAdmin):
    """Todos, which belong to their owners."""

    list_display = ["title", "owner", "priority", "completed", "due_at"]
    list_filter = ["completed", "priority"]
    list_select_related = ["owner"]
    search_fields = ["title", "owner__username"]
    inlines = [TodoTagInline, ChecklistItemInline]


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    """Tags."""

    search_fields = ["slug"]
