"""The catalogue on the admin site."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from drf_api.contract.admin import ReadOnlyAdmin, SerializerForm, SwitchAdmin
from drf_api.contract.errors import DETAILS
from drf_api.products.models import Product, StockAdjustment
from drf_api.products.serializers import ProductSerializer, StockAdjustmentSerializer

MOVEMENTS_SHOWN = 20


class StockAdjustmentForm(SerializerForm):
    """A movement by the rules of the API."""

    serializer_class = StockAdjustmentSerializer


class StockAdjustmentFormSet(BaseInlineFormSet):  # type: ignore[type-arg] # Django's take none
    """Movements that are added; the product stays locked until they are stored."""

    def clean(self) -> None:
        added = [form for form in self.extra_forms if form.has_changed() and form.is_valid()]
        if not added:
            return
        self.product = Product.objects.select_for_update().get(pk=self.instance.pk)
        stock = self.product.stock
        for form in added:
            stock += form.cleaned_data["delta"]
            if stock < 0:
                form.add_error("delta", DETAILS["insufficient_stock"])


class StockAdjustmentInline(admin.TabularInline):  # type: ignore[type-arg] # as above
    """The history of a product's stock, to which movements can only be added."""

    model = StockAdjustment
    form = StockAdjustmentForm
    formset = StockAdjustmentFormSet
    fields = ["created_at", "delta", "reason", "note", "balance", "created_by"]
    readonly_fields = ["created_at", "balance", "created_by"]
    ordering = ["-created_at", "-id"]
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show the newest; a form for each of thousands would be too many fields to send."""
        same = StockAdjustment.objects.filter(product=OuterRef("product"))
        newest = same.order_by("-created_at", "-id").values("pk")[:MOVEMENTS_SHOWN]
        return super().get_queryset(request).filter(pk__in=Subquery(newest))

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ProductForm(SerializerForm):
    """A product by the rules of the API."""

    serializer_class = ProductSerializer


@admin.register(Product)
class ProductAdmin(SwitchAdmin):
    """Products; their stock is moved by what is added to its history."""

    form = ProductForm
    switch = "active"
    list_display = ["sku", "name", "category", "price", "currency", "stock", "active"]
    list_filter = ["active", "category", "currency"]
    search_fields = ["sku", "name"]
    readonly_fields = ["stock", "created_at", "updated_at"]
    inlines = [StockAdjustmentInline]

    def get_inlines(self, request: HttpRequest, obj: object) -> Any:
        """Leave the history out of a product that is being added."""
        return self.inlines if obj else []

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Store movements by the model's own rule, so that the stock stays their sum."""
        for movement in formset.save(commit=False):
            formset.product.adjust_stock(
                request.user,
                movement.delta,
                movement.reason,
                movement.note,
            )


@admin.register(StockAdjustment)
class StockAdjustmentAdmin(ReadOnlyAdmin):
    """Movements of stock, which nobody changes or deletes."""

    list_display = ["product", "delta", "reason", "note", "balance", "created_by", "created_at"]
    list_select_related = ["product", "created_by"]
    search_fields = ["product__sku"]

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False
