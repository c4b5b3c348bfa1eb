"""Serializers, as Django REST framework's tutorial declares them."""

from django.contrib.auth.models import User
from rest_framework import serializers

from comparison.plain.django_plain.models import Category, Item, Product, Todo


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "email", "password"]
        extra_kwargs = {"password": {"write_only": True}}

    def create(self, validated_data):
        return User.objects.create_user(**validated_data)


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["id", "name"]


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = [
            "id",
            "sku",
            "name",
            "description",
            "price",
            "stock",
            "weight",
            "is_active",
            "attributes",
            "categories",
            "created_at",
        ]


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["id", "text", "done"]


class TodoSerializer(serializers.ModelSerializer):
    tags = serializers.ListField(child=serializers.CharField(max_length=30), required=False)
    items = ItemSerializer(many=True, required=False)

    class Meta:
        model = Todo
        fields = [
            "id",
            "title",
            "notes",
            "completed",
            "priority",
            "due_at",
            "tags",
            "items",
            "product",
            "created_at",
        ]

    def create(self, validated_data):
        items = validated_data.pop("items", [])
        todo = Todo.objects.create(**validated_data)
        for item in items:
            Item.objects.create(todo=todo, **item)
        return todo

    def update(self, instance, validated_data):
        items = validated_data.pop("items", None)
        todo = super().update(instance, validated_data)
        if items is not None:
            todo.items.all().delete()
            for item in items:
                Item.objects.create(todo=todo, **item)
        return todo
