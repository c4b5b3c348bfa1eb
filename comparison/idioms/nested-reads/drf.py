from rest_framework import serializers


class ProgressSerializer(serializers.Serializer):
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class TodoSerializer(serializers.Serializer):
    title = serializers.CharField()
    progress = ProgressSerializer()
