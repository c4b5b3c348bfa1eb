from datetime import datetime

from ninja import Schema
from ninja.errors import ValidationError
from pydantic import Field

from django_shop.api import api


class TodoIn(Schema):
    title: str = Field(max_length=200)
    due_at: datetime | None = None
    tags: list[str] = []


@api.exception_handler(ValidationError)
def validation_errors(request, exc):
    errors = [{"loc": e["loc"], "code": e["type"]} for e in exc.errors]
    return api.create_response(request, {"errors": errors}, status=422)
