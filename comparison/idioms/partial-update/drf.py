from rest_framework import serializers

from django_shop.models import ChecklistItem, Todo


class ChecklistItemSerializer(serializers.Serializer):
    text = serializers.CharField()


# UpdateAPIView: TodoSerializer(todo, data=request.data, partial=True)
class TodoSerializer(serializers.ModelSerializer):
    items = ChecklistItemSerializer(many=True)

    class Meta:
        model = Todo
        fields = ["title", "items"]

    def update(self, instance, validated_data):
        items = validated_data.pop("items", None)
        if items is not None:
            instance.items.all().delete()
            for item in items:
                ChecklistItem.objects.create(todo=instance, **item)
        return super().update(instance, validated_data)
