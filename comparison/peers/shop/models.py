"""The tables for Django's ORM, as its documentation declares them."""

from typing import Any

from django.db import models

from comparison.peers.contract import new_id


class TimeField(models.DateTimeField):  # type: ignore[type-arg] # Django's fields take none
    """A moment; on SQLite Django would leave out microseconds that are zero."""

    def get_db_prep_value(self, *args: Any, **kwargs: Any) -> Any:
        value = super().get_db_prep_value(*args, **kwargs)
        return f"{value}.000000" if isinstance(value, str) and "." not in value else value


class User(models.Model):
    """Somebody with an account."""

    id = models.UUIDField(primary_key=True)
    is_staff = models.BooleanField()
    is_active = models.BooleanField()

    class Meta:
        db_table, managed = "users", False

    def __str__(self) -> str:
        return str(self.pk)


class Token(models.Model):
    """What stands for a user in requests."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE)
    digest = models.CharField(max_length=64)
    last_used_at = TimeField(null=True)
    expires_at = TimeField()

    class Meta:
        db_table, managed = "tokens", False

    def __str__(self) -> str:
        return str(self.pk)


class Product(models.Model):
    """Something that the shop sells."""

    id = models.UUIDField(primary_key=True)
    sku = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    description = models.TextField()
    category = models.CharField(max_length=50)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    attributes = models.JSONField()
    active = models.BooleanField()
    stock = models.BigIntegerField()
    created_at = TimeField()
    updated_at = TimeField()

    class Meta:
        db_table, managed = "products", False

    def __str__(self) -> str:
        return str(self.pk)


class Tag(models.Model):
    """A word that todos are found by."""

    slug = models.CharField(max_length=50, primary_key=True)

    class Meta:
        db_table, managed = "tags", False
        ordering = ["slug"]

    def __str__(self) -> str:
        return str(self.pk)


class Todo(models.Model):
    """Something to do."""

    id = models.UUIDField(primary_key=True, default=new_id)
    owner = models.ForeignKey(User, models.CASCADE)
    title = models.CharField(max_length=200)
    notes = models.TextField()
    completed = models.BooleanField()
    completed_at = TimeField(null=True)
    priority = models.SmallIntegerField()
    due_at = TimeField(null=True)
    product = models.ForeignKey(Product, models.SET_NULL, null=True)
    created_at = TimeField()
    updated_at = TimeField()
    tags = models.ManyToManyField(Tag, through="TodoTag")

    class Meta:
        db_table, managed = "todos", False

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def progress(self) -> dict[str, int]:
        """How much of the checklist is done."""
        items: Any = self.items.all()  # type: ignore[attr-defined]
        return {"done": sum(item.done for item in items), "total": len(items)}


class TodoTag(models.Model):
    """A tag of a todo."""

    todo = models.ForeignKey(Todo, models.CASCADE)
    tag = models.ForeignKey(Tag, models.CASCADE)

    class Meta:
        db_table, managed = "todo_tags", False

    def __str__(self) -> str:
        return str(self.pk)


class Item(models.Model):
    """A step of a todo."""

    id = models.UUIDField(primary_key=True, default=new_id)
    todo = models.ForeignKey(Todo, models.CASCADE, related_name="items")
    position = models.IntegerField()
    text = models.CharField(max_length=200)
    done = models.BooleanField()

    class Meta:
        db_table, managed = "checklist_items", False
        ordering = ["position"]

    def __str__(self) -> str:
        return str(self.pk)


class Adjustment(models.Model):
    """A movement of a product's stock."""

    id = models.UUIDField(primary_key=True, default=new_id)
    product = models.ForeignKey(Product, models.CASCADE)
    delta = models.IntegerField()
    reason = models.CharField(max_length=20)
    note = models.CharField(max_length=500)
    balance = models.BigIntegerField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True)
    created_at = TimeField()

    class Meta:
        db_table, managed = "stock_adjustments", False

    def __str__(self) -> str:
        return str(self.pk)
