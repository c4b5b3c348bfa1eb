from ninja import ModelSchema

from django_shop.api import api
from django_shop.models import StockAdjustment


class StockAdjustmentIn(ModelSchema):
    class Meta:
        model = StockAdjustment
        fields = ["delta", "reason"]


class StockAdjustmentOut(ModelSchema):
    class Meta:
        model = StockAdjustment
        fields = ["delta", "reason", "created_by"]


@api.post("/stock-adjustments", response=StockAdjustmentOut)
def create_adjustment(request, payload: StockAdjustmentIn):
    return StockAdjustment.objects.create(
        **payload.dict(), created_by=request.user
    )
