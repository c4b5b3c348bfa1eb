"""Accounts, logins and their tokens."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.generics import (
    CreateAPIView,
    DestroyAPIView,
    GenericAPIView,
    ListCreateAPIView,
    RetrieveUpdateDestroyAPIView,
)
from rest_framework.request import Request
from rest_framework.response import Response

from drf_api.accounts.models import Token, TokenQuerySet, User
from drf_api.accounts.serializers import (
    CredentialsSerializer,
    NewTokenSerializer,
    PasswordChangeSerializer,
    TokenSerializer,
    UserSerializer,
    UserUpdateSerializer,
)
from drf_api.contract.database import reauthenticate
from drf_api.contract.errors import ProblemError
from drf_api.contract.etags import ConditionalMixin
from drf_api.contract.idempotency import idempotent
from drf_api.contract.parameters import IdempotencyKeyHeader
from drf_api.contract.throttling import LoginThrottle
from drf_api.contract.views import ContractMixin


class UserList(ContractMixin, CreateAPIView[User]):
    """Sign-up."""

    authentication_classes = []
    permission_classes = []
    serializer_class = UserSerializer
    header_class = IdempotencyKeyHeader

    @idempotent
    def post(self, request: Request) -> Response:
        return self.create(request)

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {"Location": reverse("current-user")}


class CurrentUser(ConditionalMixin, ContractMixin, RetrieveUpdateDestroyAPIView[User]):
    """The current user's account."""

    serializer_class = UserUpdateSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.filter(pk=self.request.user.pk)

    def get_object(self) -> User:
        user: User | None = self.filter_queryset(self.get_queryset()).first()
        if user is None:
            raise AuthenticationFailed  # the account has been closed since the request began
        self.check_object_permissions(self.request, user)
        self.check_precondition(user)
        return user


class Password(ContractMixin, GenericAPIView[User]):
    """The current user's password."""

    serializer_class = PasswordChangeSerializer

    def put(self, request: Request) -> Response:
        """Change it, and revoke every other token."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user, passwords = self.request.user, serializer.validated_data
        throttle = LoginThrottle(request, user.username)
        throttle.check()
        if not user.check_password(passwords["current_password"]):
            throttle.count_failure()
            raise ValidationError({"current_password": "Wrong password."}, "incorrect_password")
        throttle.forget_failures()
        if not user.change_password(passwords["new_password"], keep=request.auth):
            reauthenticate(request)
            return self.put(request)  # another request has changed it since it was verified
        return Response(status=204)


class TokenList(ContractMixin, ListCreateAPIView[Token]):
    """The current user's tokens, and logging in."""

    serializer_class = TokenSerializer

    def get_queryset(self) -> TokenQuerySet:
        return Token.objects.valid().filter(user=self.request.user)

    def get_permissions(self) -> Sequence[Any]:
        return [] if self.request.method == "POST" else super().get_permissions()

    def post(self, request: Request) -> Response:
        serializer = CredentialsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        credentials = serializer.validated_data
        throttle = LoginThrottle(request, credentials["username"])
        throttle.check()
        user = User.objects.get_by_credentials(**credentials)
        if user is None:
            throttle.count_failure()
            raise ProblemError("invalid-credentials")
        throttle.forget_failures()
        try:
            token = Token.objects.issue(user)
        except User.DoesNotExist:  # closed, or with another password, since it was verified
            return self.post(request)
        location = {"Location": reverse("token", args=[token.pk])}
        return Response(NewTokenSerializer(token).data, status=201, headers=location)


class TokenDetail(ContractMixin, DestroyAPIView[Token]):
    """A token of the current user."""

    lookup_url_kwarg = "token_id"

    def get_queryset(self) -> TokenQuerySet:
        return Token.objects.valid().filter(user=self.request.user)

    def perform_destroy(self, instance: Token) -> None:
        deleted, _ = instance.delete()
        if not deleted:
            raise Http404  # it has been revoked since it was found


class CurrentToken(ContractMixin):
    """The token that the request was sent with."""

    def delete(self, request: Request) -> Response:
        deleted, _ = Token.objects.filter(pk=request.auth.pk).delete()
        if not deleted:
            raise AuthenticationFailed  # it has been revoked since the request began
        return Response(status=204)
