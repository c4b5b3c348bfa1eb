"""User and token schemas."""

from marshmallow import fields
from marshmallow.validate import Regexp

from flask_api.contract import strict
from flask_api.contract.errors import Code
from flask_api.contract.schemas import Schema
from flask_api.contract.strict import Length

EMAIL = (
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z"
)


class UserSchema(Schema):
    """An account; its password is never shown."""

    id = strict.UUID(dump_only=True)
    username = strict.String(
        required=True,
        validate=[Length(3, 30), Regexp(r"[a-z0-9_]+\Z", error=Code("invalid_format.username"))],
    )
    email = strict.String(
        required=True,
        validate=[Length(max=254), Regexp(EMAIL, error=Code("invalid_format.email"))],
    )
    password = strict.String(required=True, load_only=True, validate=Length(8, 128))
    is_staff = fields.Boolean(dump_only=True)
    created_at = strict.DateTime(dump_only=True)


class UserUpdateSchema(UserSchema):
    """A change of an account; the password is changed elsewhere."""

    class Meta:
        exclude = ("password",)


class PasswordChangeSchema(Schema):
    """The current and the new password."""

    current_password = strict.String(required=True, validate=Length(1, 128))
    new_password = strict.String(required=True, validate=Length(8, 128))


class CredentialsSchema(Schema):
    """What users log in with; a username that nobody can have is a wrong one."""

    username = strict.String(required=True, validate=Length(1, 30))
    password = strict.String(required=True, validate=Length(1, 128))


class TokenSchema(Schema):
    """A token without its secret."""

    id = strict.UUID()
    created_at = strict.DateTime()
    last_used_at = strict.DateTime()
    expires_at = strict.DateTime()


class NewTokenSchema(TokenSchema):
    """A token as its owner sees it once."""

    token = fields.String()

    class Meta:
        fields = ("id", "token", "created_at", "last_used_at", "expires_at")
