from rest_framework import serializers


class TripSerializer(serializers.Serializer):
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    note = serializers.CharField(required=False)

    def validate(self, data):
        if data["end"] < data["start"]:
            raise serializers.ValidationError(
                {"end": "Must not end before it starts."}
            )
        return data
