"""Every route, in the order of openapi.yaml.

Django's `uuid` takes ids in canonical lower-case form only, as the contract does.
"""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from drf_api.accounts import views as accounts
from drf_api.contract import views as contract
from drf_api.contract.errors import problem_response
from drf_api.products import views as products
from drf_api.todos import views as todos

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/health", contract.Health.as_view()),
    path("api/health/ready", contract.Readiness.as_view()),
    path("api/openapi.yaml", contract.Contract.as_view()),
    path("api/openapi.json", contract.ContractAsJSON.as_view()),
    path("api/problems/<name>", contract.Problem.as_view()),
    path("api/users", accounts.UserList.as_view()),
    path("api/tokens", accounts.TokenList.as_view()),
    path("api/todos", todos.TodoList.as_view()),
    path("api/todos/bulk", todos.TodoBulk.as_view()),
    path("api/todos/<uuid:todo_id>", todos.TodoDetail.as_view(), name="todo"),
    path("api/products", products.ProductList.as_view()),
    path("api/products/summary", products.ProductSummary.as_view()),
    path(
        "api/products/<uuid:product_id>/stock-adjustments",
        products.StockAdjustmentList.as_view(),
    ),
    path("api/products/<uuid:product_id>", products.ProductDetail.as_view(), name="product"),
    path("api/tokens/<uuid:token_id>", accounts.TokenDetail.as_view(), name="token"),
    path("api/users/me/password", accounts.Password.as_view()),
    path("api/users/me", accounts.CurrentUser.as_view(), name="current-user"),
    path("api/tokens/current", accounts.CurrentToken.as_view()),
]

if settings.PAGES_ENABLED:
    urlpatterns.append(path("", include("drf_api.web.urls")))

if settings.ADMIN_ENABLED:
    from django.contrib import admin

    urlpatterns.append(path("admin/", admin.site.urls))

if settings.DEBUG:
    # Django would show its list of routes to those who have taken none of them.
    nowhere = csrf_exempt(lambda request: problem_response(request, "not-found"))
    urlpatterns.append(re_path("", nowhere))

# What Django answers by itself are problems, too; outside /api they are shown as pages.
handler400 = handler403 = handler404 = "drf_api.contract.errors.client_error"
handler500 = "drf_api.contract.errors.internal_error"
