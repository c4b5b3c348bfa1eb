from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field


class ProductIn(BaseModel):
    name: str
    price: Decimal = Field(ge=0, max_digits=10, decimal_places=2)


class ProductOut(ProductIn):
    id: UUID
