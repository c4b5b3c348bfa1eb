from rest_framework import serializers


class TodoSerializer(serializers.Serializer):
    title = serializers.CharField()
    progress = serializers.SerializerMethodField()

    def get_progress(self, todo):
        items = todo.items.all()
        done = sum(item.done for item in items)
        return {"done": done, "total": len(items)}
