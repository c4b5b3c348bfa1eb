from rest_framework import serializers


class TodoSerializer(serializers.Serializer):
    title = serializers.CharField(max_length=200)
    notes = serializers.CharField(required=False, allow_blank=True)
    completed = serializers.BooleanField(required=False)
    due_at = serializers.DateTimeField(required=False)
