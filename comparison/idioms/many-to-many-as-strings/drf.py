from rest_framework import serializers

from django_shop.models import Tag, Todo


class TodoSerializer(serializers.ModelSerializer):
    tags = serializers.SlugRelatedField(
        slug_field="slug", many=True, queryset=Tag.objects.all()
    )

    class Meta:
        model = Todo
        fields = ["title", "tags"]
