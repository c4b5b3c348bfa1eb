from rest_framework import serializers

from django_shop.models import Todo


class TodoSerializer(serializers.ModelSerializer):
    # priority becomes a ChoiceField, whose choices are the model's.
    class Meta:
        model = Todo
        fields = ["id", "title", "priority"]
