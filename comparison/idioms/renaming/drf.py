from rest_framework import serializers


class StockAdjustmentSerializer(serializers.Serializer):
    delta = serializers.IntegerField()
    created_by = serializers.UUIDField(source="created_by_id")


class HeaderSerializer(serializers.Serializer):
    def get_fields(self):  # a name that no attribute can have
        return {"If-Match": serializers.CharField(source="if_match")}
