"""Its models, as Django's documentation declares them."""

import uuid

from django.conf import settings
from django.db import models


class Priority(models.IntegerChoices):
    LOW = 1, "low"
    NORMAL = 2, "normal"
    HIGH = 3, "high"
    URGENT = 4, "urgent"


class Product(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=10, decimal_places=2)


class Tag(models.Model):
    slug = models.SlugField(unique=True)

    def __str__(self):
        return self.slug


class Todo(models.Model):
    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True, default="")
    completed = models.BooleanField(default=False)
    priority = models.IntegerField(
        choices=Priority, default=Priority.NORMAL
    )
    due_at = models.DateTimeField(null=True, blank=True)
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, blank=True
    )
    tags = models.ManyToManyField(Tag, blank=True)


class ChecklistItem(models.Model):
    todo = models.ForeignKey(Todo, models.CASCADE, related_name="items")
    text = models.CharField(max_length=200)
    done = models.BooleanField(default=False)


class StockAdjustment(models.Model):
    delta = models.IntegerField()
    reason = models.CharField(max_length=20)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT
    )
