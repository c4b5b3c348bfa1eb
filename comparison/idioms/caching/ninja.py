from django.core.cache import cache
from django.db.models import Avg, Count

from django_shop.api import api
from django_shop.models import Product


def compute_summary():
    return Product.objects.aggregate(Count("id"), Avg("price"))


@api.get("/products/summary")
def summary(request):
    return cache.get_or_set("summary", compute_summary, 60)
