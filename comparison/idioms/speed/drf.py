from rest_framework import serializers

from django_shop.models import Todo


class TodoSerializer(serializers.ModelSerializer):
    class Meta:
        model = Todo
        fields = ["title", "notes", "completed"]
        # Without validators to build, for what is only shown.
        read_only_fields = fields
