from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from fastapi_shop.app import app


# Starlette's, which is raised for unknown routes, too
@app.exception_handler(HTTPException)
async def http_exception_handler(request: Request, exc: HTTPException):
    return JSONResponse(
        {"code": exc.status_code, "description": exc.detail},
        status_code=exc.status_code,
    )
