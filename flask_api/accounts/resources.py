"""The operations on users and tokens."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import current_app, g
from sqlalchemy import Row, bindparam, delete, select

from flask_api.accounts.authentication import authenticated
from flask_api.accounts.models import Token, User, hash_password, verify_password
from flask_api.accounts.schemas import (
    CredentialsSchema,
    NewTokenSchema,
    PasswordChangeSchema,
    TokenSchema,
    UserSchema,
    UserUpdateSchema,
)
from flask_api.contract import idempotency
from flask_api.contract.database import LostRaceError, db, transaction
from flask_api.contract.errors import Code, InputError, Problem, bearer_problem
from flask_api.contract.etags import require_match
from flask_api.contract.idempotency import idempotent
from flask_api.contract.pagination import Listing, Order, PageQuery, time_key
from flask_api.contract.parameters import IdempotencyKey, IfMatch, IfNoneMatch, parameters
from flask_api.contract.parsing import json_body, merge_patch_body
from flask_api.contract.rendering import Resource
from flask_api.contract.rows import Anything, columns, execute, update_row
from flask_api.contract.throttling import check_logins, count_failed_login, forget_failed_logins
from flask_api.products.models import StockAdjustment
from flask_api.todos.models import Todo

user_schema = UserSchema()
token_schema = TokenSchema()
NEWEST_FIRST = Order(time_key(Token.created_at))
TOKENS = Listing(
    select(*columns(Token)).where(Token.user_id == bindparam("user_id"), Token.is_valid()),
    Token.id,
)
USER = select(*columns(User)).where(User.id == bindparam("user_id"))
LOCKED_USER = USER.with_for_update()


def caller(*, for_update: bool) -> Row[*Anything]:
    """Fetch who sends the request; they may have gone since their token was looked up."""
    statement = LOCKED_USER if for_update else USER
    user = execute(statement, {"user_id": g.caller.user_id}).one_or_none()
    if user is None:
        raise bearer_problem("invalid-token")
    return user


def refuse_taken(username: str | None, email: str | None, but: UUID | None = None) -> None:
    """Refuse a username or an email that another user has."""
    if taken := User.taken(username, email, but):
        errors = [InputError("pointer", f"/{name}", Code("taken")) for name in taken]
        raise Problem("already-exists", errors)


class UserList(Resource):
    """Everybody's way to an account."""

    @parameters(headers=IdempotencyKey)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> Any:
        data = user_schema.load(body)
        refuse_taken(data["username"], data["email"])
        user = user_schema.dump(User.make(data))
        return user, HTTPStatus.CREATED, {"Location": "/api/users/me"}


class CurrentUser(Resource):
    """One's own account."""

    @authenticated
    @parameters(headers=IfNoneMatch)
    def get(self) -> Any:
        return user_schema.dump(caller(for_update=False))

    @authenticated
    @parameters(headers=IfMatch)
    @merge_patch_body
    @transaction()
    def patch(self, body: dict[str, Any]) -> Any:
        user = caller(for_update=True)
        require_match(user_schema, user)
        data = UserUpdateSchema(partial=True).load(body)
        refuse_taken(data.get("username"), data.get("email"), but=user.id)
        update_row(User, user.id, data)
        return user_schema.dump({**user._asdict(), **data})

    @authenticated
    @parameters(headers=IfMatch)
    @transaction()
    def delete(self) -> Any:
        user = caller(for_update=True)
        require_match(user_schema, user)
        Todo.delete_where(Todo.owner_id == user.id)
        StockAdjustment.forget_maker(user.id)
        idempotency.forget(user.id)
        User.delete(user.id)
        return "", HTTPStatus.NO_CONTENT


class Password(Resource):
    """One's own password."""

    @authenticated
    @parameters()
    @json_body
    def put(self, body: dict[str, Any]) -> Any:
        data = PasswordChangeSchema().load(body)
        check_logins(g.caller.username)
        current = caller(for_update=False).password
        # Deriving keys takes long: it's done before the transaction.
        if not verify_password(data["current_password"], current):
            count_failed_login(g.caller.username)
            wrong = InputError("pointer", "/current_password", Code("incorrect_password"))
            raise Problem("invalid-body", [wrong])
        forget_failed_logins(g.caller.username)
        self.change(current, hash_password(data["new_password"]))
        return "", HTTPStatus.NO_CONTENT

    @transaction()
    def change(self, current: str, new: str) -> None:
        """Store the new password, and revoke every token but the one that was sent."""
        user = caller(for_update=True)
        if user.password != current:
            raise LostRaceError
        update_row(User, user.id, {"password": new})
        others = Token.id != g.caller.token_id
        execute(delete(Token).where(Token.user_id == user.id, others))


class TokenList(Resource):
    """One's own tokens, and logging in."""

    @authenticated
    @parameters(PageQuery, IfNoneMatch)
    def get(self, query: dict[str, Any]) -> Any:
        page = TOKENS.page(NEWEST_FIRST, query, user_id=g.caller.user_id)
        return page.respond(token_schema)

    @parameters()
    @json_body
    def post(self, body: dict[str, Any]) -> Any:
        data = CredentialsSchema().load(body)
        check_logins(data["username"])
        user = execute(
            select(User.id, User.password).where(User.username == data["username"], User.is_active)
        ).one_or_none()
        stored = user.password if user else None
        if not verify_password(data["password"], stored) or user is None:
            count_failed_login(data["username"])
            raise bearer_problem("invalid-credentials")
        forget_failed_logins(data["username"])
        with transaction():
            token = Token(user.id, current_app.config["TOKEN_TTL"])
            db.session.add(token)
        return (
            NewTokenSchema().dump(token),
            HTTPStatus.CREATED,
            {"Location": f"/api/tokens/{token.id}"},
        )


class TokenDetail(Resource):
    """One of one's own tokens."""

    @authenticated
    @parameters()
    def delete(self, token_id: UUID) -> Any:
        if not revoke(token_id):
            raise Problem("not-found")
        return "", HTTPStatus.NO_CONTENT


class CurrentToken(Resource):
    """The token that the request was sent with."""

    @authenticated
    @parameters()
    def delete(self) -> Any:
        if not revoke(g.caller.token_id):
            raise bearer_problem("invalid-token")
        return "", HTTPStatus.NO_CONTENT


@transaction()
def revoke(token_id: UUID) -> bool:
    """Revoke one of the caller's tokens, and tell whether it was there and valid."""
    revoked = execute(
        delete(Token)
        .where(Token.id == token_id, Token.user_id == g.caller.user_id, Token.is_valid())
        .returning(Token.id)
    )
    return revoked.first() is not None
