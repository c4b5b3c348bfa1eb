"""Pages of a list: a cursor names a place between rows (contract: Lists)."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import current_app, request
from marshmallow import ValidationError, fields
from marshmallow.validate import OneOf, Range
from sqlalchemy import Select, literal, tuple_

from flask_api.contract.database import db
from flask_api.contract.errors import Code
from flask_api.contract.parameters import QuerySchema, digits
from flask_api.contract.schemas import Schema
from flask_api.contract.strict import Length, rfc3339

MAC_BYTES = 16


def decode_cursor(text: str) -> tuple[Any, str]:
    """Return the sort value and the id of the row before a page.

    Raises a ValidationError unless the cursor was made for this path and these parameters.
    """
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        packed = b""
    payload, mac = packed[:-MAC_BYTES], packed[-MAC_BYTES:]
    if hmac.compare_digest(mac, mac_of(payload)):
        context, value, row_id = orjson.loads(payload)
        if context == current_context():
            return value, row_id
    raise ValidationError(Code("invalid_cursor"))


class PageQuery(QuerySchema):
    """The parameters of every list."""

    limit = fields.Integer(pre_load=digits, validate=Range(1, 100), load_default=20)
    cursor = fields.String(validate=Length(max=4000), post_load=decode_cursor, load_default=None)


class SortKey(NamedTuple):
    """Something to sort by: what the database compares, and how a cursor shows its value."""

    columns: tuple[Any, ...]
    attribute: str
    dump: Callable[[Any], Any] = lambda value: value
    load: Callable[[Any], tuple[Any, ...]] = lambda value: (value,)


class Order(NamedTuple):
    """What a list is sorted by, and which way."""

    key: SortKey
    descending: bool = True


def sort_by(keys: Mapping[str, SortKey]) -> fields.String:
    """Declare the parameter that names an order; the newest come first without it."""

    def order(text: str) -> Any:
        return Order(keys[text.removeprefix("-")], descending=text.startswith("-"))

    choices = [choice for name in keys for choice in (name, f"-{name}")]
    return fields.String(
        validate=OneOf(choices), post_load=order, load_default=Order(keys["created_at"])
    )


class Page(NamedTuple):
    """Some rows, and the relative reference of the next page."""

    rows: Sequence[Any]
    next_url: str | None

    def to_response(
        self, schema: Schema, headers: Mapping[str, str] | None = None
    ) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Represent the page."""
        link = {"Link": f'<{self.next_url}>; rel="next"'} if self.next_url else {}
        data = {"items": schema.dump(self.rows, many=True), "next": self.next_url}
        return data, HTTPStatus.OK, {**link, **(headers or {})}


def mac_of(payload: bytes) -> bytes:
    """Return the HMAC-SHA256 of a cursor's payload, cut to 16 bytes."""
    return hmac.digest(str(current_app.secret_key).encode(), payload, "sha256")[:MAC_BYTES]


def params_without(*names: str) -> list[tuple[str, str]]:
    """List the parameters as they were sent, sorted, without some."""
    return sorted(pair for pair in request.args.items() if pair[0] not in names)


def current_context() -> str:
    """Name the list that a cursor belongs to."""
    return f"{request.path}?{urlencode(params_without('limit', 'cursor'))}"


def encode_cursor(value: Any, row_id: UUID) -> str:
    """Make the cursor of the page after a row, in base64url without padding (RFC 4648)."""
    payload = orjson.dumps([current_context(), value, str(row_id)])
    return urlsafe_b64encode(payload + mac_of(payload)).rstrip(b"=").decode()


def time_key(column: Any) -> SortKey:
    """Sort by a time that is never null."""
    return SortKey((column,), column.key, rfc3339, lambda text: (datetime.fromisoformat(text),))


def paginate(rows: Select[Any], row_id: Any, order: Order, query: Mapping[str, Any]) -> Page:
    """Fetch a page of what a statement selects; ties are broken by the id."""
    key, descending = order
    columns = (*key.columns, row_id)
    if query["cursor"]:
        value, last_id = query["cursor"]
        values = (*key.load(value), UUID(last_id))
        after = tuple_(*(literal(v, c.type) for v, c in zip(values, columns, strict=True)))
        row = tuple_(*columns)
        rows = rows.where(row < after if descending else row > after)
    rows = rows.order_by(*(column.desc() if descending else column.asc() for column in columns))
    limit = query["limit"]
    # One row more than fits tells whether there is another page.
    found = db.session.scalars(rows.limit(limit + 1)).all()
    if len(found) <= limit:
        return Page(found, None)
    last = found[limit - 1]
    cursor = encode_cursor(key.dump(getattr(last, key.attribute)), last.id)
    parameters = urlencode([*params_without("cursor"), ("cursor", cursor)])
    return Page(found[:limit], f"{request.path}?{parameters}")
