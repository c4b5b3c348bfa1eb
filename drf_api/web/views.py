"""The pages."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.views.generic import DeleteView, FormView, TemplateView, View
from django.views.generic.base import ContextMixin, TemplateResponseMixin
from django.views.generic.detail import SingleObjectMixin

from drf_api.accounts.models import Token, User
from drf_api.contract.browsers import CONTENT_SECURITY_POLICY
from drf_api.contract.database import retry_on_conflict
from drf_api.contract.errors import ProblemError
from drf_api.products.filters import ProductFilter
from drf_api.products.models import Product
from drf_api.products.views import summary
from drf_api.todos.filters import TodoFilter
from drf_api.todos.models import Todo
from drf_api.web.forms import (
    SHOWN,
    CatalogueForm,
    CloseForm,
    DashboardForm,
    EmailForm,
    LoginForm,
    PasswordForm,
    RegisterForm,
    StockForm,
    TodoForm,
)
from drf_api.web.pages import (
    FormPageMixin,
    ListMixin,
    MembersMixin,
    PageMixin,
    VisitorsMixin,
    is_own,
)

MOVEMENTS_SHOWN = 20
TOKENS_SHOWN = 100
DOCS_POLICY = CONTENT_SECURITY_POLICY.replace(
    "img-src 'self'", "img-src 'self' data:; script-src 'self'; connect-src 'self'"
)


class Catalogue(ListMixin, PageMixin, TemplateView):
    """What the shop sells; staff see it in figures, too."""

    template_name = "web/catalogue.html"
    extra_context = {"title": "Catalogue"}
    filter_backend = ProductFilter
    page_size = 12

    def get(self, request: HttpRequest) -> HttpResponse:
        products = Product.objects.filter(active=True)
        categories = products.order_by("category").values_list("category", flat=True).distinct()
        page = self.get_page(CatalogueForm(self.api_request, categories), products)
        status = HTTPStatus.OK if "rows" in page else HTTPStatus.BAD_REQUEST
        if self.request.user.is_staff:
            page["figures"] = summary(Product.objects.all())["items"]
        return self.render_to_response(self.get_context_data(**page), status=status)


class ProductPage(FormPageMixin, SingleObjectMixin, FormView):  # type: ignore[type-arg] # Django's take none
    """One product; staff see how its stock has moved, and move it."""

    template_name = "web/product.html"
    form_class = StockForm
    slug_field = slug_url_kwarg = "sku"

    def get_queryset(self) -> Any:
        is_staff = self.request.user.is_staff
        return Product.objects.all() if is_staff else Product.objects.filter(active=True)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.object = self.get_object()
        return self.render_to_response(self.get_context_data())

    @retry_on_conflict
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.request.user.is_staff:
            return self.handle_no_permission()
        self.object = self.get_object(self.get_queryset().select_for_update())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: StockForm) -> Any:
        try:
            moved = form.save(product=self.object, by=self.request.user)
        except ProblemError as error:
            form.add_problems(error.errors or [])
            return self.form_invalid(form)
        messages.success(self.request, f"Stock is now {moved.balance}.")
        return redirect("product-page", self.object.sku)

    def get_context_data(self, **kwargs: Any) -> Any:
        movements = self.object.stock_adjustments.select_related("created_by")
        return super().get_context_data(
            title=self.object.name,
            attributes=sorted(self.object.attributes.items()),
            movements=movements.order_by("-created_at", "-id")[:MOVEMENTS_SHOWN],
            **kwargs,
        )


class Register(VisitorsMixin, FormPageMixin, FormView):  # type: ignore[type-arg] # as above
    """Sign-up, which logs in."""

    template_name = "web/register.html"
    form_class = RegisterForm
    extra_context = {"title": "Register"}

    @retry_on_conflict
    def post(self, request: HttpRequest) -> Any:
        return super().post(request)

    def form_valid(self, form: RegisterForm) -> HttpResponse:
        user = form.save()
        login(self.request, user)
        messages.success(self.request, f"Welcome, {user.username}.")
        return redirect("dashboard")


class Login(VisitorsMixin, FormPageMixin, LoginView):
    """Logging in, and back to where somebody was going."""

    template_name = "web/login.html"
    authentication_form = LoginForm  # type: ignore[assignment] # Django's asks the backends, too
    extra_context = {"title": "Log in"}

    def get_redirect_url(self) -> str:  # type: ignore[override] # the stub has a parameter more
        """Return `next` if it is a path of this site, which Django doesn't insist on."""
        address = super().get_redirect_url()
        return address if is_own(address) else ""


class Logout(PageMixin, View):
    """The end of a session."""

    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        rotate_token(request)  # forms from before are of no use any more
        messages.success(request, "You are logged out.")
        return redirect("catalogue")


class Dashboard(ListMixin, MembersMixin, FormPageMixin, FormView):  # type: ignore[type-arg] # as above
    """The visitor's todos."""

    template_name = "web/dashboard.html"
    form_class = TodoForm
    initial = {"priority": "normal"}
    extra_context = {"title": "Dashboard"}
    filter_backend = TodoFilter
    page_size = 20

    def get_context_data(self, **kwargs: Any) -> Any:
        form = DashboardForm(self.api_request)
        user: Any = self.request.user
        todos = Todo.objects.owned_by(user).prefetch_related("tags", "items")
        status = form.cleaned_data["status"] if form.is_valid() else ""
        return super().get_context_data(
            **self.get_page(form, todos, **SHOWN.get(status, {})), **kwargs
        )

    def get(self, request: HttpRequest) -> Any:
        context = self.get_context_data()
        status = HTTPStatus.OK if "rows" in context else HTTPStatus.BAD_REQUEST
        return self.render_to_response(context, status=status)

    @retry_on_conflict
    def post(self, request: HttpRequest) -> Any:
        return super().post(request)

    def form_valid(self, form: TodoForm) -> HttpResponse:
        todo = form.save(owner=self.request.user)
        messages.success(self.request, f"Added: {todo.title}")
        return redirect("dashboard")


