from uuid import UUID

from ninja import Field, Schema


class StockAdjustmentOut(Schema):
    delta: int
    created_by: UUID = Field(alias="created_by_id")


class HeaderIn(Schema):
    if_match: str = Field(alias="If-Match")
