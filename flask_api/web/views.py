"""The pages, in the order of their navigation."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from flask_api.accounts.authentication import authenticate, check_password
from flask_api.accounts.models import Token, User, hash_password
from flask_api.accounts.resources import refuse_conflicts, revoke
from flask_api.contract import idempotency
from flask_api.contract.database import db, now, retry_on_conflict, transaction
from flask_api.contract.errors import Code, InputError, ProblemError
from flask_api.contract.openapi import contract
from flask_api.contract.pagination import Order, Page, paginate, time_key
from flask_api.products.filters import filter_products
from flask_api.products.models import InsufficientStockError, Product, StockAdjustment
from flask_api.products.resources import summary
from flask_api.todos.filters import filter_todos
from flask_api.todos.models import ChecklistItem, Todo
from flask_api.web.forms import (
    SHOWN,
    CatalogueForm,
    CloseForm,
    ContractForm,
    DashboardForm,
    EmailForm,
    LoginForm,
    PasswordForm,
    RegisterForm,
    StockForm,
    TodoForm,
)
from flask_api.web.login import ask_to_log_in, is_own_path, leave, log_in, log_out, see_other
from flask_api.web.models import LoginSession

PRODUCTS_A_PAGE = 12
TODOS_A_PAGE = 20
MOVEMENTS_SHOWN = 20
TOKENS_SHOWN = 100
NEWEST_FIRST = Order(time_key(Todo.created_at))
SWAGGER_UI = str(files("flask_swagger_ui") / "dist")

# Templates find both by the name that `url_for` makes an address of: "web.static", "web.login".
web = Blueprint(
    "web",
    __name__,
    static_folder="static",
    static_url_path="/static/web",
    template_folder="templates",
)


class SkuConverter(BaseConverter):
    """What can be a SKU; everything else is nobody's address."""

    regex = "[A-Z0-9][A-Z0-9-]{2,31}"


def invalid(page: str) -> tuple[str, int]:
    """Show a form again, with what is wrong in it."""
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def take_errors(form: ContractForm, error: ProblemError) -> None:
    """Put what a rule of the data refuses beside the form's fields; all else stays a fault."""
    if not error.errors:
        raise error
    form.add_errors(error.errors)


# The catalogue


@web.get("/", strict_slashes=False)  # or `GET http://host`, without a path, would be redirected
def catalogue() -> ResponseReturnValue:
    """Show the products for sale, or those that the visitor looks for; to staff in figures, too."""
    for_sale = select(Product).where(Product.active)
    form = CatalogueForm(
        db.session.scalars(
            select(Product.category).where(Product.active).distinct().order_by(Product.category)
        )
    )
    figures = summary()["items"] if is_staff() else []
    show = partial(render_template, "web/catalogue.html", form=form, figures=figures)
    if not form.validate():
        return show(page=None), HTTPStatus.BAD_REQUEST
    query = {**form.loaded, "limit": PRODUCTS_A_PAGE}
    products = filter_products(for_sale, query)
    return show(page=paginate(products, Product.id, query["sort"], query))


@web.get("/products/<sku:sku>")
def product(sku: str) -> ResponseReturnValue:
    """Show a product; one that isn't for sale is for staff."""
    found = find_product(sku)
    return show_product(found, StockForm() if is_staff() else None)


@web.post("/products/<sku:sku>")
@login_required
@retry_on_conflict
def move_stock(sku: str) -> ResponseReturnValue:
    """Move a product's stock."""
    if not is_staff():
        raise ProblemError("forbidden")
    form = StockForm()
    if form.validate():
        try:
            stock = adjust(sku, form.loaded)
        except InsufficientStockError:
            form.add_errors([InputError("pointer", "/delta", Code("insufficient_stock"))])
        else:
            flash(f"Stock is now {stock}.")
            return see_other(url_for("web.product", sku=sku))
    return invalid(show_product(find_product(sku), form))


