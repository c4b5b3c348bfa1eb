from rest_framework import serializers

from django_shop.models import Todo


class TodoSerializer(serializers.ModelSerializer):
    # settings.py: USE_TZ = True, TIME_ZONE = "UTC"
    class Meta:
        model = Todo
        fields = ["id", "title", "due_at"]
