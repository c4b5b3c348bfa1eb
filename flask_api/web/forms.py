"""Forms: their fields are WTForms', their rules those of the API's schemas, texts included."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import marshmallow
from flask import request
from flask_wtf import FlaskForm
from marshmallow import EXCLUDE, ValidationError, fields, validate
from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    SearchField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)

from flask_api.accounts.schemas import (
    CredentialsSchema,
    PasswordChangeSchema,
    UserSchema,
    UserUpdateSchema,
)
from flask_api.contract import strict
from flask_api.contract.errors import InputError, pointer_errors
from flask_api.contract.pagination import Order
from flask_api.products.filters import SORT_KEYS, ProductQuery
from flask_api.products.models import REASONS
from flask_api.products.schemas import StockAdjustmentSchema
from flask_api.todos.filters import TodoQuery
from flask_api.todos.models import Priority
from flask_api.todos.schemas import TodoSchema

SORTS = {
    "-created_at": "Newest",
    "name": "Name",
    "price": "Price, low to high",
    "-price": "Price, high to low",
}
SHOWN: dict[str, dict[str, Any]] = {  # what the dashboard shows, as the API's parameters
    "open": {"completed": False},
    "overdue": {"overdue": True},
    "done": {"completed": True},
    "all": {},
}
END_OF_DAY = "T23:59:59Z"


class ContractForm(FlaskForm):
    """A form whose values a schema of the API judges; `loaded` is what that makes of them."""

    schema: ClassVar[marshmallow.Schema]
    loaded: dict[str, Any]

    def payload(self) -> dict[str, Any]:
        """Return what an API client would send; a field that is missing is an empty one."""
        sent = {name: self[name].data for name in self.schema.fields if name in self}
        return {name: "" if value is None else value for name, value in sent.items()}

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Ask the schema instead of validators, which would have the rules a second time."""
        for field in self:
            field.errors = []
        try:
            self.loaded = self.schema.load(self.payload())
        except ValidationError as error:
            self.add_errors(pointer_errors(error.messages_dict))
            return False
        return True

    def add_errors(self, errors: Iterable[InputError]) -> None:
        """Put errors beside the fields that they point at, and all others above the form."""
        for error in errors:
            name = error.place.split("/")[1] if error.kind == "pointer" else error.place
            found = self[name].errors if name in self else self.form_errors
            text = error.render()["detail"]
            if text not in found:
                found.append(text)