@transaction()
def adjust(sku: str, data: Mapping[str, Any]) -> int:
    """Move the stock of a product while nobody else does, and tell what it is then."""
    found = find_product(sku, lock=True)
    found.adjust(**data, user=locked_user())
    return found.stock


def is_staff() -> bool:
    """Tell whether the visitor may change the catalogue's stock."""
    return bool(current_user.is_authenticated and current_user.user.is_staff)


def find_product(sku: str, *, lock: bool = False) -> Product:
    """Find a product that the visitor may see."""
    statement = select(Product).where(Product.sku == sku)
    if not is_staff():
        statement = statement.where(Product.active)
    found: Product = db.one_or_404(statement.with_for_update() if lock else statement)
    return found


def show_product(found: Product, form: StockForm | None) -> str:
    """Render a product, for staff with its movements and a form."""
    movements = latest_movements(found) if form else []
    return render_template("web/product.html", product=found, movements=movements, form=form)


def latest_movements(product: Product) -> Sequence[StockAdjustment]:
    """Fetch the last movements of a product's stock, with the staff who made them."""
    movements = (
        select(StockAdjustment)
        .where(StockAdjustment.product_id == product.id)
        .options(joinedload(StockAdjustment.created_by))
        .order_by(StockAdjustment.created_at.desc(), StockAdjustment.id.desc())
        .limit(MOVEMENTS_SHOWN)
    )
    return db.session.scalars(movements).all()


# Who the visitor is


@web.route("/register", methods=["GET", "POST"])
@retry_on_conflict
def register() -> ResponseReturnValue:
    """Make an account, and log in to it."""
    if current_user.is_authenticated:
        return see_other(url_for("web.dashboard"))
    form = RegisterForm()
    if request.method == "POST":
        if form.validate():
            try:
                login = create_user(form.loaded)
            except ProblemError as error:
                take_errors(form, error)
            else:
                log_in(login)
                flash(f"Welcome, {login.user.username}.")
                return see_other(url_for("web.dashboard"))
        return invalid(render_template("web/register.html", form=form))
    return render_template("web/register.html", form=form)


def create_user(data: Mapping[str, Any]) -> LoginSession:
    """Create a user with a first login."""
    password = hash_password(data["password"])  # takes long, so it's done before the transaction
    with transaction():
        refuse_conflicts(data["username"], data["email"])
        user = User(**{**data, "password": password})
        db.session.add(user)
        db.session.flush()
        return LoginSession.start(user)


@web.route("/login", methods=["GET", "POST"])
@retry_on_conflict
def login() -> ResponseReturnValue:
    """Log in, and go on to where the visitor was going."""
    if current_user.is_authenticated:
        return see_other(url_for("web.dashboard"))
    form = LoginForm()
    target = request.values.get("next", "")
    target = target if is_own_path(target) else ""
    if request.method == "POST":
        if form.validate():
            user = authenticate(form.loaded["username"], form.loaded["password"])
            if user:
                with transaction():
                    session = LoginSession.start(user)
                log_in(session)
                return see_other(target or url_for("web.dashboard"))
            form.form_errors.append(contract().problem_types["invalid-credentials"].detail)
        return invalid(render_template("web/login.html", form=form, target=target))
    return render_template("web/login.html", form=form, target=target)


@web.post("/logout")
def logout() -> ResponseReturnValue:
    """Log out."""
    log_out()
    return leave("You are logged out.")


# The dashboard


def own_todos() -> Select[Todo]:
    """Select the visitor's todos."""
    return select(Todo).where(Todo.owner_id == current_user.user_id)


@web.get("/dashboard")
@login_required
def dashboard() -> ResponseReturnValue:
    """Show the visitor's todos, and a form for another one."""
    return show_dashboard(TodoForm(), HTTPStatus.OK)


