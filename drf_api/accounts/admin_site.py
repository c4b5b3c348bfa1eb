"""Logging in to the admin site, within the API's throttle and by its rules."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions

from drf_api.accounts.serializers import UserSerializer
from drf_api.core.throttling import LoginThrottle

THROTTLED = "throttled"


class LoginForm(AdminAuthenticationForm):
    """Refuses who has failed too often, here or at `POST /api/tokens`."""

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if username is None or not self.cleaned_data.get("password") or self.request is None:
            return super().clean()
        throttle = LoginThrottle(self.request, username)
        try:
            throttle.check()
            try:
                cleaned = super().clean()
            except ValidationError:
                throttle.count_failure()
                raise
            throttle.forget_failures()
        except exceptions.Throttled as error:
            raise ValidationError(too_many(error), code=THROTTLED) from error
        return cleaned


class ShopAdminSite(AdminSite):
    """Django's site, which counts failed logins as the API does."""

    login_form = LoginForm

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().login(request, extra_context)
        form = form_of(response)
        if form is not None and form.has_error(NON_FIELD_ERRORS, THROTTLED):
            response.status_code = 429
        return response

    def password_change(  # type: ignore[override] # the stub knows one kind of response
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Change the password: a wrong old one is a failed login, and a change ends all logins."""
        if request.method != "POST":
            return super().password_change(request, extra_context)
        throttle = LoginThrottle(request, request.user.get_username())
        try:
            throttle.check()
            response = super().password_change(request, extra_context)
            form = form_of(response)
            if form is None:
                throttle.forget_failures()
                request.user.tokens.all().delete()  # type: ignore[union-attr] # staff are users
            elif form.has_error("old_password", "password_incorrect"):
                throttle.count_failure()
        except exceptions.Throttled as error:
            return HttpResponse(too_many(error), status=429, content_type="text/plain")
        return response


def form_of(response: HttpResponse) -> Any:
    """Return the form that is shown again; there is none where it was right."""
    return (getattr(response, "context_data", None) or {}).get("form")


def too_many(error: exceptions.Throttled) -> str:
    """Say how long to wait."""
    return f"Too many failed logins. Try again in {error.wait} seconds."  # type: ignore[attr-defined] # no stub


class PasswordValidator:
    """Holds a new password to the API's rules."""

    def validate(self, password: str, user: object = None) -> None:
        try:
            UserSerializer().fields["password"].run_validation(password)
        except exceptions.ValidationError as error:
            raise ValidationError([str(detail) for detail in error.detail]) from error

    def get_help_text(self) -> str:
        return "A password has 8 to 128 characters."
