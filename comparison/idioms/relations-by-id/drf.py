from rest_framework import serializers

from django_shop.models import Product, Todo


class TodoSerializer(serializers.ModelSerializer):
    product_id = serializers.PrimaryKeyRelatedField(
        source="product",
        queryset=Product.objects.all(),
        allow_null=True,
    )

    class Meta:
        model = Todo
        fields = ["title", "product_id"]
