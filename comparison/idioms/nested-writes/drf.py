from django.db import transaction
from rest_framework import serializers

from django_shop.models import ChecklistItem, Todo


class ChecklistItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = ChecklistItem
        fields = ["text", "done"]


class TodoSerializer(serializers.ModelSerializer):
    items = ChecklistItemSerializer(many=True)

    class Meta:
        model = Todo
        fields = ["title", "items"]

    @transaction.atomic
    def create(self, validated_data):
        items = validated_data.pop("items")
        todo = Todo.objects.create(**validated_data)
        for item in items:
            ChecklistItem.objects.create(todo=todo, **item)
        return todo

    @transaction.atomic
    def update(self, instance, validated_data):
        items = validated_data.pop("items", None)
        if items is not None:
            instance.items.all().delete()
            for item in items:
                ChecklistItem.objects.create(todo=instance, **item)
        return super().update(instance, validated_data)
