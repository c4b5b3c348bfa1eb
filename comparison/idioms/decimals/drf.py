from rest_framework import serializers

from django_shop.models import Product


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["id", "name", "price"]
        extra_kwargs = {"price": {"min_value": 0}}
