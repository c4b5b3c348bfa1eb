from rest_framework import serializers


class TodoSerializer(serializers.Serializer):
    title = serializers.CharField()
    completed = serializers.BooleanField(required=False)


class StockAdjustmentSerializer(serializers.Serializer):
    delta = serializers.IntegerField()
    reason = serializers.CharField()
