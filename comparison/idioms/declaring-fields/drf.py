from rest_framework import serializers

from django_shop.models import Todo


class TodoSerializer(serializers.ModelSerializer):
    class Meta:
        model = Todo
        fields = [
            "id",
            "title",
            "notes",
            "completed",
            "priority",
            "due_at",
        ]
