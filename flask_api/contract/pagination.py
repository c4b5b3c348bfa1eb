"""Pages of a list: a cursor names a place between rows (contract: Lists)."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import current_app, request
from marshmallow import ValidationError, fields
from marshmallow.validate import OneOf, Range
from sqlalchemy import ColumnElement, Integer, Select, bindparam, tuple_

from flask_api.contract.errors import Code
from flask_api.contract.parameters import QuerySchema
from flask_api.contract.rows import dicts, execute
from flask_api.contract.schemas import Schema
from flask_api.contract.strict import Length, rfc3339

ALPHABET = re.compile(r"[A-Za-z0-9_-]+")  # base64url (RFC 4648, section 5)
MAC_BYTES = 16


def place(text: str) -> tuple[Any, str]:
    """Read a cursor: the sort value and the id of the row before a page."""
    if not ALPHABET.fullmatch(text):  # decoding would skip other characters
        raise ValidationError(Code("invalid_cursor"))
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise ValidationError(Code("invalid_cursor")) from None
    payload, mac = packed[:-MAC_BYTES], packed[-MAC_BYTES:]
    if not hmac.compare_digest(mac, mac_of(payload)):
        raise ValidationError(Code("invalid_cursor"))
    context, value, row_id = orjson.loads(payload)
    if context != current_context():
        raise ValidationError(Code("invalid_cursor"))
    return value, row_id


def digits(text: str) -> int:
    """Read an integer of a query, of any number of digits."""
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        raise ValidationError(Code("invalid_type", type="an integer"))
    # Beyond some length Python refuses to convert; nothing that long is in range anyway.
    return int(text[:20])


class PageQuery(QuerySchema):
    """The parameters of every list."""

    limit = fields.Integer(pre_load=digits, validate=Range(1, 100), load_default=20)
    cursor = fields.String(validate=Length(max=4000), post_load=place, load_default=None)


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
    """Some rows, and the relative reference of those that follow."""

    rows: Sequence[dict[str, Any]]
    following: str | None

    def respond(
        self, schema: Schema, headers: Mapping[str, str] | None = None
    ) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Represent the page."""
        link = {"Link": f'<{self.following}>; rel="next"'} if self.following else {}
        data = {"items": schema.dump(self.rows, many=True), "next": self.following}
        return data, HTTPStatus.OK, {**link, **(headers or {})}


def mac_of(payload: bytes) -> bytes:
    """Sign a cursor."""
    return hmac.digest(str(current_app.secret_key).encode(), payload, "sha256")[:MAC_BYTES]


def encoded(packed: bytes) -> str:
    """Write base64url without padding (RFC 4648, section 5)."""
    return urlsafe_b64encode(packed).rstrip(b"=").decode()


def sent_but(*names: str) -> list[tuple[str, str]]:
    """List the parameters as they were sent, sorted, without some."""
    return sorted(pair for pair in request.args.items() if pair[0] not in names)


def current_context() -> str:
    """Name the list that a cursor belongs to."""
    return f"{request.path}?{urlencode(sent_but('limit', 'cursor'))}"


def cursor_after(value: Any, row_id: UUID) -> str:
    """Make the cursor of the page that follows a row."""
    payload = orjson.dumps([current_context(), value, str(row_id)])
    return encoded(payload + mac_of(payload))


def parsed_time(text: str) -> datetime:
    """Read a time that a cursor holds."""
    return datetime.fromisoformat(text)


def time_key(column: Any) -> SortKey:
    """Sort by a time that is never null."""
    return SortKey((column,), column.key, rfc3339, lambda text: (parsed_time(text),))


@dataclass(frozen=True, eq=False)
class Listing:
    """A list: what it selects, the column that breaks ties, and a condition for each filter.

    A condition has the filter's value as a parameter of the filter's name. So there is one
    statement for each choice of filters and order, which is built once.
    """

    selection: Select[Any]
    row_id: Any
    filters: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)

    def page(self, order: Order, query: Mapping[str, Any], **values: Any) -> Page:
        """Fetch a page; `values` are those of the selection's own parameters."""
        chosen = {name: query[name] for name in self.filters.keys() & query.keys()}
        after: dict[str, Any] = {}
        if query["cursor"]:
            value, last_id = query["cursor"]
            last = (*order.key.load(value), UUID(last_id))
            after = {f"after_{index}": each for index, each in enumerate(last)}
        limit = query["limit"]
        statement = self.statement(frozenset(chosen), order, after=bool(after))
        # One row more than fits tells whether there is another page.
        rows = dicts(execute(statement, {**values, **chosen, **after, "rows": limit + 1}))
        if len(rows) <= limit:
            return Page(rows, None)
        last = rows[limit - 1]
        cursor = cursor_after(order.key.dump(last[order.key.attribute]), last["id"])
        parameters = urlencode([*sent_but("cursor"), ("cursor", cursor)])
        return Page(rows[:limit], f"{request.path}?{parameters}")

    @lru_cache(maxsize=1000)  # noqa: B019 - there are a few lists, for as long as the process lives
    def statement(self, filters: frozenset[str], order: Order, *, after: bool) -> Select[Any]:
        """Build the statement of a page, which comes first or after some row."""
        columns = (*order.key.columns, self.row_id)
        chosen = [condition for name, condition in self.filters.items() if name in filters]
        statement = self.selection.where(*chosen)
        if after:
            here = [bindparam(f"after_{index}", type_=c.type) for index, c in enumerate(columns)]
            row, last = tuple_(*columns), tuple_(*here)
            statement = statement.where(row < last if order.descending else row > last)
        ordering = [column.desc() if order.descending else column.asc() for column in columns]
        return statement.order_by(*ordering).limit(bindparam("rows", type_=Integer))
