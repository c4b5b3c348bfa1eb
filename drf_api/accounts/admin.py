"""Users and tokens on the admin site."""

from django.contrib import admin
from django.http import HttpRequest

from drf_api.accounts.models import Token, User
from drf_api.accounts.serializers import UserUpdateSerializer
from drf_api.contract.admin import ReadOnlyAdmin, SerializerForm, SwitchAdmin


class UserForm(SerializerForm):
    """An account by the rules of the API."""

    serializer_class = UserUpdateSerializer


@admin.register(User)
class UserAdmin(SwitchAdmin):
    """Accounts; they are made by registering, and passwords are changed by their owners."""

    form = UserForm
    switch = "is_active"
    list_display = ["username", "email", "is_staff", "is_active", "created_at"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["username", "email"]
    fields = ["username", "email", "is_staff", "is_active"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    """Logins; deleting one ends it."""

    list_display = ["user", "created_at", "last_used_at", "expires_at"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    fields = ["user", "created_at", "last_used_at", "expires_at"]
