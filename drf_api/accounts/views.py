"""Accounts, logins and their tokens."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import (
    CreateAPIView,
    DestroyAPIView,
    GenericAPIView,
    ListCreateAPIView,
    RetrieveUpdateDestroyAPIView,
)
from rest_framework.request import Request
from rest_framework.response import Response

from drf_api.accounts.authentication import confirm
from drf_api.accounts.models import Token, TokenQuerySet, User
from drf_api.accounts.serializers import (
    CredentialsSerializer,
    NewTokenSerializer,
    PasswordChangeSerializer,
    TokenSerializer,
    UserSerializer,
    UserUpdateSerializer,
)
from drf_api.contract.database import in_transaction
from drf_api.contract.errors import ProblemError, input_error
from drf_api.contract.etags import ConditionalMixin
from drf_api.contract.idempotency import idempotent
from drf_api.contract.pagination import PageQuery
from drf_api.contract.parameters import IdempotencyKeyHeader
from drf_api.contract.reading import ReadMixin
from drf_api.contract.statements import Parameter
from drf_api.contract.throttling import LoginThrottle
from drf_api.contract.views import ContractMixin


class UserList(ContractMixin, CreateAPIView[User]):
    """Registering, which is open to everybody."""

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
    """One's own account."""

    serializer_class = UserUpdateSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]

    @in_transaction
    def patch(self, request: Request) -> Response:
        return self.partial_update(request)

    @in_transaction
    def delete(self, request: Request) -> Response:
        return self.destroy(request)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(self.caller).data)

    def locked_object(self) -> User:
        user = User.objects.select_for_update().filter(pk=self.caller.pk).first()
        if user is None:
            raise AuthenticationFailed  # the account has been closed since the request began
        return user


class Password(ContractMixin, GenericAPIView[User]):
    """One's password."""

    serializer_class = PasswordChangeSerializer

    def put(self, request: Request) -> Response:
        """Change it, and revoke every other token."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        passwords = serializer.validated_data
        throttle = LoginThrottle(request, self.caller.username)
        throttle.check()
        if not self.caller.has_password(passwords["current_password"]):
            throttle.count_failure()
            raise WRONG_PASSWORD
        throttle.forget_failures()
        self.change(make_password(passwords["new_password"]))
        return Response(status=204)

    def change(self, encoded: str) -> None:
        """Store the new password, unless another request has changed it meanwhile."""
        user, token = self.caller, self.request.auth
        with transaction.atomic():
            if not User.objects.filter(pk=user.pk, password=user.password).update(password=encoded):
                confirm(self.request)
                raise WRONG_PASSWORD
            user.tokens.exclude(pk=token.pk).delete()


WRONG_PASSWORD = ProblemError(
    "invalid-body", [input_error("pointer", "/current_password", "incorrect_password")]
)


class TokenList(ReadMixin, ContractMixin, ListCreateAPIView[Token]):
    """One's own tokens, and logging in."""

    reads = Token.objects.valid(Parameter("now")).filter(user_id=Parameter("caller"))
    serializer_class = TokenSerializer
    query_class = PageQuery

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
        except IntegrityError as error:  # the account has been closed since
            raise ProblemError("invalid-credentials") from error
        location = {"Location": reverse("token", args=[token.pk])}
        return Response(NewTokenSerializer(token).data, status=201, headers=location)


class TokenDetail(ContractMixin, DestroyAPIView[Token]):
    """One of one's own tokens."""

    lookup_url_kwarg = "token_id"

    def get_queryset(self) -> TokenQuerySet:
        return Token.objects.valid(timezone.now()).filter(user=self.caller)

    @in_transaction
    def delete(self, request: Request, token_id: UUID) -> Response:
        return self.destroy(request)


class CurrentToken(ContractMixin):
    """The token that the request was sent with."""

    def delete(self, request: Request) -> Response:
        deleted, _ = Token.objects.filter(pk=request.auth.pk).delete()
        if not deleted:
            raise AuthenticationFailed  # it has been revoked since the request began
        return Response(status=204)
