from django.http import Http404

from django_shop.api import api


@api.exception_handler(Http404)
def not_found(request, exc):
    return api.create_response(
        request, {"description": "Not found"}, status=404
    )
