"""How users and tokens are read and written."""

from typing import Any

from django.contrib.auth.hashers import make_password

from drf_api.accounts.models import Token, User
from drf_api.contract.errors import conflict
from drf_api.contract.serializers import StrictModelSerializer, StrictSerializer
from drf_api.contract.strict import (
    BooleanField,
    EmailField,
    IdField,
    StringField,
    TimeField,
    UsernameField,
)


class UserUpdateSerializer(StrictModelSerializer):
    """What a user may change of an account, and what is shown of it."""

    id = IdField(read_only=True)
    username = UsernameField()
    email = EmailField()
    is_staff = BooleanField(read_only=True)
    created_at = TimeField(read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "email", "is_staff", "created_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what somebody else has: 409, and only once all else is right."""
        if attrs and (taken := User.objects.taken(attrs, self.instance)):
            raise conflict(*taken)
        return attrs


class UserSerializer(UserUpdateSerializer):
    """A new user."""

    password = StringField(min_length=8, max_length=128, write_only=True)

    class Meta(UserUpdateSerializer.Meta):
        fields = ["id", "username", "email", "password", "is_staff", "created_at"]

    def create(self, validated_data: dict[str, Any]) -> User:
        password = make_password(validated_data.pop("password"))
        return User.objects.create(**validated_data, password=password)


class PasswordChangeSerializer(StrictSerializer):
    """The current password and the new one."""

    current_password = StringField(min_length=1, max_length=128)
    new_password = StringField(min_length=8, max_length=128)


class CredentialsSerializer(StrictSerializer):
    """What a login needs; any other text than a username is a wrong one."""

    username = StringField(min_length=1, max_length=30)
    password = StringField(min_length=1, max_length=128)


class TokenSerializer(StrictModelSerializer):
    """A token, without its secret."""

    id = IdField(read_only=True)
    created_at = TimeField(read_only=True)
    last_used_at = TimeField(read_only=True)
    expires_at = TimeField(read_only=True)

    class Meta:
        model = Token
        fields = ["id", "created_at", "last_used_at", "expires_at"]


class NewTokenSerializer(TokenSerializer):
    """A new token, whose secret is shown this once."""

    token = StringField(max_length=43, source="secret", read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = ["id", "token", "created_at", "last_used_at", "expires_at"]
