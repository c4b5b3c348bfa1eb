from marshmallow import Schema, fields


class TodoSchema(Schema):
    title = fields.String()
    progress = fields.Method("get_progress")

    def get_progress(self, todo):
        done = sum(item.done for item in todo.items)
        return {"done": done, "total": len(todo.items)}
