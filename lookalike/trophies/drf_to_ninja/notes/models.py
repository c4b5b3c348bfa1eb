"""The one model."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class Note(models.Model):
    """A note."""

    text = models.CharField(max_length=200)
    stars = models.IntegerField(default=0, validators=[MinValueValidator(0), MaxValueValidator(5)])
    done = models.BooleanField(default=False)
    price = models.FloatField(default=0)
    due = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.text
