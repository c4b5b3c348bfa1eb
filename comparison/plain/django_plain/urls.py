"""Routes: a router makes them from the view sets."""

from django.urls import include, path
from rest_framework import routers

from comparison.plain.django_plain import views

router = routers.DefaultRouter()
router.register("users", views.UserViewSet, basename="user")
router.register("categories", views.CategoryViewSet)
router.register("products", views.ProductViewSet)
router.register("todos", views.TodoViewSet, basename="todo")

urlpatterns = [path("", include(router.urls))]
