from ninja import Schema


class TodoOut(Schema):
    title: str
    progress: dict[str, int]

    @staticmethod
    def resolve_progress(todo):
        items = todo.items.all()
        done = sum(item.done for item in items)
        return {"done": done, "total": len(items)}
