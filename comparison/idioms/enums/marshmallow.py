from enum import IntEnum

from marshmallow import Schema, fields


class Priority(IntEnum):
    low = 1
    normal = 2
    high = 3
    urgent = 4


class TodoSchema(Schema):
    title = fields.String(required=True)
    priority = fields.Enum(Priority)  # by name; by_value=True by value
