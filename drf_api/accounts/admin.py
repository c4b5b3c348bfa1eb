"""Users and tokens on the admin site."""

from django.contrib import admin
from django.http import HttpRequest

from drf_api.accounts.models import Token, User
from drf_api.contract.admin import ChangedFieldsAdmin, ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ChangedFieldsAdmin):
    """Accounts; they are made by registering, and passwords are changed by their owners."""

    list_display = ["username", "email", "is_staff", "is_active", "created_at"]
    search_fields = ["username", "email"]
    fields = ["username", "email", "is_staff", "is_active"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    """Logins; deleting one ends it."""

    list_display = ["user", "created_at", "last_used_at", "expires_at"]
    list_select_related = ["user"]
    fields = ["user", "created_at", "last_used_at", "expires_at"]
