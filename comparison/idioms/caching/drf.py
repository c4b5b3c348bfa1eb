from django.core.cache import cache
from django.db.models import Avg, Count
from rest_framework.response import Response
from rest_framework.views import APIView

from django_shop.models import Product


def compute_summary():
    return Product.objects.aggregate(Count("id"), Avg("price"))


class ProductSummary(APIView):
    def get(self, request):
        summary = cache.get_or_set("summary", compute_summary, 60)
        return Response(summary)
