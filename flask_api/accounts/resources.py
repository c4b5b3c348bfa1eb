"""The operations on users and tokens."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import current_app, g
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, select

from flask_api.accounts.authentication import authenticate, authenticated, check_password
from flask_api.accounts.models import Token, User, hash_password
from flask_api.accounts.schemas import (
    CredentialsSchema,
    NewTokenSchema,
    PasswordChangeSchema,
    TokenSchema,
    UserSchema,
    UserUpdateSchema,
)
from flask_api.contract import idempotency
from flask_api.contract.database import ConflictError, db, transaction
from flask_api.contract.errors import Code, InputError, ProblemError, bearer_problem
from flask_api.contract.etags import require_match
from flask_api.contract.idempotency import idempotent
from flask_api.contract.pagination import Order, PageQuery, paginate, time_key
from flask_api.contract.parameters import IdempotencyKeyHeader, IfMatch, parameters
from flask_api.contract.parsing import json_body, merge_patch_body
from flask_api.contract.rendering import Resource, api

user_schema = UserSchema()
user_update_schema = UserUpdateSchema(partial=True)
password_change_schema = PasswordChangeSchema()
credentials_schema = CredentialsSchema()
token_schema = TokenSchema()
new_token_schema = NewTokenSchema()
NEWEST_FIRST = Order(time_key(Token.created_at))


def locked_user() -> User:
    """Lock the current user, who may have gone since the token was looked up."""
    user = db.session.get(User, g.user.id, populate_existing=True, with_for_update=True)
    if user is None:
        raise bearer_problem("invalid-token")
    return user


def refuse_conflicts(username: str | None, email: str | None, exclude: UUID | None = None) -> None:
    """Refuse a username or an email that another user has."""
    if names := User.find_conflicts(username, email, exclude):
        errors = [InputError("pointer", f"/{name}", Code("taken")) for name in names]
        raise ProblemError("already-exists", errors)


class UserList(Resource):
    """Sign-up."""

    @parameters(headers=IdempotencyKeyHeader)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> ResponseReturnValue:
        data = user_schema.load(body)
        refuse_conflicts(data["username"], data["email"])
        user = User(**{**data, "password": hash_password(data["password"])})
        db.session.add(user)
        db.session.flush()
        location = {"Location": api.url_for(CurrentUser)}
        return user_schema.dump(user), HTTPStatus.CREATED, location


class CurrentUser(Resource):
    """The account of the current user."""

    method_decorators = [authenticated]

    @parameters()
    def get(self) -> ResponseReturnValue:
        return user_schema.dump(g.user)

    @parameters(headers=IfMatch)
    @merge_patch_body
    @transaction()
    def patch(self, body: dict[str, Any]) -> ResponseReturnValue:
        user = locked_user()
        require_match(user_schema, user)
        data = user_update_schema.load(body)
        refuse_conflicts(data.get("username"), data.get("email"), exclude=user.id)
        for name, value in data.items():
            setattr(user, name, value)
        return user_schema.dump(user)

    @parameters(headers=IfMatch)
    @transaction()
    def delete(self) -> ResponseReturnValue:
        user = locked_user()
        require_match(user_schema, user)
        idempotency.forget(str(user.id))
        db.session.delete(user)
        return "", HTTPStatus.NO_CONTENT


class Password(Resource):
    """The password of the current user."""

    method_decorators = [authenticated]

    @parameters()
    @json_body
    def put(self, body: dict[str, Any]) -> ResponseReturnValue:
        data = password_change_schema.load(body)
        current = g.user.password
        # Deriving keys takes long: it's done before the transaction.
        if not check_password(g.user.username, data["current_password"], current):
            wrong = InputError("pointer", "/current_password", Code("incorrect_password"))
            raise ProblemError("invalid-body", [wrong])
        self.change(current, hash_password(data["new_password"]))
        return "", HTTPStatus.NO_CONTENT

    @transaction()
    def change(self, current: str, new: str) -> None:
        """Store the new password, and revoke every token but the one that was sent."""
        user = locked_user()
        if user.password != current:
            raise ConflictError
        user.password = new
        others = Token.id != g.token.id
        db.session.execute(delete(Token).where(Token.user_id == user.id, others))


class TokenList(Resource):
    """The tokens of the current user, and logging in."""

    @authenticated
    @parameters(PageQuery)
    def get(self, query: dict[str, Any]) -> ResponseReturnValue:
        tokens = select(Token).where(Token.user_id == g.user.id, Token.is_valid())
        return paginate(tokens, Token.id, NEWEST_FIRST, query).to_response(token_schema)

    @parameters()
    @json_body
    def post(self, body: dict[str, Any]) -> ResponseReturnValue:
        data = credentials_schema.load(body)
        user = authenticate(data["username"], data["password"])
        if user is None:
            raise bearer_problem("invalid-credentials")
        token = self.issue(user, user.password)
        location = {"Location": api.url_for(TokenDetail, token_id=token.id)}
        return new_token_schema.dump(token), HTTPStatus.CREATED, location

    @transaction()
    def issue(self, user: User, verified: str) -> Token:
        """Issue a token, unless the password has changed since it was verified."""
        # A change of the password revokes tokens: it comes before or after, never in between.
        locked = db.session.get(User, user.id, populate_existing=True, with_for_update=True)
        if locked is None or not locked.is_active or locked.password != verified:
            raise ConflictError
        token = Token.issue(locked, current_app.config["TOKEN_TTL"])
        db.session.add(token)
        return token


class TokenDetail(Resource):
    """A single token of the current user."""

    method_decorators = [authenticated]

    @parameters()
    def delete(self, token_id: UUID) -> ResponseReturnValue:
        if not revoke(token_id, g.user.id):
            raise ProblemError("not-found")
        return "", HTTPStatus.NO_CONTENT


class CurrentToken(Resource):
    """The token that the request was sent with."""

    method_decorators = [authenticated]

    @parameters()
    def delete(self) -> ResponseReturnValue:
        if not revoke(g.token.id, g.user.id):
            raise bearer_problem("invalid-token")
        return "", HTTPStatus.NO_CONTENT


@transaction()
def revoke(token_id: UUID, user_id: UUID) -> bool:
    """Revoke a valid token of a user, and tell whether there was one."""
    own = (Token.id == token_id, Token.user_id == user_id, Token.is_valid())
    return db.session.scalar(delete(Token).where(*own).returning(Token.id)) is not None
