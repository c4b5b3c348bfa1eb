"""The admin site (Flask-Admin), for staff who have logged in on the pages."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from flask import Flask, Response, flash, redirect, request
from flask_admin import Admin, AdminIndexView, BaseView, expose
from flask_admin.actions import action
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.filters import BooleanEqualFilter, FilterEqual
from flask_admin.form import FormOpts
from flask_admin.menu import MenuLink
from flask_admin.model.typefmt import BASE_FORMATTERS, EXPORT_FORMATTERS
from flask_admin.theme import Bootstrap4Theme
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.exceptions import NotFound
from wtforms import BooleanField, EmailField, SelectChoice, SelectField, StringField, TextAreaField

from flask_api.accounts.models import Token, User
from flask_api.accounts.resources import refuse_conflicts
from flask_api.accounts.schemas import UserUpdateSchema
from flask_api.contract import idempotency
from flask_api.contract.database import db, now, retry_on_conflict, transaction
from flask_api.contract.errors import Code, InputError, ProblemError
from flask_api.contract.idempotency import IdempotencyKey
from flask_api.products.models import CURRENCIES, InsufficientStockError, Product, StockAdjustment
from flask_api.products.resources import refuse_conflict
from flask_api.products.schemas import ProductSchema
from flask_api.todos.models import Tag, Todo
from flask_api.web.forms import ContractForm, StockForm, whole_price
from flask_api.web.login import ask_to_log_in, has_session
from flask_api.web.pages import admit
from flask_api.web.views import (
    is_staff,
    latest_movements,
    locked_user,
    machine_time,
    show_time,
    take_errors,
)

# Bootstrap's style sheet has images in it; the scripts are files, as on no other page but /docs.
CSP = (
    "default-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# What its lists and forms ask for; others it would hand on to `url_for`, which has its own.
PARAMETERS = {"desc", "id", "page", "page_size", "search", "sort", "url"}
MAX_PAGE = 1_000_000
# A cell that begins with one of these is a formula to spreadsheets.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class StaffView(BaseView):
    """A view for staff, within the rules that hold for all pages."""

    def create_blueprint(self, admin: Admin) -> Any:
        blueprint = super().create_blueprint(admin)
        blueprint.before_request(admit)
        blueprint.before_request(refuse_parameters)
        blueprint.after_request(set_policy)
        return blueprint

    def is_accessible(self) -> bool:
        return is_staff()

    def inaccessible_callback(self, name: str, **_: Any) -> Any:
        if current_user.is_authenticated:
            raise ProblemError("forbidden")
        return ask_to_log_in()


def refuse_parameters() -> None:
    """Refuse parameters that nothing here asks for; files have one for their version."""
    unknown = [
        name for name in request.args if name not in PARAMETERS and not name.startswith("flt")
    ]
    if unknown and has_session(request.path):
        raise ProblemError("malformed-request")


def set_policy(response: Response) -> Response:
    """Let the admin's pages load what they need."""
    response.headers["Content-Security-Policy"] = CSP
    return response


class IndexView(StaffView, AdminIndexView):
    """Where the admin site begins."""