class RegisterForm(ContractForm):
    """An account's first values."""

    schema = UserSchema()
    username = StringField(
        "Username",
        description="3 to 30 lower-case letters, digits and underscores.",
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    email = EmailField("Email", render_kw={"autocomplete": "email"})
    password = PasswordField(
        "Password",
        description="8 to 128 characters.",
        render_kw={"autocomplete": "new-password"},
    )


class LoginForm(ContractForm):
    """What one logs in with."""

    schema = CredentialsSchema()
    username = StringField(
        "Username", render_kw={"autocomplete": "username", "autocapitalize": "none"}
    )
    password = PasswordField("Password", render_kw={"autocomplete": "current-password"})


class EmailForm(ContractForm):
    """Another address."""

    schema = UserUpdateSchema(only=["email"])
    email = EmailField("Email", render_kw={"autocomplete": "email"})


class PasswordForm(ContractForm):
    """The current and a new password."""

    schema = PasswordChangeSchema()
    current_password = PasswordField(
        "Current password", render_kw={"autocomplete": "current-password"}
    )
    new_password = PasswordField(
        "New password",
        description="8 to 128 characters.",
        render_kw={"autocomplete": "new-password"},
    )


class CloseForm(ContractForm):
    """The password, as closing an account can't be undone."""

    schema = CredentialsSchema(only=["password"])
    password = PasswordField("Password", render_kw={"autocomplete": "current-password"})


class StockForm(ContractForm):
    """A movement of a product's stock."""

    schema = StockAdjustmentSchema()
    delta = StringField(
        "Change",
        description="Units that come in; negative: that go out.",
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    reason = SelectField(
        "Reason",
        choices=[SelectChoice(reason, reason.capitalize()) for reason in REASONS],
        validate_choice=False,
    )
    note = StringField("Note", render_kw={"autocomplete": "off"})

    def payload(self) -> dict[str, Any]:
        delta = (self.delta.data or "").strip()
        # Of more digits than fit Python refuses to make a number; none so long is in range anyway.
        is_number = re.fullmatch(r"[+-]?[0-9]+", delta)
        return {**super().payload(), "delta": int(delta[:20]) if is_number else delta}


class TodoForm(ContractForm):
    """A new todo."""

    schema = TodoSchema()
    title = StringField("Title", render_kw={"autocomplete": "off"})
    priority = SelectField(
        "Priority",
        choices=[SelectChoice(name, name.capitalize()) for name in Priority.__members__],
        default=Priority.normal.name,
        validate_choice=False,
    )
    due_on = StringField("Due on", render_kw={"type": "date", "autocomplete": "off"})
    tags = StringField(
        "Tags", description="Words separated by spaces.", render_kw={"autocomplete": "off"}
    )
    items = TextAreaField(
        "Checklist", description="One step per line.", render_kw={"autocomplete": "off"}
    )

    def payload(self) -> dict[str, Any]:
        due_on = (self.due_on.data or "").strip()
        lines = [line.strip() for line in (self["items"].data or "").splitlines()]
        return {
            "title": self.title.data or "",
            # Sent without one, it would have the default, as if the form had never been sent.
            "priority": self.priority.data if self.priority.raw_data else "",
            "due_at": f"{due_on}{END_OF_DAY}" if due_on else None,
            "tags": list(dict.fromkeys((self.tags.data or "").split())),
            "items": [{"text": line} for line in lines if line],
        }

    def add_errors(self, errors: Iterable[InputError]) -> None:
        super().add_errors(
            InputError(kind, place.replace("/due_at", "/due_on"), code)
            for kind, place, code in errors
        )


def whole_price(text: str) -> str:
    """Write a price with two places, as nobody does who types `10` or `10.5`."""
    if re.fullmatch(r"[0-9]+", text):
        return f"{text}.00"
    return f"{text}0" if re.fullmatch(r"[0-9]+\.[0-9]", text) else text


def order(sort: str) -> Order:
    """Return the order that the form's select names."""
    return Order(SORT_KEYS[sort.removeprefix("-")], descending=sort.startswith("-"))


class CatalogueQuery(ProductQuery):
    """The catalogue's parameters, as far as its page has fields for them."""

    class Meta:
        fields = ("q", "category", "min_price", "max_price", "in_stock", "sort", "cursor")
        unknown = EXCLUDE

    min_price = strict.Price(pre_load=whole_price)
    max_price = strict.Price(pre_load=whole_price)
    sort = fields.String(
        validate=validate.OneOf([*SORTS]), post_load=order, load_default=order("-created_at")
    )


class DashboardQuery(TodoQuery):
    """The dashboard's parameters."""

    class Meta:
        fields = ("q", "status", "cursor")
        unknown = EXCLUDE

    status = fields.String(validate=validate.OneOf([*SHOWN]), load_default="open")


class FilterForm(ContractForm):
    """A form that is sent by GET: it changes nothing, so it has no token."""

    class Meta(FlaskForm.Meta):
        csrf = False

    def __init__(self) -> None:
        super().__init__(formdata=request.args)

    def payload(self) -> dict[str, Any]:
        # A browser sends the fields that nobody has filled in, too.
        return {name: values for name, values in request.args.lists() if values != [""]}


class CatalogueForm(FilterForm):
    """What to look for in the catalogue."""

    schema = CatalogueQuery()
    q = SearchField("Search")
    category = SelectField("Category", validate_choice=False)
    min_price = StringField("Price from", render_kw={"inputmode": "decimal"})
    max_price = StringField("Price to", render_kw={"inputmode": "decimal"})
    in_stock = BooleanField("In stock", render_kw={"value": "true"})
    sort = SelectField(
        "Sort by", choices=[SelectChoice(*sort) for sort in SORTS.items()], validate_choice=False
    )

    def __init__(self, categories: Iterable[str]) -> None:
        super().__init__()
        self.category.choices = [
            SelectChoice("", "All"),
            *(SelectChoice(name, name) for name in categories),
        ]


class DashboardForm(FilterForm):
    """Which todos to show."""

    schema = DashboardQuery()
    q = SearchField("Search")
    status = SelectField(
        "Show",
        choices=[SelectChoice(name, name.capitalize()) for name in SHOWN],
        validate_choice=False,
    )
