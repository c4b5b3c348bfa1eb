from ninja import Schema


class TodoIn(Schema):
    title: str
    completed: bool = False


class StockAdjustmentIn(Schema):
    delta: int
    reason: str
