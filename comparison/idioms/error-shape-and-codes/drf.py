from rest_framework import serializers
from rest_framework.views import exception_handler


class TodoSerializer(serializers.Serializer):
    title = serializers.CharField(max_length=200)
    due_at = serializers.DateTimeField(required=False)
    tags = serializers.ListField(
        child=serializers.CharField(), required=False
    )


# settings.py: REST_FRAMEWORK = {"EXCEPTION_HANDLER": …}
def with_codes(exc, context):
    response = exception_handler(exc, context)
    if response is not None and response.status_code == 400:
        response.data = {"errors": exc.get_full_details()}
    return response