class TableView(StaffView, ModelView):
    """A table that is shown, searched and exported; subclasses allow more."""

    can_create = can_edit = can_delete = False
    can_export = True
    list_template = "web/admin/list.html"
    form = form_base_class = FlaskForm  # with Flask-WTF's token
    named_filter_urls = True
    page_size = 50
    column_type_formatters = {
        **BASE_FORMATTERS,
        datetime: lambda _view, moment, _name: show_time(moment),
    }
    column_type_formatters_detail = column_type_formatters
    column_type_formatters_export = {
        **EXPORT_FORMATTERS,
        datetime: lambda _view, moment, _name: machine_time(moment),
    }

    def __init__(self, model: type, name: str, url: str) -> None:
        super().__init__(model, db, name, endpoint=f"admin_{url}".replace("-", "_"), url=url)

    def get_list(
        self,
        page: int | None,
        sort_column: str | None,
        sort_desc: int | None,
        search: str | None,
        filters: Sequence[tuple[int, str, str]] | None,
        **options: Any,
    ) -> Any:
        """Find nothing for U+0000, which no stored text has, and bound the page number."""
        if "\0" in "".join([search or "", *(value for *_, value in filters or ())]):
            return 0, []
        page = min(max(page or 0, 0), MAX_PAGE)
        return super().get_list(page, sort_column, sort_desc, search, filters, **options)

    def get_one(self, id: str) -> Any:  # noqa: A002 – Flask-Admin's signature
        """Find a row; no row has an id that isn't one."""
        keys = uuids([id])
        return db.session.get(self.model, keys[0]) if keys else None

    def get_export_value(self, model: Any, name: str) -> Any:
        """Write no text as a formula; numbers may be negative."""
        value = super().get_export_value(model, name)
        is_formula = isinstance(value, str) and value.startswith(FORMULA)
        return f"'{value}" if is_formula else value

    def delete_model(self, model: Any) -> bool:
        """Delete a row, unless another request has done so meanwhile."""
        if not self.delete_all([model.id]):
            raise NotFound
        return True

    @action("delete", "Delete", "Delete the selected records?")
    def action_delete(self, ids: list[str]) -> None:
        """Delete rows, all or none."""
        flash(f"{self.delete_all(uuids(ids))} deleted.", "success")

    @retry_on_conflict
    def delete_all(self, keys: Sequence[UUID]) -> int:
        """Delete the rows that are there, and tell how many they were."""
        with transaction():
            found = locked_rows(self.model, keys)
            for row in found:
                self.on_model_delete(row)
                db.session.delete(row)
        return len(found)


def uuids(texts: Iterable[str]) -> list[UUID]:
    """Return the texts that are ids; others are nobody's."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def locked(model: type[Any], key: UUID) -> Any:
    """Lock a row, which may have gone meanwhile."""
    return db.get_or_404(model, key, with_for_update=True, populate_existing=True)


def locked_rows(model: type[Any], keys: Sequence[UUID]) -> Sequence[Any]:
    """Lock rows, in one order for all requests; some may have gone meanwhile."""
    rows = select(model).where(model.id.in_(keys)).order_by(model.id).with_for_update()
    return db.session.scalars(rows.execution_options(populate_existing=True)).all()


class SwitchView(TableView):
    """A table whose rows can be changed, and switched on and off together."""

    switch: str
    can_edit = can_delete = True

    def is_action_allowed(self, name: str) -> bool:
        """Allow switching rows only to those who may edit them."""
        is_switch = name in {"activate", "deactivate"}
        return bool(super().is_action_allowed(name)) and (self.can_edit or not is_switch)

    def update_model(self, form: ContractForm, model: Any) -> bool:
        """Store what has been changed in a form; what others store meanwhile stays."""
        changed = {
            name: value for name, value in form.loaded.items() if getattr(model, name) != value
        }
        try:
            self.store(model.id, changed)
        except ProblemError as error:
            take_errors(form, error)
            return False
        return True

    @retry_on_conflict
    def store(self, key: UUID, changed: Mapping[str, Any]) -> None:
        """Store values of a row."""
        with transaction():
            found = locked(self.model, key)
            self.refuse_conflict(changed, key)
            self.change(found, changed)

    def refuse_conflict(self, values: Mapping[str, Any], key: UUID) -> None:
        """Refuse what another row has and only one may have."""
        raise NotImplementedError

    def change(self, found: Any, changed: Mapping[str, Any]) -> None:
        """Set values of a row."""
        raise NotImplementedError

    @action("activate", "Activate")
    def activate(self, ids: list[str]) -> None:
        """Switch rows on."""
        self.switch_all(ids, on=True)

    @action("deactivate", "Deactivate")
    def deactivate(self, ids: list[str]) -> None:
        """Switch rows off."""
        self.switch_all(ids, on=False)

    @retry_on_conflict
    def switch_all(self, ids: list[str], *, on: bool) -> None:
        """Switch the chosen rows that aren't yet as they shall be."""
        with transaction():
            rows = locked_rows(self.model, uuids(ids))
            others = [row for row in rows if getattr(row, self.switch) != on]
            for row in others:
                self.change(row, {self.switch: on})
        flash(f"{len(others)} {'activated' if on else 'deactivated'}.", "success")


