"""Models and serializers of no resource: whatever might trip a shortcut."""

import uuid

from django.db import models
from django.test.utils import isolate_apps
from rest_framework import serializers

with isolate_apps("drf_api.tuned.tests"):

    class Shelf(models.Model):
        name = models.CharField(max_length=50, unique=True)
        is_open = models.BooleanField(default=True)

        class Meta:
            app_label = "tests"

    class LabelManager(models.Manager["Label"]):
        def get_queryset(self) -> models.QuerySet["Label"]:
            return super().get_queryset().order_by("text")

    class Label(models.Model):
        text = models.CharField(max_length=50, primary_key=True)

        objects = LabelManager()

        class Meta:
            app_label = "tests"

    class BookQuerySet(models.QuerySet["Book"]):
        def cheap(self) -> "BookQuerySet":
            return self.filter(price__lt=10)

    class Book(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="books")
        second_shelf = models.ForeignKey(Shelf, models.SET_NULL, null=True, related_name="others")
        title = models.CharField(max_length=100)
        pages = models.IntegerField(default=0)
        price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
        rating = models.FloatField(null=True)
        is_lent = models.BooleanField(default=False)
        printed_at = models.DateTimeField(null=True)
        printed_on = models.DateField(null=True)
        extra = models.JSONField(default=dict)
        labels = models.ManyToManyField(Label, related_name="books")

        objects = BookQuerySet.as_manager()

        class Meta:
            app_label = "tests"
            ordering = ["title"]

        @property
        def chapter_count(self) -> int:
            return len(self.chapters.all())

    class Chapter(models.Model):
        book = models.ForeignKey(Book, models.CASCADE, related_name="chapters")
        number = models.IntegerField()
        heading = models.CharField(max_length=100)

        class Meta:
            app_label = "tests"
            ordering = ["number"]


MODELS: list[type[models.Model]] = [Shelf, Label, Book, Chapter]


class ChapterSerializer(serializers.ModelSerializer[Chapter]):
    class Meta:
        model = Chapter
        fields = ["number", "heading"]


class BookSerializer(serializers.ModelSerializer[Book]):
    chapters = ChapterSerializer(many=True)
    labels = serializers.SlugRelatedField[Label](
        slug_field="text", many=True, queryset=Label.objects.all()
    )
    shelf_name = serializers.CharField(source="shelf.name", read_only=True)
    summary = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = [
            *("id", "shelf", "second_shelf", "title", "pages", "price", "rating", "is_lent"),
            *("printed_at", "printed_on", "extra", "labels", "chapters", "chapter_count"),
            *("shelf_name", "summary"),
        ]

    def get_summary(self, book: Book) -> str:
        return f"{book.title}: {', '.join(chapter.heading for chapter in book.chapters.all())}"