class OwnTodoMixin(MembersMixin):
    """A page about one of the visitor's todos, which is locked while it changes."""

    pk_url_kwarg = "todo_id"

    def get_queryset(self) -> Any:
        todos = Todo.objects.owned_by(self.request.user)
        return todos.select_for_update() if self.request.method == "POST" else todos


class TodoToggle(OwnTodoMixin, View):
    """Completing a todo, and reopening it."""

    @retry_on_conflict
    def post(self, request: HttpRequest, todo_id: UUID) -> HttpResponse:
        todo = get_object_or_404(self.get_queryset(), pk=todo_id)
        todo.completed = not todo.completed
        todo.save()
        verb = "Completed" if todo.completed else "Reopened"
        messages.success(request, f"{verb}: {todo.title}")
        return redirect("dashboard")


class TodoDelete(OwnTodoMixin, DeleteView):  # type: ignore[type-arg] # as above
    """Deleting a todo, once that is confirmed."""

    template_name = "web/delete_todo.html"
    extra_context = {"title": "Delete a todo"}
    success_url = reverse_lazy("dashboard")

    @retry_on_conflict
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, f"Deleted: {self.object.title}")
        return super().form_valid(form)


class ItemMove(OwnTodoMixin, View):
    """Moving a step of a checklist."""

    @retry_on_conflict
    def post(self, request: HttpRequest, todo_id: UUID, item_id: UUID, places: int) -> HttpResponse:
        todo = get_object_or_404(self.get_queryset(), pk=todo_id)
        item = get_object_or_404(todo.items.all(), pk=item_id)
        todo.move_item(item, places)
        messages.success(request, f"Moved: {item.text}")
        return redirect("dashboard")


class Account(MembersMixin, TemplateView):
    """The visitor's account, with a form for each thing that can be changed."""

    template_name = "web/account.html"
    extra_context = {"title": "Account"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: User = self.request.user
        tokens = Token.objects.valid().filter(user=user).order_by("-created_at", "-id")
        forms = {
            "email_form": EmailForm(initial={"email": user.email}),
            "password_form": PasswordForm(self.request),
        }
        return super().get_context_data(**{**forms, **kwargs}, tokens=tokens[:TOKENS_SHOWN])

    def refuse(self, **form: Any) -> HttpResponse:
        """Show the account again, with the errors of one of its forms."""
        context = self.get_context_data(**form)
        return self.render_to_response(context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


class EmailChange(Account):
    """Changing the address."""

    http_method_names = ["post", "options"]

    @retry_on_conflict
    def post(self, request: Any) -> Any:
        unchanged = User.objects.select_for_update().filter(password=request.user.password)
        user = unchanged.filter(pk=request.user.pk).first()
        if user is None:
            return self.end_session()
        form = EmailForm(request.POST, instance=user)
        if not form.is_valid():
            return self.refuse(email_form=form)
        form.save()
        messages.success(request, "Your email is changed.")
        return redirect("account")


class PasswordChange(Account):
    """Changing the password, which ends all other logins."""

    http_method_names = ["post", "options"]

    def post(self, request: Any) -> Any:
        form = PasswordForm(request, request.POST)
        if not form.is_valid():
            return self.refuse(password_form=form)
        if not request.user.change_password(form.cleaned_data["new_password"]):
            return self.end_session()
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your password is changed. You are logged out everywhere else.")
        return redirect("account")


class TokenMake(MembersMixin, TemplateResponseMixin, ContextMixin, View):
    """A new token, shown this once."""

    template_name = "web/token.html"

    def post(self, request: Any) -> Any:
        try:
            token = Token.objects.issue(request.user)
        except User.DoesNotExist:
            return self.end_session()
        context = self.get_context_data(title="Your new token", secret=token.secret)
        return self.render_to_response(context, status=HTTPStatus.CREATED)


class TokenRevoke(MembersMixin, View):
    """The end of a token."""

    def post(self, request: Any, token_id: UUID) -> HttpResponse:
        deleted, _ = Token.objects.valid().filter(user=request.user, pk=token_id).delete()
        if not deleted:
            raise Http404
        messages.success(request, "The token is revoked.")
        return redirect("account")


class AccountClose(MembersMixin, FormPageMixin, FormView):  # type: ignore[type-arg] # as above
    """Closing the account."""

    template_name = "web/close_account.html"
    form_class = CloseForm
    extra_context = {"title": "Close your account"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: CloseForm) -> HttpResponse:
        self.close(self.request)
        logout(self.request)
        rotate_token(self.request)
        messages.success(self.request, "Your account is closed.")
        return redirect("catalogue")

    @retry_on_conflict
    def close(self, request: Any) -> Any:
        """Delete the account with all that is its own."""
        # Not `request.user`: deleting it takes its key away, which another attempt needs.
        for user in User.objects.filter(pk=request.user.pk):
            user.delete()


class Docs(PageMixin, TemplateView):
    """The contract, to be read and tried."""

    template_name = "web/docs.html"
    extra_context = {"title": "API documentation"}

    def get(self, request: HttpRequest) -> HttpResponse:
        response = super().get(request)
        response["Content-Security-Policy"] = DOCS_POLICY
        return response
