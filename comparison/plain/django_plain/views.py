"""View sets, as Django REST framework's tutorial writes them."""

from rest_framework import filters, mixins, permissions, viewsets

from comparison.plain.django_plain.models import Category, Product
from comparison.plain.django_plain.serializers import (
    CategorySerializer,
    ProductSerializer,
    TodoSerializer,
    UserSerializer,
)


class UserViewSet(mixins.CreateModelMixin, viewsets.GenericViewSet):
    serializer_class = UserSerializer


class CategoryViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    queryset = Category.objects.order_by("id")
    serializer_class = CategorySerializer


class ProductViewSet(viewsets.ModelViewSet):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    filter_backends = [filters.SearchFilter]
    search_fields = ["name"]

    def get_queryset(self):
        queryset = super().get_queryset()
        category = self.request.query_params.get("category")
        if category is not None:
            queryset = queryset.filter(categories=category)
        return queryset


class TodoViewSet(viewsets.ModelViewSet):
    serializer_class = TodoSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self):
        return self.request.user.todos.all()

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)