@web.post("/dashboard")
@login_required
@retry_on_conflict
def add_todo() -> ResponseReturnValue:
    """Add a todo."""
    form = TodoForm()
    if not form.validate():
        return show_dashboard(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    with transaction():
        [todo] = Todo.create(locked_user(), [form.loaded])
    flash(f"Added: {todo.title}")
    return see_other(url_for("web.dashboard"))


def show_dashboard(form: TodoForm, status: int) -> tuple[str, int]:
    """Render the todos that the filter admits."""
    chosen = DashboardForm()
    page: Page | None = None
    if chosen.validate():
        query = {**chosen.loaded, **SHOWN[chosen.loaded["status"]], "limit": TODOS_A_PAGE}
        page = paginate(filter_todos(own_todos(), query), Todo.id, NEWEST_FIRST, query)
    else:
        status = HTTPStatus.BAD_REQUEST
    shown = render_template("web/dashboard.html", chosen=chosen, form=form, page=page, moment=now())
    return shown, status


def locked_todo(todo_id: UUID) -> Todo:
    """Find a todo of the visitor, which nobody else changes meanwhile."""
    found: Todo = db.one_or_404(own_todos().where(Todo.id == todo_id).with_for_update())
    return found


@web.post("/dashboard/todos/<id:todo_id>/toggle")
@login_required
@retry_on_conflict
def toggle_todo(todo_id: UUID) -> ResponseReturnValue:
    """Complete a todo, or reopen it."""
    with transaction():
        todo = locked_todo(todo_id)
        todo.update({"completed": not todo.completed})
    flash(f"{'Completed' if todo.completed else 'Reopened'}: {todo.title}")
    return see_other(url_for("web.dashboard"))


@web.route("/dashboard/todos/<id:todo_id>/delete", methods=["GET", "POST"])
@login_required
@retry_on_conflict
def delete_todo(todo_id: UUID) -> ResponseReturnValue:
    """Delete a todo, after asking."""
    if request.method != "POST":
        todo = db.one_or_404(own_todos().where(Todo.id == todo_id))
        return render_template("web/delete_todo.html", todo=todo)
    with transaction():
        todo = locked_todo(todo_id)
        db.session.delete(todo)
    flash(f"Deleted: {todo.title}")
    return see_other(url_for("web.dashboard"))


@web.post("/dashboard/todos/<id:todo_id>/items/<id:item_id>/<any(up, down):way>")
@login_required
@retry_on_conflict
def move_item(todo_id: UUID, item_id: UUID, way: str) -> ResponseReturnValue:
    """Move a step of a checklist up or down."""
    with transaction():
        todo = locked_todo(todo_id)
        item = next((item for item in todo.items if item.id == item_id), None)
        if item is None:
            raise NotFound
        swap(todo, item, -1 if way == "up" else 1)
    flash(f"Moved: {item.text}")
    return see_other(url_for("web.dashboard"))


def swap(todo: Todo, item: ChecklistItem, step: int) -> None:
    """Swap an item with the one beside it, if there is one."""
    place = item.position + step
    if not 0 <= place < len(todo.items):
        return
    other = todo.items[place]
    # No two items may have one position, not even between two statements.
    for moved, position in ((item, len(todo.items)), (other, place - step), (item, place)):
        moved.position = position
        db.session.flush()
    todo.updated_at = now()


# The account


@web.get("/account")
@login_required
def account() -> ResponseReturnValue:
    """Show the account."""
    return show_account()


def show_account(email: EmailForm | None = None, password: PasswordForm | None = None) -> str:
    """Render the account with its forms, one of which may have been sent."""
    user = current_user.user
    tokens = (
        select(Token)
        .where(Token.user_id == user.id, Token.is_valid())
        .order_by(Token.created_at.desc(), Token.id.desc())
        .limit(TOKENS_SHOWN)
    )
    return render_template(
        "web/account.html",
        user=user,
        email=email or EmailForm(formdata=None, email=user.email),
        password=password or PasswordForm(formdata=None),
        tokens=db.session.scalars(tokens).all(),
    )


def locked_user() -> User:
    """Lock the visitor's account; what has happened to it meanwhile has ended the session."""
    password = current_user.user.password
    user = db.session.get(User, current_user.user_id, populate_existing=True, with_for_update=True)
    if user is None or user.password != password:
        abort(ask_to_log_in())
    return user


@web.post("/account/email")
@login_required
@retry_on_conflict
def change_email() -> ResponseReturnValue:
    """Change the address."""
    form = EmailForm()
    if form.validate():
        try:
            with transaction():
                user = locked_user()
                refuse_conflicts(None, form.loaded["email"], exclude=user.id)
                user.email = form.loaded["email"]
        except ProblemError as error:
            take_errors(form, error)
        else:
            flash("Your email is changed.")
            return see_other(url_for("web.account"))
    return invalid(show_account(email=form))


@web.post("/account/password")
@login_required
@retry_on_conflict
def change_password() -> ResponseReturnValue:
    """Change the password, which ends all other sessions and revokes all tokens."""
    form = PasswordForm()
    if form.validate() and confirm(form, "current_password"):
        new = hash_password(form.loaded["new_password"])
        with transaction():
            user = locked_user()
            user.password = new
            db.session.execute(delete(Token).where(Token.user_id == user.id))
            db.session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
            session = LoginSession.start(user)
        log_in(session)
        flash("Your password is changed. You are logged out everywhere else.")
        return see_other(url_for("web.account"))
    return invalid(show_account(password=form))


def confirm(form: ContractForm, name: str) -> bool:
    """Check the visitor's password; a wrong one counts as a failed login."""
    user = current_user.user
    if check_password(user.username, form.loaded[name], user.password):
        return True
    form.add_errors([InputError("pointer", f"/{name}", Code("incorrect_password"))])
    return False


@web.post("/account/tokens")
@login_required
@retry_on_conflict
def make_token() -> ResponseReturnValue:
    """Make a token, which is shown this once."""
    with transaction():
        token = Token.issue(locked_user(), current_app.config["TOKEN_TTL"])
        db.session.add(token)
    return render_template("web/token.html", token=token.token), HTTPStatus.CREATED


@web.post("/account/tokens/<id:token_id>/revoke")
@login_required
@retry_on_conflict
def revoke_token(token_id: UUID) -> ResponseReturnValue:
    """Revoke a token."""
    if not revoke(token_id, current_user.user_id):
        raise NotFound
    flash("The token is revoked.")
    return see_other(url_for("web.account"))


@web.route("/account/close", methods=["GET", "POST"])
@login_required
@retry_on_conflict
def close_account() -> ResponseReturnValue:
    """Close the account, after the password is given once more."""
    form = CloseForm()
    if request.method == "POST":
        if form.validate() and confirm(form, "password"):
            with transaction():
                user = locked_user()
                idempotency.forget(str(user.id))
                db.session.delete(user)
            log_out()
            return leave("Your account is closed.")
        return invalid(render_template("web/close_account.html", form=form))
    return render_template("web/close_account.html", form=form)


# The API's documentation


@web.get("/docs")
def docs() -> ResponseReturnValue:
    """Show the contract by Swagger UI, which needs scripts; no other page has any."""
    return render_template("web/docs.html")


@web.get('/static/swagger-ui/<any("swagger-ui.css", "swagger-ui-bundle.js"):name>')
def swagger_ui(name: str) -> Response:
    """Send a file of Swagger UI's package."""
    return send_from_directory(SWAGGER_UI, name)


# In templates


@web.app_template_filter("time")
def show_time(moment: datetime) -> str:
    """Write a time for people."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@web.app_template_filter("machine_time")
def machine_time(moment: datetime) -> str:
    """Write a time as HTML's `datetime` attribute takes it."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
