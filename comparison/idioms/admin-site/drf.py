from django.contrib import admin

from django_shop.models import Product, Tag

admin.site.register(Tag)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["name", "price"]
    search_fields = ["name"]
    list_filter = ["price"]
