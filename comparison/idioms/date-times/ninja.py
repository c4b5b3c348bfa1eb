from ninja import ModelSchema

from django_shop.models import Todo


class TodoIn(ModelSchema):
    class Meta:
        model = Todo
        fields = ["title", "due_at"]


class TodoOut(ModelSchema):
    class Meta:
        model = Todo
        fields = ["id", "title", "due_at"]
