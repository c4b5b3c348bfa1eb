from marshmallow import (
    Schema,
    ValidationError,
    fields,
    validates_schema,
)


class TripSchema(Schema):
    start = fields.Integer(required=True)
    end = fields.Integer(required=True)
    note = fields.String()

    @validates_schema
    def ends_after_start(self, data, **kwargs):
        if data["end"] < data["start"]:
            raise ValidationError(
                "Must not end before it starts.", "end"
            )
