from flask import json
from werkzeug.exceptions import HTTPException

from flask_shop.app import app


@app.errorhandler(HTTPException)
def handle_exception(error):
    response = error.get_response()
    response.data = json.dumps(
        {"code": error.code, "description": error.description}
    )
    response.content_type = "application/json"
    return response
