"""The pages' addresses."""

from django.urls import path

from drf_api.web import views

urlpatterns = [
    path("", views.Catalogue.as_view(), name="catalogue"),
    path("products/<sku>", views.ProductPage.as_view(), name="product-page"),
    path("register", views.Register.as_view(), name="register"),
    path("login", views.Login.as_view(), name="login"),
    path("logout", views.Logout.as_view(), name="logout"),
    path("dashboard", views.Dashboard.as_view(), name="dashboard"),
    path("dashboard/todos/<uuid:todo_id>/toggle", views.TodoToggle.as_view(), name="toggle-todo"),
    path("dashboard/todos/<uuid:todo_id>/delete", views.TodoDelete.as_view(), name="delete-todo"),
    path(
        "dashboard/todos/<uuid:todo_id>/items/<uuid:item_id>/up",
        views.ItemMove.as_view(),
        {"places": -1},
        name="move-up",
    ),
    path(
        "dashboard/todos/<uuid:todo_id>/items/<uuid:item_id>/down",
        views.ItemMove.as_view(),
        {"places": 1},
        name="move-down",
    ),
    path("account", views.Account.as_view(), name="account"),
    path("account/email", views.EmailChange.as_view(), name="change-email"),
    path("account/password", views.PasswordChange.as_view(), name="change-password"),
    path("account/tokens", views.TokenMake.as_view(), name="make-token"),
    path("account/tokens/<uuid:token_id>/revoke", views.TokenRevoke.as_view(), name="revoke-token"),
    path("account/close", views.AccountClose.as_view(), name="close-account"),
    path("docs", views.Docs.as_view(), name="docs"),
]
