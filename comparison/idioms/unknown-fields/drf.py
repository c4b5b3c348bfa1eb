from rest_framework import serializers


class TodoSerializer(serializers.Serializer):
    title = serializers.CharField()
    notes = serializers.CharField(required=False)
    completed = serializers.BooleanField(required=False)
    due_at = serializers.DateTimeField(required=False)
