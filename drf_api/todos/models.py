"""Todos with their tags and checklists."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q, prefetch_related_objects
from django.utils import timezone

from drf_api.accounts.models import User
from drf_api.contract.database import CodePointCharField, CodePointTextField, TimeField, new_id
from drf_api.products.models import Product


class Priority(models.IntegerChoices):
    """How much a todo matters; clients see the labels."""

    LOW = 1, "low"
    NORMAL = 2, "normal"
    HIGH = 3, "high"
    URGENT = 4, "urgent"


class TagManager(models.Manager["Tag"]):
    """Tags, which are created when a todo first has them."""

    def ensure(self, slugs: Iterable[str]) -> None:
        """Create those that are missing; sorted, so that two requests can't wait for each other."""
        tags = [Tag(slug=slug) for slug in sorted(set(slugs))]
        self.bulk_create(tags, ignore_conflicts=True)


class Tag(models.Model):
    """A slug that todos share."""

    slug = CodePointCharField(max_length=50, primary_key=True)

    objects = TagManager()

    class Meta:
        db_table = "tags"
        ordering = ["slug"]

    def __str__(self) -> str:
        return str(self.slug)


class TodoQuerySet(models.QuerySet["Todo"]):
    """Todos, by owner and due date, and in bulk."""

    def owned_by(self, user: User) -> "TodoQuerySet":
        """Select those that exist for a user at all."""
        return self.filter(owner=user)

    def overdue(self) -> "TodoQuerySet":
        """Select those that are not completed and past due."""
        return self.filter(completed=False, due_at__lt=timezone.now())

    def not_overdue(self) -> "TodoQuerySet":
        """Select all others."""
        return self.filter(
            Q(completed=True) | Q(due_at__isnull=True) | Q(due_at__gte=timezone.now())
        )

    def create_all(self, owner: User, entries: Iterable[dict[str, Any]]) -> "list[Todo]":
        """Create todos that belong together with their tags and items, all at one time.

        As with every `bulk_create`, no signals are sent.
        """
        now = timezone.now()
        todos: list[Todo] = []
        tags: list[TodoTag] = []
        items: list[ChecklistItem] = []
        for entry in entries:
            values = {name: entry[name] for name in entry if name not in ("tags", "items")}
            todo = Todo(owner=owner, created_at=now, **values)
            todo.touch(now)
            todos.append(todo)
            tags += [TodoTag(todo=todo, tag_id=slug) for slug in entry.get("tags", ())]
            items += todo.checklist(entry.get("items", ()))
        self.bulk_create(todos)
        Tag.objects.ensure(tag.tag_id for tag in tags)
        TodoTag.objects.bulk_create(tags)
        ChecklistItem.objects.bulk_create(items)
        prefetch_related_objects(todos, "tags", "items")
        return todos


class Todo(models.Model):
    """Something that its owner wants to do."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="todos", db_index=False)
    title = CodePointCharField(max_length=200)
    notes = CodePointTextField(default="", blank=True)
    completed = models.BooleanField(default=False)
    completed_at = TimeField(null=True, editable=False)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    due_at = TimeField(null=True, blank=True)
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, blank=True, related_name="todos", db_index=False
    )
    created_at = TimeField(default=timezone.now, editable=False)
    updated_at = TimeField(editable=False)
    tags = models.ManyToManyField(Tag, related_name="todos", through="TodoTag", blank=True)

    objects = TodoQuerySet.as_manager()

    class Meta:
        db_table = "todos"
        constraints = [
            models.CheckConstraint(condition=Q(priority__range=(1, 4)), name="ck_todos_priority"),
            models.CheckConstraint(
                condition=Q(completed=True, completed_at__isnull=False)
                | Q(completed=False, completed_at__isnull=True),
                name="ck_todos_completed_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "created_at", "id"], name="ix_todos_owner_id_created_at_id"
            ),
            models.Index(
                fields=["owner", "updated_at", "id"], name="ix_todos_owner_id_updated_at_id"
            ),
            models.Index(fields=["owner", "due_at", "id"], name="ix_todos_owner_id_due_at_id"),
            models.Index(fields=["owner", "priority", "id"], name="ix_todos_owner_id_priority_id"),
            models.Index(fields=["owner", "title", "id"], name="ix_todos_owner_id_title_id"),
            models.Index(fields=["product"], name="ix_todos_product_id"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Store the todo; what is set together shows one time."""
        self.touch(self.created_at if self._state.adding else timezone.now())
        if update_fields is not None:
            update_fields = {"completed_at", "updated_at", *update_fields}
        super().save(update_fields=update_fields, **kwargs)

    def touch(self, at: datetime) -> None:
        """Set the times that follow from a change; `bulk_create` doesn't call `save`."""
        self.updated_at = at
        if not self.completed:
            self.completed_at = None
        elif self.completed_at is None:
            self.completed_at = at

    def checklist(self, steps: Iterable[dict[str, Any]]) -> "list[ChecklistItem]":
        """Make the items of a checklist, without storing them."""
        return [
            ChecklistItem(todo=self, position=position, **step)
            for position, step in enumerate(steps)
        ]

    def move_item(self, item: "ChecklistItem", places: int) -> None:
        """Move a step of a todo whose row is locked up (negative) or down, as far as that goes."""
        items = list(self.items.all())
        items.remove(item)
        place = max(0, min(item.position + places, len(items)))
        items.insert(place, item)
        if place == item.position:
            return
        # Of the same ids: each position is taken until its item is gone.
        self.items.all().delete()
        for position, each in enumerate(items):
            each.position = position
        ChecklistItem.objects.bulk_create(items)
        self.save()


class TodoTag(models.Model):
    """A tag of a todo; Django's automatic table would have names that nobody can choose."""

    todo = models.ForeignKey(Todo, models.CASCADE, db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, db_index=False)

    class Meta:
        db_table = "todo_tags"
        constraints = [
            models.UniqueConstraint(fields=["todo", "tag"], name="uq_todo_tags_todo_id_tag_id")
        ]
        indexes = [models.Index(fields=["tag"], name="ix_todo_tags_tag_id")]

    def __str__(self) -> str:
        return str(self.tag_id)


class ChecklistItem(models.Model):
    """One step of a todo."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    todo = models.ForeignKey(Todo, models.CASCADE, related_name="items", db_index=False)
    position = models.IntegerField()
    text = models.CharField(max_length=200)
    done = models.BooleanField(default=False)

    class Meta:
        db_table = "checklist_items"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["todo", "position"], name="uq_checklist_items_todo_id_position"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=0), name="ck_checklist_items_position"
            ),
        ]

    def __str__(self) -> str:
        return self.text
