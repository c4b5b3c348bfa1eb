"""The admin site, which is there only when ADMIN_ENABLED is true."""

import csv
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import lookup_field
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from rest_framework.serializers import ModelSerializer

from drf_api.contract.database import retry_on_conflict
from drf_api.contract.errors import body_errors, property_of
from drf_api.contract.headers import GetResponse, is_debug_page
from drf_api.contract.idempotency import IdempotencyKey

# A cell that begins with one of these is a formula to spreadsheets.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def admin_policy_middleware(get_response: GetResponse) -> GetResponse:
    """Let the admin's pages load their style sheets and scripts."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith("/admin/") and not is_debug_page(response):
            response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return middleware


class SerializerForm(forms.ModelForm):  # type: ignore[type-arg] # Django's take none
    """A model's form that a serializer of the API validates, too: it has rules the model lacks."""

    serializer_class: ClassVar[type[ModelSerializer[Any]]]

    def clean(self) -> None:
        super().clean()
        properties = self.serializer_class().fields
        data = {
            name: f"{value:.2f}" if isinstance(value, Decimal) else value
            for name, value in self.cleaned_data.items()
            if name in properties and value is not None
        }
        serializer = self.serializer_class(self.instance, data=data)
        if serializer.is_valid():
            return
        for error in body_errors(serializer.errors, serializer):
            name = property_of(error)
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, error["detail"])


class TableAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # Django's take none
    """A table that can be exported; a deletion is repeated if the API's writes are in its way."""

    actions = ["export_csv"]

    @retry_on_conflict
    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().delete_view(request, *args, **kwargs)

    @retry_on_conflict
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete rows by their model's own `delete`, as they are deleted elsewhere."""
        for row in queryset.all():  # looked up in each attempt, as deleting takes a row's key away
            row.delete()

    @admin.action(
        permissions=["view"], description="Export selected %(verbose_name_plural)s as CSV"
    )
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Send the columns of the list."""
        columns: Any = self.get_list_display(request)
        name = f"{self.opts.model_name}.csv"
        response = HttpResponse(
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
        writer = csv.writer(response)
        writer.writerow(getattr(column, "__name__", column) for column in columns)
        for row in queryset:
            writer.writerow([self.exported(row, column) for column in columns])
        return response

    def exported(self, row: Any, column: Any) -> Any:
        """Return a value as the export writes it: a choice by its label, no text as a formula."""
        label = f"get_{column}_display"
        _, _, value = lookup_field(label if hasattr(row, label) else column, row, self)
        is_number = isinstance(value, int | Decimal)  # which may be negative
        return value if is_number or not str(value).startswith(FORMULA) else f"'{value}"


class SwitchAdmin(TableAdmin):
    """A table that the API writes to as well: a form saves only the fields that were changed.

    Its rows can be activated and deactivated in bulk.
    """

    switch: str
    actions = ["export_csv", "activate", "deactivate"]

    # A name that is free while the form is checked may be taken when it is stored.
    @retry_on_conflict
    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().add_view(request, *args, **kwargs)

    @retry_on_conflict
    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().change_view(request, *args, **kwargs)

    @admin.action(permissions=["change"], description="Activate selected %(verbose_name_plural)s")
    def activate(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Switch rows on."""
        number = self.switch_all(request, queryset, on=True)
        self.message_user(request, f"{number} activated.", messages.SUCCESS)

    @admin.action(permissions=["change"], description="Deactivate selected %(verbose_name_plural)s")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Switch rows off."""
        number = self.switch_all(request, queryset, on=False)
        self.message_user(request, f"{number} deactivated.", messages.SUCCESS)

    def switch_all(self, request: HttpRequest, queryset: QuerySet[Any], *, on: bool) -> int:
        """Switch the chosen rows that aren't switched yet."""
        chosen = self.get_queryset(request).filter(pk__in=queryset.order_by().values("pk"))
        with transaction.atomic():
            rows = list(chosen.exclude(**{self.switch: on}).order_by("pk").select_for_update())
            for row in rows:
                setattr(row, self.switch, on)
                row.save(update_fields=[self.switch])
        return len(rows)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        obj.save(update_fields=form.changed_data if change else None)


class ReadOnlyAdmin(TableAdmin):
    """A table whose rows only the API creates and changes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Keys that were used."""

    list_display = ["scope", "key", "status", "created_at"]
    fields = ["scope", "key", "status", "location", "created_at"]
