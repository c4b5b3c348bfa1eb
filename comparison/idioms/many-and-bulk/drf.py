from rest_framework import serializers


class TodoSerializer(serializers.Serializer):
    title = serializers.CharField()
    notes = serializers.CharField(required=False)


class TodoBulkSerializer(serializers.Serializer):
    todos = TodoSerializer(many=True, min_length=1, max_length=100)
