from marshmallow import Schema, ValidationError, fields, validate

from flask_shop.app import app


class TodoSchema(Schema):
    title = fields.String(
        required=True,
        validate=validate.Length(max=200, error="At most {max}."),
    )
    due_at = fields.AwareDateTime()
    tags = fields.List(fields.String())


@app.errorhandler(ValidationError)
def handle_validation_error(error):
    return {"errors": error.messages}, 422
