from django.db import models


class Todo(models.Model):
    title = models.CharField(max_length=200)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "models_and_migrations"

    def __str__(self):
        return self.title


# manage.py makemigrations && manage.py migrate
