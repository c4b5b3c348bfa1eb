from ninja import ModelSchema

from django_shop.models import Product


class ProductIn(ModelSchema):
    class Meta:
        model = Product
        fields = ["name", "price"]


class ProductOut(ModelSchema):
    class Meta:
        model = Product
        fields = ["id", "name", "price"]
