"""The admin site, which is there only when ADMIN_ENABLED is true."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from drf_api.contract.headers import GetResponse, is_debug_page
from drf_api.contract.idempotency import IdempotencyKey


def admin_policy_middleware(get_response: GetResponse) -> GetResponse:
    """Let the admin's pages load what they need; the API's answers load nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith("/admin/"):
            policy = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
            if not is_debug_page(response):
                response["Content-Security-Policy"] = policy
        return response

    return middleware


class ChangedFieldsAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # Django's take none
    """For what the API changes as well: a form stores what somebody has changed in it."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        obj.save(update_fields=form.changed_data if change else None)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # Django's take none
    """For what the API alone may make and change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Keys that were used."""

    list_display = ["scope", "key", "status", "created_at"]
    fields = ["scope", "key", "status", "location", "created_at"]
