"""Notes with Django REST framework, as its tutorial teaches: a serializer, a view set, a router."""

from django.urls import include, path
from notes.models import Note
from rest_framework import routers, serializers, viewsets
from rest_framework.pagination import LimitOffsetPagination


class NoteSerializer(serializers.ModelSerializer):
    """A note as JSON."""

    class Meta:
        model = Note
        fields = ["id", "text", "stars", "done", "price", "due"]


class NoteViewSet(viewsets.ModelViewSet):
    """All operations on notes."""

    queryset = Note.objects.order_by("id")
    serializer_class = NoteSerializer
    pagination_class = LimitOffsetPagination
    permission_classes = []
    authentication_classes = []


router = routers.DefaultRouter()
router.register("notes", NoteViewSet)
urlpatterns = [path("", include(router.urls))]
