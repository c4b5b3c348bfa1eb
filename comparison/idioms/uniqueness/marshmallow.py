from flask import abort
from marshmallow import Schema, fields
from sqlalchemy.exc import IntegrityError
from werkzeug.security import generate_password_hash

from flask_shop.models import User, db


class UserSchema(Schema):
    username = fields.String(required=True)
    email = fields.Email(required=True)
    password = fields.String(required=True, load_only=True)


def create_user(data):
    user = User(**UserSchema().load(data))
    user.password = generate_password_hash(user.password)
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        abort(409, "This name or address is taken.")
    return user
