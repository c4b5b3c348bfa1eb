"""Logging in to the admin site, within the API's throttle and by its rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from rest_framework import exceptions

from drf_api.accounts.backends import counted_login
from drf_api.accounts.models import User
from drf_api.accounts.serializers import UserSerializer
from drf_api.contract.errors import body_errors

THROTTLED = "throttled"


@contextmanager
def throttled_form(request: HttpRequest, username: str) -> Iterator[None]:
    """Count logins as everywhere; say in the form that there were too many failures."""
    try:
        with counted_login(request, username):
            yield
    except exceptions.Throttled as error:
        message = "Too many failed logins. Try again in %(wait)s seconds."
        raise ValidationError(message, THROTTLED, {"wait": error.wait}) from error  # type: ignore[attr-defined] # DRF's stub lacks it


class LoginForm(AdminAuthenticationForm):
    """Refuses a login after too many failures, here or at `POST /api/tokens`."""

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if username is None or not self.cleaned_data.get("password") or self.request is None:
            return super().clean()
        with throttled_form(self.request, username):
            return super().clean()


class PasswordChangeForm(AdminPasswordChangeForm):
    """Changes a password by the API's rules: a wrong old one is a failed login."""

    user: User

    def __init__(self, user: User, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        with throttled_form(self.request, self.user.get_username()):
            return super().clean_old_password()

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Store the new password; the old one is wrong if another request has changed it."""
        if not self.user.change_password(self.cleaned_data["new_password1"]):
            code = "password_incorrect"
            raise ValidationError(self.error_messages[code], code=code)
        return self.user


class ChangePassword(PasswordChangeView):
    """Django's view with that form."""

    form_class = PasswordChangeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ValidationError as error:
            form.add_error("old_password", error)
            return self.form_invalid(form)


class ShopAdminSite(AdminSite):
    """Django's site, which counts failed logins as the API does."""

    login_form = LoginForm

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return with_status(super().login(request, extra_context))

    def password_change(  # type: ignore[override] # the stub knows one kind of response
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Change the password, which ends all logins at the API."""
        view: Any = ChangePassword.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        request.current_app = self.name
        return with_status(view(request))


def with_status(response: HttpResponse) -> HttpResponse:
    """Answer 429 with a form that is refused after too many failures."""
    form = (getattr(response, "context_data", None) or {}).get("form")  # a redirect has none
    for error in chain.from_iterable(form.errors.as_data().values() if form else ()):
        if error.code == THROTTLED:
            response.status_code = 429
            response["Retry-After"] = str(error.params["wait"])
    return response


class PasswordValidator:
    """Holds a new password to the API's rules."""

    def validate(self, password: str, user: object = None) -> None:
        field = password_field()
        try:
            field.run_validation(password)
        except exceptions.ValidationError as error:
            errors = body_errors(error.detail, field)
            raise ValidationError([each["detail"] for each in errors]) from error

    def get_help_text(self) -> str:
        field = password_field()
        return f"A password has {field.min_length} to {field.max_length} characters."


def password_field() -> Any:
    """Return the API's field, which knows the rules."""
    return UserSerializer().fields["password"]
