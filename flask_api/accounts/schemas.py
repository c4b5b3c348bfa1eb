"""How users and tokens look."""

from flask_api.contract import strict as fields
from flask_api.contract.schemas import Schema


class UserSchema(Schema):
    """An account; its password is never shown."""

    id = fields.Id(dump_only=True)
    username = fields.Username(required=True)
    email = fields.Email(required=True)
    password = fields.Password(required=True, load_only=True)
    is_staff = fields.Boolean(dump_only=True)
    created_at = fields.DateTime(dump_only=True)


class UserUpdateSchema(UserSchema):
    """A change of an account; the password is changed elsewhere."""

    class Meta:
        exclude = ("password",)


class PasswordChangeSchema(Schema):
    """The current and the new password."""

    current_password = fields.GivenPassword(required=True)
    new_password = fields.Password(required=True)


class CredentialsSchema(Schema):
    """What one logs in with."""

    username = fields.GivenUsername(required=True)
    password = fields.GivenPassword(required=True)


class TokenSchema(Schema):
    """A token without its secret."""

    id = fields.Id()
    created_at = fields.DateTime()
    last_used_at = fields.DateTime()
    expires_at = fields.DateTime()


class NewTokenSchema(Schema):
    """A token as its owner sees it once."""

    id = fields.Id()
    token = fields.String()
    created_at = fields.DateTime()
    last_used_at = fields.DateTime()
    expires_at = fields.DateTime()