class UserForm(ContractForm):
    """What staff may change of an account: anything but its password."""

    schema = UserUpdateSchema()
    username = StringField("Username")
    email = EmailField("Email")
    is_staff = BooleanField("Staff")
    is_active = BooleanField("Active")

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Add what the API lets nobody change."""
        if not super().validate(extra_validators):
            return False
        self.loaded |= {"is_staff": self.is_staff.data, "is_active": self.is_active.data}
        return True


class UserView(SwitchView):
    """Accounts; they are made by registering or a command, and have their passwords from there."""

    switch = "is_active"
    form = UserForm
    column_list = ["username", "email", "is_staff", "is_active", "created_at"]
    column_searchable_list = ["username", "email"]
    column_filters = [
        BooleanEqualFilter(User.is_staff, "Staff"),
        BooleanEqualFilter(User.is_active, "Active"),
    ]
    column_default_sort = "username"

    def refuse_conflict(self, values: Mapping[str, Any], key: UUID) -> None:
        refuse_conflicts(values.get("username"), values.get("email"), exclude=key)

    def change(self, found: User, changed: Mapping[str, Any]) -> None:
        for name, value in changed.items():
            setattr(found, name, value)

    def on_model_delete(self, model: User) -> None:
        idempotency.forget(str(model.id))


class TokenView(TableView):
    """Logins at the API; deleting one ends it."""

    can_delete = True
    column_list = ["user.username", "created_at", "last_used_at", "expires_at"]
    column_labels = {"user.username": "User"}
    column_searchable_list = ["user.username"]
    column_select_related_list = [Token.user]
    column_default_sort = ("created_at", True)


class AttributesField(TextAreaField):
    """A map as JSON; the schema refuses any other text."""

    def process_data(self, value: Mapping[str, str] | None) -> None:
        self.data = orjson.dumps(value or {}, option=orjson.OPT_SORT_KEYS).decode()


class ProductForm(ContractForm):
    """What staff may change of a product; its stock is moved apart."""

    schema = ProductSchema()
    sku = StringField("SKU")
    name = StringField("Name")
    description = TextAreaField("Description")
    category = StringField("Category")
    price = StringField("Price", render_kw={"inputmode": "decimal"})
    currency = SelectField(
        "Currency",
        choices=[SelectChoice(name, name) for name in CURRENCIES],
        validate_choice=False,
    )
    attributes = AttributesField("Attributes", description="An object of texts, as JSON.")
    active = BooleanField("Active", default=True)

    def payload(self) -> dict[str, Any]:
        attributes = self.attributes.data or "{}"
        with suppress(orjson.JSONDecodeError):  # a text, which the schema refuses
            attributes = orjson.loads(attributes)
        return {
            **super().payload(),
            "price": whole_price(self.price.data or ""),
            "attributes": attributes,
        }


class ProductView(SwitchView):
    """The catalogue, each product with the movements of its stock."""

    can_create = True
    switch = "active"
    form = ProductForm
    edit_template = "web/admin/product.html"
    column_list = ["sku", "name", "category", "price", "currency", "stock", "active"]
    column_labels = {"sku": "SKU"}
    column_searchable_list = ["sku", "name"]
    column_filters = [
        BooleanEqualFilter(Product.active, "Active"),
        FilterEqual(Product.category, "Category"),
        FilterEqual(Product.currency, "Currency", [(name, name) for name in CURRENCIES]),
    ]
    column_default_sort = ("created_at", True)

    def create_model(self, form: ProductForm) -> Any:
        """Store a new product."""
        try:
            return self.add(form.loaded)
        except ProblemError as error:
            take_errors(form, error)
            return False

    @retry_on_conflict
    def add(self, data: Mapping[str, Any]) -> Product:
        """Store a new product, as the API does."""
        moment = now()
        with transaction():
            refuse_conflict(data["sku"])
            product = Product(**data, created_at=moment, updated_at=moment)
            db.session.add(product)
        return product

    def refuse_conflict(self, values: Mapping[str, Any], key: UUID) -> None:
        if "sku" in values:
            refuse_conflict(values["sku"], exclude=key)

    def change(self, found: Product, changed: Mapping[str, Any]) -> None:
        if changed:
            found.update(changed)

    @expose("/stock/", methods=("POST",))
    def stock_view(self) -> Any:
        """Move a product's stock; movements are added, and never changed or deleted."""
        product = self.get_one(request.args.get("id", ""))
        if product is None or not self.can_edit:
            raise NotFound
        form = StockForm()
        if form.validate():
            try:
                stock = self.move(product.id, form.loaded)
            except InsufficientStockError:
                form.add_errors([InputError("pointer", "/delta", Code("insufficient_stock"))])
            else:
                flash(f"Stock is now {stock}.", "success")
                return redirect(self.get_url(".edit_view", id=product.id))
        return self.render(
            self.edit_template,
            model=product,
            form=ProductForm(formdata=None, obj=product),
            form_opts=FormOpts(),
            return_url=self.get_url(".index_view"),
            stock_form=form,
        )

    @retry_on_conflict
    def move(self, key: UUID, data: Mapping[str, Any]) -> int:
        """Move the stock of a product while nobody else does, and tell what it is then."""
        with transaction():
            product = locked(Product, key)
            product.adjust(**data, user=locked_user())
        return int(product.stock)

    def render(self, template: str, **context: Any) -> Any:
        """Add the movements of its stock to a product's page."""
        if template == self.edit_template:
            context.setdefault("stock_form", StockForm(formdata=None))
            context["movements"] = latest_movements(context["model"])
        return super().render(template, **context)


