from ninja import Schema


class ProgressOut(Schema):
    done: int
    total: int


class TodoOut(Schema):
    title: str
    progress: ProgressOut | None
