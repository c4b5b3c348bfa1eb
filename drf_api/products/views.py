"""The catalogue, its figures and its stock."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.decorators import method_decorator
from rest_framework.generics import (
    ListCreateAPIView,
    RetrieveUpdateDestroyAPIView,
    get_object_or_404,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from drf_api.contract.database import in_transaction
from drf_api.contract.etags import ConditionalMixin
from drf_api.contract.idempotency import idempotent
from drf_api.contract.pagination import PageQuery
from drf_api.contract.parameters import IdempotencyKeyHeader
from drf_api.contract.permissions import IsStaff, IsStaffOrReadOnly
from drf_api.contract.reading import ReadMixin
from drf_api.contract.statements import Parameter, Statement
from drf_api.contract.views import ContractMixin, public
from drf_api.products.filters import ProductFilter, ProductQuery
from drf_api.products.models import Figures, Product, StockAdjustment
from drf_api.products.serializers import (
    ProductSerializer,
    ProductSummarySerializer,
    StockAdjustmentSerializer,
)


@method_decorator(public, name="get")
class ProductList(ReadMixin, ContractMixin, ListCreateAPIView[Product]):
    """The catalogue."""

    permission_classes = [IsStaffOrReadOnly]
    reads = Product.objects.all()
    serializer_class = ProductSerializer
    query_class = ProductQuery
    filter_backends = [ProductFilter]
    header_class = IdempotencyKeyHeader

    @idempotent
    def post(self, request: Request) -> Response:
        return self.create(request)

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {"Location": reverse("product", args=[data["id"]])}


FIGURES = Statement(Product.objects.figures, Figures._fields, Figures)


@method_decorator(public, name="get")
class ProductSummary(ContractMixin):
    """The catalogue in figures."""

    permission_classes = []

    def get(self, request: Request) -> Response:
        return Response(ProductSummarySerializer({"items": FIGURES.rows()}).data)


@method_decorator(public, name="get")
class ProductDetail(ConditionalMixin, ContractMixin, RetrieveUpdateDestroyAPIView[Product]):
    """One product."""

    permission_classes = [IsStaffOrReadOnly]
    reads = Product.objects.all()
    queryset = Product.objects.select_for_update()
    serializer_class = ProductSerializer
    lookup_url_kwarg = "product_id"

    @in_transaction
    def put(self, request: Request, product_id: UUID) -> Response:
        return self.update(request)

    @in_transaction
    def patch(self, request: Request, product_id: UUID) -> Response:
        return self.partial_update(request)

    @in_transaction
    def delete(self, request: Request, product_id: UUID) -> Response:
        return self.destroy(request)


class StockAdjustmentList(ReadMixin, ContractMixin, ListCreateAPIView[StockAdjustment]):
    """The movements of a product's stock."""

    permission_classes = [IsStaff]
    reads = StockAdjustment.objects.filter(product_id=Parameter("product_id"))
    serializer_class = StockAdjustmentSerializer
    query_class = PageQuery
    header_class = IdempotencyKeyHeader

    def get(self, request: Request, product_id: UUID) -> Response:
        get_object_or_404(Product.objects.only("pk"), pk=product_id)
        return self.list(request)

    @idempotent
    def post(self, request: Request, product_id: UUID) -> Response:
        self.product = Product.objects.locked(product_id)
        if self.product is None:
            raise Http404
        return self.create(request)

    def perform_create(self, serializer: BaseSerializer[StockAdjustment]) -> None:
        serializer.save(product=self.product, by=self.caller)