class StockAdjustmentView(TableView):
    """Movements of stock, which nobody changes or deletes."""

    column_list = [
        "product.sku",
        "delta",
        "reason",
        "note",
        "balance",
        "created_by.username",
        "created_at",
    ]
    column_labels = {"product.sku": "Product", "created_by.username": "By"}
    column_searchable_list = ["product.sku"]
    column_select_related_list = [StockAdjustment.product, StockAdjustment.created_by]
    column_default_sort = ("created_at", True)


class TodoView(TableView):
    """Todos, which belong to their owners, with their tags and checklists."""

    can_delete = can_view_details = True
    column_list = ["title", "owner.username", "priority", "completed", "due_at", "tags"]
    column_details_list = [
        *("title", "notes", "owner.username", "priority", "completed", "completed_at", "due_at"),
        *("product.sku", "tags", "items", "created_at", "updated_at"),
    ]
    column_labels = {"owner.username": "Owner", "product.sku": "Product", "items": "Checklist"}
    column_formatters_detail = {
        "items": lambda _view, _context, todo, _name: [
            f"{item.text}{' – done' if item.done else ''}" for item in todo.items
        ]
    }
    column_searchable_list = ["title", "owner.username"]
    column_filters = [BooleanEqualFilter(Todo.completed, "Completed")]
    column_select_related_list = [Todo.owner]
    column_default_sort = ("created_at", True)


class TagView(TableView):
    """Tags, which are made with todos."""

    column_list = ["slug"]
    column_searchable_list = ["slug"]
    column_default_sort = "slug"


class IdempotencyKeyView(TableView):
    """Keys that were used."""

    column_list = ["scope", "key", "status", "created_at"]
    column_default_sort = ("created_at", True)


def init_app(app: Flask) -> None:
    """Add the admin site."""
    admin = Admin(
        app,
        name="Shop",
        index_view=IndexView(template="web/admin/index.html"),
        theme=Bootstrap4Theme(base_template="web/admin/base.html"),
    )
    admin.add_views(
        UserView(User, "Users", "users"),
        TokenView(Token, "Tokens", "tokens"),
        ProductView(Product, "Products", "products"),
        StockAdjustmentView(StockAdjustment, "Stock adjustments", "stock-adjustments"),
        TodoView(Todo, "Todos", "todos"),
        TagView(Tag, "Tags", "tags"),
        IdempotencyKeyView(IdempotencyKey, "Idempotency keys", "idempotency-keys"),
    )
    admin.add_link(MenuLink("To the shop", url="/"))
