"""Forms: fields and widgets are Django's, rules and texts those of the API's serializers."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, QueryDict
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from drf_api.accounts.backends import counted_login
from drf_api.accounts.models import User
from drf_api.accounts.serializers import (
    CredentialsSerializer,
    PasswordChangeSerializer,
    UserSerializer,
    UserUpdateSerializer,
)
from drf_api.contract.errors import (
    DETAILS,
    InputError,
    body_errors,
    first_error,
    first_problem,
    property_of,
)
from drf_api.contract.openapi import PROBLEMS
from drf_api.contract.parameters import QuerySerializer
from drf_api.contract.serializers import StrictSerializer
from drf_api.contract.strict import CharField, ChoiceField, DecimalField
from drf_api.products.filters import ProductQuery
from drf_api.products.models import REASONS
from drf_api.products.serializers import StockAdjustmentSerializer
from drf_api.todos.filters import TodoQuery
from drf_api.todos.models import Priority
from drf_api.todos.serializers import TodoSerializer

SORTS = {
    "-created_at": "Newest",
    "name": "Name",
    "price": "Price, low to high",
    "-price": "Price, high to low",
}
SHOWN: dict[str, dict[str, bool]] = {
    "open": {"completed": False},
    "overdue": {"overdue": True},
    "done": {"completed": True},
    "all": {},
}
INTEGER_DIGITS = 20  # more than any number in range has; Python refuses to read thousands


class PageRenderer(DjangoTemplates):
    """Renders forms with the pages' templates."""

    form_template_name = "web/form.html"
    field_template_name = "web/field.html"


class PageBoundField(forms.BoundField):
    """Names its hint and its errors to assistive technology."""

    @property
    def aria_describedby(self) -> str:
        parts = {"hint": self.help_text, "errors": self.errors}
        return " ".join(f"{self.auto_id}-{name}" for name, part in parts.items() if part)


class PageForm(forms.Form):
    """A form as all pages show it; the server validates, not the browser."""

    default_renderer = PageRenderer
    bound_field_class = PageBoundField
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", "label_suffix": "", **kwargs})

    def add_text(self, name: str, text: str) -> None:
        """Put an error beside its field, once, or above the form if it has no such field."""
        field = name if name in self.fields else None
        if text not in self.errors.get(field or NON_FIELD_ERRORS, ()):
            self.add_error(field, text)


def text_field(
    label: str, hint: str = "", widget: forms.Widget | None = None, **attrs: Any
) -> forms.Field:
    """Declare a field whose rules are the serializer's."""
    widget = widget or forms.TextInput()
    widget.attrs.update(attrs)
    return forms.Field(required=False, label=label, help_text=hint, widget=widget)


def username_field(hint: str = "") -> forms.Field:
    """Declare a field for a username."""
    return text_field("Username", hint, autocomplete="username", autocapitalize="none")


def email_field() -> forms.Field:
    """Declare a field for an email address."""
    return text_field("Email", widget=forms.EmailInput(), autocomplete="email")


def password_field(label: str = "Password") -> forms.Field:
    """Declare a field for the current password."""
    return text_field(label, widget=forms.PasswordInput(), autocomplete="current-password")


def new_password_field(label: str = "Password") -> forms.Field:
    """Declare a field for a new password."""
    hint = "8 to 128 characters."
    return text_field(label, hint, forms.PasswordInput(), autocomplete="new-password")


