from rest_framework import generics, serializers

from django_shop.models import Todo


class TodoSerializer(serializers.ModelSerializer):
    tags = serializers.SlugRelatedField(
        slug_field="slug", many=True, read_only=True
    )

    class Meta:
        model = Todo
        fields = ["title", "tags"]


class TodoList(generics.ListAPIView):
    queryset = Todo.objects.prefetch_related("tags")
    serializer_class = TodoSerializer
