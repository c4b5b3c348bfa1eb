"""The catalogue on the admin site."""

from django.contrib import admin

from drf_api.contract.admin import ChangedFieldsAdmin, ReadOnlyAdmin
from drf_api.products.models import Product, StockAdjustment


@admin.register(Product)
class ProductAdmin(ChangedFieldsAdmin):
    """Products; their stock is moved by the API alone."""

    list_display = ["sku", "name", "category", "price", "currency", "stock", "active"]
    list_filter = ["active", "category", "currency"]
    search_fields = ["sku", "name"]
    readonly_fields = ["stock", "created_at", "updated_at"]


@admin.register(StockAdjustment)
class StockAdjustmentAdmin(ReadOnlyAdmin):
    """Movements of stock, which nobody changes or deletes."""

    list_display = ["product", "delta", "reason", "balance", "created_by", "created_at"]
    list_select_related = ["product", "created_by"]

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False