class ContractForm(PageForm):
    """A form that a serializer of the API validates; `cleaned_data` is its `validated_data`."""

    serializer_class: type[Serializer[Any]]

    def __init__(self, *args: Any, instance: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance = instance

    def payload(self) -> dict[str, Any]:
        """Return what a client of the API would send; an empty field is an empty text."""
        return {name: value or "" for name, value in self.cleaned_data.items()}

    def clean(self) -> dict[str, Any]:
        is_partial = self.instance is not None
        self.serializer = self.serializer_class(
            self.instance, data=self.payload(), partial=is_partial
        )
        try:
            self.serializer.is_valid(raise_exception=True)
        except exceptions.ValidationError as error:
            _, errors = first_problem([*body_errors(error.detail, self.serializer)])
            self.add_problems(errors)
            return self.cleaned_data
        return dict(self.serializer.validated_data)

    def add_problems(self, errors: Iterable[InputError]) -> None:
        """Show entries of a problem's `errors`."""
        for error in errors:
            self.add_text(property_of(error), error["detail"])

    def save(self, **values: Any) -> Any:
        """Save the values, with others that aren't in the form."""
        return self.serializer.save(**values)


class RegisterForm(ContractForm):
    """Sign-up."""

    serializer_class = UserSerializer
    username = username_field("3 to 30 lower-case letters, digits and underscores.")
    email = email_field()
    password = new_password_field()


class LoginForm(ContractForm):
    """A username and a password, which count as a failed login if they are wrong."""

    serializer_class = CredentialsSerializer
    username = username_field()
    password = password_field()

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        credentials = super().clean()
        if not self.errors:
            with counted_login(self.request, credentials["username"]):
                self.user = authenticate(self.request, **credentials)
                if self.user is None:
                    raise ValidationError(PROBLEMS["invalid-credentials"].detail)
        return credentials

    def get_user(self) -> Any:
        """Return who has logged in, as `LoginView` asks."""
        return self.user


class EmailForm(ContractForm):
    """A new email address."""

    serializer_class = UserUpdateSerializer
    email = email_field()


class OwnPasswordForm(ContractForm):
    """A form that asks for the current password, which counts as a login."""

    proof: str  # the field with the password

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not self.errors:
            user: User = self.request.user
            try:
                with counted_login(self.request, user.username):
                    require_password(user, values[self.proof])
            except ValidationError as error:
                self.add_error(self.proof, error)
        return values


def require_password(user: User, password: str) -> None:
    """Validate that a password is a user's."""
    if not user.check_password(password):
        raise ValidationError(DETAILS["incorrect_password"])


class PasswordForm(OwnPasswordForm):
    """The current and a new password."""

    serializer_class = PasswordChangeSerializer
    proof = "current_password"
    current_password = password_field("Current password")
    new_password = new_password_field("New password")


class CloseSerializer(StrictSerializer):
    """The password of an account that is to be closed."""

    password = CharField(max_length=128)


class CloseForm(OwnPasswordForm):
    """The password, as closing an account can't be undone."""

    serializer_class = CloseSerializer
    proof = "password"
    password = password_field()


class StockForm(ContractForm):
    """A movement of a product's stock."""

    serializer_class = StockAdjustmentSerializer
    delta = text_field(
        "Change",
        "Units that come in; negative: that go out.",
        inputmode="numeric",
        autocomplete="off",
    )
    reason = text_field(
        "Reason", widget=forms.Select(choices=[(name, name.capitalize()) for name in REASONS])
    )
    note = text_field("Note", autocomplete="off")

    def payload(self) -> dict[str, Any]:
        payload = super().payload()
        delta = payload["delta"].strip()
        if re.fullmatch(r"[+-]?[0-9]+", delta, re.ASCII):
            payload["delta"] = int(delta[:INTEGER_DIGITS])
        return payload


class TodoForm(ContractForm):
    """A new todo."""

    serializer_class = TodoSerializer
    title = text_field("Title", autocomplete="off")
    priority = text_field(
        "Priority",
        widget=forms.Select(
            choices=[(name, name.capitalize()) for name in Priority.labels],
        ),
    )
    due_on = text_field("Due on", widget=forms.TextInput({"type": "date"}), autocomplete="off")
    tags = text_field("Tags", "Words separated by spaces.", autocomplete="off")
    items = text_field(
        "Checklist",
        "One step per line.",
        forms.Textarea({"rows": False, "cols": False}),
        autocomplete="off",
    )

    def payload(self) -> dict[str, Any]:
        payload = super().payload()
        due_on = payload.pop("due_on").strip()
        return {
            **payload,
            "due_at": f"{due_on}T23:59:59Z" if due_on else None,
            "tags": list(dict.fromkeys(payload["tags"].split())),
            "items": [
                {"text": line.strip()} for line in payload["items"].splitlines() if line.strip()
            ],
        }

    def add_text(self, name: str, text: str) -> None:
        super().add_text("due_on" if name == "due_at" else name, text)


class PriceField(DecimalField):
    """A price as people type it: with no decimal places, one or two."""

    def to_internal_value(self, data: Any) -> Any:
        if re.fullmatch(r"[0-9]+", data, re.ASCII):
            data = f"{data}.00"
        elif re.fullmatch(r"[0-9]+\.[0-9]", data, re.ASCII):
            data = f"{data}0"
        return super().to_internal_value(data)


class CatalogueQuery(ProductQuery):
    """The API's parameters, as far as the catalogue has fields for them."""

    active = currency = limit = None  # type: ignore[assignment] # DRF's way to leave out
    min_price = PriceField(max_digits=10, decimal_places=2, required=False)
    max_price = PriceField(max_digits=10, decimal_places=2, required=False)
    sort = ChoiceField([*SORTS], required=False)


class DashboardQuery(TodoQuery):
    """The same of the dashboard."""

    completed = priority = tag = product_id = None  # type: ignore[assignment] # as above
    due_before = due_after = overdue = sort = limit = None  # type: ignore[assignment] # as above
    status = ChoiceField([*SHOWN], default="open")


class FilterForm(PageForm):
    """What a list shows, sent by GET; `cleaned_data` are parameters as the API's."""

    serializer_class: type[QuerySerializer]

    def __init__(self, request: Request) -> None:
        super().__init__(request.query_params)
        self.request = request

    def clean(self) -> dict[str, Any]:
        query = QueryDict(mutable=True)
        serializer = self.serializer_class(data=query, context={"request": self.request})
        for name, values in self.request.query_params.lists():
            # Browsers send the fields that nobody has filled in, too.
            if name in serializer.fields and values != [""]:
                query.setlist(name, values)
        if not serializer.is_valid():
            for name, details in serializer.errors.items():
                self.add_text(name, first_error(details, serializer.fields.get(name))[1])
        return dict(serializer.validated_data)


class CatalogueForm(FilterForm):
    """What to look for in the catalogue."""

    serializer_class = CatalogueQuery
    q = text_field("Search", widget=forms.SearchInput())
    category = text_field("Category", widget=forms.Select())
    min_price = text_field("Price from", inputmode="decimal")
    max_price = text_field("Price to", inputmode="decimal")
    in_stock = text_field("In stock", widget=forms.CheckboxInput(), value="true")
    sort = text_field("Sort by", widget=forms.Select(choices=[*SORTS.items()]))

    def __init__(self, request: Request, categories: Iterable[str]) -> None:
        super().__init__(request)
        choices = [("", "All"), *((name, name) for name in categories)]
        self.fields["category"].widget.choices = choices


class DashboardForm(FilterForm):
    """Which todos to show."""

    serializer_class = DashboardQuery
    q = text_field("Search", widget=forms.SearchInput())
    status = text_field(
        "Show", widget=forms.Select(choices=[(name, name.capitalize()) for name in SHOWN])
    )
