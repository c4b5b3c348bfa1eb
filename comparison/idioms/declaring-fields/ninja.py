from ninja import ModelSchema

from django_shop.models import Todo


class TodoIn(ModelSchema):
    class Meta:
        model = Todo
        fields = ["title", "notes", "completed", "priority", "due_at"]


class TodoOut(ModelSchema):
    class Meta:
        model = Todo
        exclude = ["product", "tags"]
