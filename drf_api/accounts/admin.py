"""Users and tokens on the admin site."""

from uuid import UUID

from django.contrib import admin
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from drf_api.accounts.models import Token, User
from drf_api.contract.admin import ChangedFieldsAdmin, ReadOnlyAdmin


class StaffBackend(BaseBackend):
    """Logs staff in on the admin site, by the rules of the API."""

    def authenticate(self, request: HttpRequest | None, **credentials: str | None) -> User | None:
        username, password = credentials.get("username"), credentials.get("password")
        user = User.objects.get_by_credentials(username or "", password or "")
        return user if user and user.is_staff else None

    def get_user(self, user_id: UUID) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


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
