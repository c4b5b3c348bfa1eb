from ninja import Schema


class TodoIn(Schema):
    title: str
    tags: list[str] = []


class TodoOut(TodoIn):
    @staticmethod
    def resolve_tags(todo):
        return [tag.slug for tag in todo.tags.all()]
