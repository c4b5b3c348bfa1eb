"""What all pages have in common: the order of their checks, and lists in pages."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.mixins import AccessMixin, LoginRequiredMixin, UserPassesTestMixin
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import MAX_URL_REDIRECT_LENGTH  # type: ignore[attr-defined] # no stub
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from rest_framework.exceptions import Throttled
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from drf_api.contract.errors import problem_page, problem_response
from drf_api.contract.pagination import CursorPagination
from drf_api.contract.parameters import is_utf8
from drf_api.contract.throttling import ClientThrottle
from drf_api.web.forms import FilterForm

FORGED = "This form has expired or was sent from another site. Reload the page and try again."


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 – Django passes it
    """Refuse a form that wasn't made for this visitor's session (`CSRF_FAILURE_VIEW`)."""
    return problem_page(request, "forbidden", detail=FORGED)


def login_address(request: HttpRequest) -> str:
    """Return the address of the login page, with the one to come back to."""
    address = reverse("login")
    if request.method not in ("GET", "HEAD"):
        return address
    back = f"{address}?next={quote(request.get_full_path(), safe='')}"
    return back if len(back) <= MAX_URL_REDIRECT_LENGTH else address


def is_own(address: str) -> bool:
    """Tell whether an address is a path of this site; browsers leave out tabs and line feeds."""
    return (
        address.startswith("/")
        and "\\" not in address
        and address.isprintable()
        and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    )


class PageMixin(AccessMixin):
    """Checks a request in the order of the API: method, rate, forgery, and who asks.

    It comes first among a view's base classes: Django's mixins look at who asks before all else.
    """

    http_method_names: Sequence[str] = ["get", "post", "head", "options"]
    request: Any  # has a user

    @property
    def allowed_methods(self) -> list[str]:
        """List the methods that are answered here."""
        return sorted(name.upper() for name in self.http_method_names if hasattr(self, name))

    # Not before: middleware would look at the form, and at who asks, ahead of all other checks.
    @method_decorator([csrf_exempt, login_not_required])
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        allow = {"Allow": ", ".join(self.allowed_methods)}
        if request.method not in self.allowed_methods:
            return problem_response(request, "method-not-allowed", headers=allow)
        if request.method == "OPTIONS":
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=allow)
        throttle = ClientThrottle()
        if not throttle.allow_request(request, self):  # type: ignore[arg-type] # it asks for the address only
            raise Throttled(throttle.wait())
        if not is_utf8(request.META.get("QUERY_STRING", "")):
            return problem_response(request, "malformed-request")
        if request.method == "POST":
            refuse_what_is_too_large(request)
            _ = request.POST  # for what is wrong with it, which `csrf_protect` takes for no token
            if is_from_elsewhere(request):
                return csrf_failure(request)
        response = csrf_protect(super().dispatch)(request, *args, **kwargs)  # type: ignore[misc] # a view's
        if response.status_code == HTTPStatus.FOUND:
            response.status_code = HTTPStatus.SEE_OTHER.value  # Django sends its predecessor
        response["Cache-Control"] = "no-store"
        del response["Expires"]  # which `LoginView` sends for old proxies
        return response

    def handle_no_permission(self) -> Any:
        """Send strangers to the login page; anybody else is refused."""
        if self.request.user.is_authenticated:
            return super().handle_no_permission()
        return redirect(login_address(self.request))


def refuse_what_is_too_large(request: HttpRequest) -> None:
    """Hold each form to one limit, files included, which Django's own leaves out."""
    length = request.META.get("CONTENT_LENGTH") or 0
    if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Look at the sender of a form over http, too; Django looks at `Referer` over https only."""
    sender = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(sender) and not url_has_allowed_host_and_scheme(sender, {request.get_host()})


class MembersMixin(PageMixin, LoginRequiredMixin):
    """A page for users who have logged in."""

    def end_session(self) -> Any:
        """Ask to log in again: the account has been closed meanwhile, or has another password."""
        logout(self.request)
        return self.handle_no_permission()


class VisitorsMixin(PageMixin, UserPassesTestMixin):
    """A page that users who have logged in don't need."""

    def test_func(self) -> bool:
        return not self.request.user.is_authenticated

    def handle_no_permission(self) -> Any:
        return redirect("dashboard")


class FormPageMixin(PageMixin):
    """A page with a form that may be refused."""

    get_context_data: Any
    render_to_response: Any

    def form_invalid(self, form: Any) -> Any:
        """Show a form again with its errors."""
        context = self.get_context_data(form=form)
        return self.render_to_response(context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


class ListMixin:
    """A list in pages by the API's cursors, which the page's own form filters."""

    request: HttpRequest
    filter_backend: type[BaseFilterBackend]
    page_size: int

    def get_page(self, form: FilterForm, queryset: Any, **more: Any) -> dict[str, Any]:
        """Return what the template shows: the form, and the list if the form is right."""
        if not form.is_valid():
            return {"filter": form}
        self.parameters = {**form.cleaned_data, **more, "limit": self.page_size}
        paginator = CursorPagination()
        found = self.filter_backend().filter_queryset(form.request, queryset, self)  # type: ignore[arg-type] # the API's looks at `parameters` only
        rows = paginator.paginate_queryset(found, form.request, self)
        next_url = paginator.get_paginated_response([]).data["next"]
        return {"filter": form, "rows": rows, "next_url": next_url, "is_listed": True}

    @property
    def api_request(self) -> Request:
        """Return the request as filters and cursors of the API read it."""
        return Request(self.request)
