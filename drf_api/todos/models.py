"""Todos with their tags and checklists."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone

from drf_api.accounts.models import User
from drf_api.contract.database import CodePointCharField, CodePointTextField, TimeField, new_id
from drf_api.contract.statements import Collected, Parameter, Statement
from drf_api.products.models import Product

PRIORITIES = ["low", "normal", "high", "urgent"]  # stored as 1 to 4
NORMAL = 2


class Tag(models.Model):
    """A slug that todos share."""

    slug = CodePointCharField(max_length=50, primary_key=True)

    class Meta:
        db_table = "tags"

    def __str__(self) -> str:
        return str(self.slug)


class TodoQuerySet(models.QuerySet["Todo"]):
    """The todos."""

    def owned_by(self, user_id: UUID | Parameter) -> "TodoQuerySet":
        """Those that exist for a user at all."""
        return self.filter(owner_id=user_id)

    def overdue(self, at: datetime | Parameter) -> "TodoQuerySet":
        """Those that are not completed and were due before a moment."""
        return self.filter(completed=False, due_at__lt=at)

    def not_overdue(self, at: datetime | Parameter) -> "TodoQuerySet":
        """All others."""
        return self.filter(Q(completed=True) | Q(due_at__isnull=True) | Q(due_at__gte=at))

    def containing(self, text: str | Parameter) -> "TodoQuerySet":
        """Those whose title contains a text, whose ASCII is lower-case."""
        return self.filter(title__contains_lowered=text)

    def with_lists(self) -> "TodoQuerySet":
        """Fetch tags and checklists as well, in the same statement."""
        tags = TodoTag.objects.filter(todo=OuterRef("pk")).order_by("tag")
        items = ChecklistItem.objects.filter(todo=OuterRef("pk")).order_by("position")
        return self.annotate(  # type: ignore[no-redef] # or `assign` sets them
            tag_list=Collected(tags, ["tag"], str),
            item_list=Collected(items, ["id", "text", "done"], step),
        )

    def create_all(self, owner: User, entries: Iterable[dict[str, Any]]) -> "list[Todo]":
        """Create todos that belong together, all at one time."""
        now = timezone.now()
        todos = [Todo(owner=owner, created_at=now).assign(entry, now) for entry in entries]
        self.bulk_create(todos)
        Todo.store_tags({todo: todo.tag_list for todo in todos})
        ChecklistItem.objects.bulk_create(item for todo in todos for item in todo.item_list)
        return todos


class Todo(models.Model):
    """Something that its owner wants to do.

    `tag_list` and `item_list` are there once `fetch_lists` has fetched or `assign` has set them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="todos", db_index=False)
    title = CodePointCharField(max_length=200)
    notes = CodePointTextField(default="", blank=True)
    completed = models.BooleanField(default=False)
    completed_at = TimeField(null=True, editable=False)
    priority = models.SmallIntegerField(choices=list(enumerate(PRIORITIES, 1)), default=NORMAL)
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

    def assign(self, values: dict[str, Any], now: datetime) -> "Todo":
        """Take new values over, without storing them; `completed_at` follows `completed`."""
        for name in values.keys() - {"tag_list", "item_list"}:
            setattr(self, name, values[name])
        if self.completed and self.completed_at is None:
            self.completed_at = now
        elif not self.completed:
            self.completed_at = None
        if "tag_list" in values:
            self.tag_list = values["tag_list"]
        if "item_list" in values:
            self.item_list = [
                ChecklistItem(todo=self, position=position, **item)
                for position, item in enumerate(values["item_list"])
            ]
        self.updated_at = now
        return self

    def fetch_lists(self) -> "Todo":
        """Fetch the tags and the checklist of a todo whose row is locked, as they are by then."""
        [(self.tag_list, self.item_list)] = LISTS.rows(id=self.pk)
        return self

    def change(self, values: dict[str, Any]) -> "Todo":
        """Store new values of a todo whose row is locked; its lists are replaced whole."""
        before = set(self.tag_list)
        self.assign(values, timezone.now())
        self.save()
        if removed := before - set(self.tag_list):
            TodoTag.objects.filter(todo=self, tag__in=removed).delete()
        Todo.store_tags({self: [tag for tag in self.tag_list if tag not in before]})
        if "item_list" in values:
            self.items.all().delete()
            ChecklistItem.objects.bulk_create(self.item_list)
        return self

    @classmethod
    def store_tags(cls, added: "dict[Todo, list[str]]") -> None:
        """Link todos with tags; sorted, so that two requests can't wait for each other."""
        tags = sorted({tag for tags in added.values() for tag in tags})
        Tag.objects.bulk_create([Tag(slug=slug) for slug in tags], ignore_conflicts=True)
        TodoTag.objects.bulk_create(
            [TodoTag(todo_id=todo.pk, tag_id=tag) for todo, tags in added.items() for tag in tags]
        )


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


class Step(NamedTuple):
    """A row of a checklist, as `with_lists` fetches it."""

    id: str
    text: str
    done: bool


def step(item_id: str, text: str, done: Any) -> Step:
    """Read what JSON has made of a row: SQLite's ids are without hyphens, its booleans numbers."""
    return Step(item_id if "-" in item_id else str(UUID(item_id)), text, bool(done))


LISTS = Statement(
    lambda: Todo.objects.filter(pk=Parameter("id")).with_lists(), ["tag_list", "item_list"]
)
