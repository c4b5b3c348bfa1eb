"""The catalogue, its summary and its stock."""

from typing import Any
from uuid import UUID

from django.core.cache import caches
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.decorators import method_decorator
from rest_framework.generics import (
    GenericAPIView,
    ListCreateAPIView,
    RetrieveUpdateDestroyAPIView,
    get_object_or_404,
)
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from drf_api.contract.etags import ConditionalMixin
from drf_api.contract.idempotency import idempotent
from drf_api.contract.parameters import IdempotencyKeyHeader
from drf_api.contract.permissions import IsStaffOrReadOnly
from drf_api.contract.views import ContractMixin, public
from drf_api.products.filters import ProductFilter, ProductQuery
from drf_api.products.models import Product, StockAdjustment
from drf_api.products.serializers import (
    ProductSerializer,
    ProductSummarySerializer,
    StockAdjustmentSerializer,
)


@method_decorator(public, name="get")
class ProductList(ContractMixin, ListCreateAPIView[Product]):
    """The catalogue."""

    permission_classes = [IsStaffOrReadOnly]
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    query_class = ProductQuery
    filter_backends = [ProductFilter]
    header_class = IdempotencyKeyHeader

    @idempotent
    def post(self, request: Request) -> Response:
        return self.create(request)

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {"Location": reverse("product", args=[data["id"]])}


def summary(products: Any, serialize: Any = ProductSummarySerializer) -> Any:
    """Return products in figures, as SUMMARY_MAX_AGE lets them be kept, which is for everybody."""

    def compute() -> dict[str, Any]:
        return {"items": serialize(products.summary(), many=True).data}

    return caches["summary"].get_or_set("product_summary", compute)


@method_decorator(public, name="get")
class ProductSummary(ContractMixin, GenericAPIView[Product]):
    """The catalogue in figures."""

    permission_classes = []
    queryset = Product.objects.all()
    serializer_class = ProductSummarySerializer

    def get(self, request: Request) -> Response:
        return Response(summary(self.filter_queryset(self.get_queryset()), self.get_serializer))


@method_decorator(public, name="get")
class ProductDetail(ConditionalMixin, ContractMixin, RetrieveUpdateDestroyAPIView[Product]):
    """One product."""

    permission_classes = [IsStaffOrReadOnly]
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    lookup_url_kwarg = "product_id"


class StockAdjustmentList(ContractMixin, ListCreateAPIView[StockAdjustment]):
    """The movements of a product's stock."""

    permission_classes = [IsAdminUser]
    serializer_class = StockAdjustmentSerializer
    header_class = IdempotencyKeyHeader

    def get_queryset(self) -> QuerySet[StockAdjustment]:
        product = get_object_or_404(Product, pk=self.kwargs["product_id"])
        return product.stock_adjustments.all()

    @idempotent
    def post(self, request: Request, product_id: UUID) -> Response:
        self.product = get_object_or_404(Product.objects.select_for_update(), pk=product_id)
        return self.create(request)

    def perform_create(self, serializer: BaseSerializer[StockAdjustment]) -> None:
        serializer.save(product=self.product, by=self.request.user)
