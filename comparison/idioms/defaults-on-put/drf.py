from rest_framework import serializers

from django_shop.models import Todo


class TodoSerializer(serializers.ModelSerializer):
    class Meta:
        model = Todo
        fields = ["title", "notes"]


def put_todo(todo, data):
    serializer = TodoSerializer(todo, data=data)
    serializer.is_valid(raise_exception=True)
    return serializer.save()
