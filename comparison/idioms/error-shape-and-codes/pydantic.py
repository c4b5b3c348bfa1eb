from datetime import datetime

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from fastapi_shop.app import app


class Todo(BaseModel):
    title: str = Field(max_length=200)
    due_at: datetime | None = None
    tags: list[str] = []


@app.exception_handler(RequestValidationError)
def validation_handler(request, exc):
    errors = [
        {"loc": e["loc"], "code": e["type"]} for e in exc.errors()
    ]
    return JSONResponse({"errors": errors}, status_code=422)
