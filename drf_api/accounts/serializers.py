"""Representations of users, passwords and tokens."""

from typing import Any, ClassVar

from django.db.models.functions import Lower
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from drf_api.accounts.models import Token, User
from drf_api.contract.serializers import StrictModelSerializer, StrictSerializer
from drf_api.contract.strict import CharField


class UserUpdateSerializer(StrictModelSerializer):
    """An account, as its user sees and changes it."""

    class Meta:
        model = User
        fields = ["id", "username", "email", "is_staff", "created_at"]
        read_only_fields = ["is_staff", "created_at"]
        extra_kwargs: ClassVar[Any] = {
            # The pattern judges an empty text, too.
            "email": {"allow_blank": True},
        }

    def validate_email(self, value: str) -> str:
        """Refuse an address that differs from another user's in case only, as the index does."""
        users = User.objects.alias(lower_email=Lower("email")).filter(lower_email=value.lower())
        if self.instance:
            users = users.exclude(pk=self.instance.pk)
        if users.exists():
            raise ValidationError(code="unique")
        return value


class UserSerializer(UserUpdateSerializer):
    """A new user."""

    class Meta(UserUpdateSerializer.Meta):
        fields = ["id", "username", "email", "password", "is_staff", "created_at"]
        extra_kwargs: ClassVar[Any] = {
            **UserUpdateSerializer.Meta.extra_kwargs,
            "password": {"min_length": 8, "write_only": True},
        }

    def create(self, validated_data: dict[str, Any]) -> User:
        return User.objects.create_user(**validated_data)


class PasswordChangeSerializer(StrictSerializer):
    """The current password and the new one."""

    current_password = CharField(max_length=128)
    new_password = CharField(min_length=8, max_length=128)


class CredentialsSerializer(StrictSerializer):
    """The credentials of a login; a text that can't be a username is simply a wrong one."""

    username = CharField(max_length=30)
    password = CharField(max_length=128)


class TokenSerializer(StrictModelSerializer):
    """A token, without its secret."""

    class Meta:
        model = Token
        fields = ["id", "created_at", "last_used_at", "expires_at"]
        read_only_fields = ["created_at", "last_used_at", "expires_at"]


class NewTokenSerializer(TokenSerializer):
    """A new token, whose secret is shown this once."""

    token = serializers.CharField(source="secret", read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = ["id", "token", "created_at", "last_used_at", "expires_at"]
