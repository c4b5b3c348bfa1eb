from django.urls import include, path
from rest_framework import routers, viewsets
from rest_framework.response import Response


class TodoViewSet(viewsets.ViewSet):
    def retrieve(self, request, pk=None):
        return Response({"id": pk})


router = routers.DefaultRouter()
router.register("todos", TodoViewSet, basename="todo")
urlpatterns = [path("", include(router.urls))]
