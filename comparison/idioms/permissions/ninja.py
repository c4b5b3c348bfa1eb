from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja.errors import HttpError
from ninja.security import django_auth

from django_shop.api import api
from django_shop.models import Product


@api.delete(
    "/products/{product_id}", response={204: None}, auth=django_auth
)
def delete_product(request, product_id: UUID):
    if not request.auth.is_staff:
        raise HttpError(403, "Staff only.")
    get_object_or_404(Product, id=product_id).delete()
    return 204, None
