from marshmallow import Schema, fields


class TagSchema(Schema):
    slug = fields.String(required=True)


class TodoSchema(Schema):
    title = fields.String(required=True)
    tags = fields.Pluck(TagSchema, "slug", many=True)
