"""Fields that take no value for another (contract: Strict input); all others are marshmallow's."""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate
from marshmallow.validate import Regexp

from flask_api.contract.errors import Code, EntryName

CANONICAL_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # RFC 9562, section 4
PRICE = r"(0|[1-9][0-9]{0,7})\.[0-9]{2}"
DATE_TIME = (  # RFC 3339, section 5.6, without leap seconds
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)


class Length(validate.Length):
    """A number of characters or entries; marshmallow's has one text for two bounds."""

    def __call__(self, value: Any) -> Any:
        few, many = (
            ("too_short", "too_long")
            if isinstance(value, str)
            else ("too_few_items", "too_many_items")
        )
        if self.min is not None and len(value) < self.min:
            raise ValidationError(Code(few, min=self.min))
        if self.max is not None and len(value) > self.max:
            raise ValidationError(Code(many, max=self.max))
        return value


slug = [Length(max=50), Regexp(r"[a-z0-9]+(-[a-z0-9]+)*\Z", error=Code("invalid_format.slug"))]


def not_blank(text: str) -> None:
    """Refuse a text that is white space only."""
    if text.isspace():
        raise ValidationError(Code("blank"))


def matching(value: Any, pattern: str, name: str) -> str:
    """Return a text in a format, which a library's parser would take in others as well."""
    text = fields.String().deserialize(value)
    if not re.fullmatch(pattern, text):
        raise ValidationError(Code(f"invalid_format.{name}"))
    return str(text)


class String(fields.String):
    """Any text without U+0000, which PostgreSQL can't store."""

    default_error_messages = {"null_character": Code("null_character")}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text:
            raise self.make_error("null_character")
        return text


class Boolean(fields.Boolean):
    """`true` or `false`; marshmallow's takes "yes" and 1 as well."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Integer(fields.Integer):
    """A number without a fraction: 3.0 is one in JSON; marshmallow's takes "3" and 3.7 as well."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
            raise self.make_error("invalid")
        return int(value)


class UUID(fields.UUID):
    """A UUID in canonical lower-case form; marshmallow's takes any that Python does."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> uuid.UUID:
        return super()._deserialize(matching(value, CANONICAL_UUID, "uuid"), attr, data, **kwargs)


class Price(fields.Decimal):
    """An amount of two places, as a string; marshmallow's takes numbers, and rounds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(places=2, as_string=True, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(matching(value, PRICE, "price"), attr, data, **kwargs)


def rfc3339(moment: datetime) -> str:
    """Write a time in UTC as responses do, with `Z` and six fractional digits."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


class DateTime(fields.DateTime):
    """A time as in RFC 3339, with an offset, in UTC inside; marshmallow's takes all of ISO 8601."""

    default_error_messages = {"range": Code("out_of_range.date-time")}
    SERIALIZATION_FUNCS = {"iso": rfc3339}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        text = matching(value, DATE_TIME, "date-time")
        moment: datetime = super()._deserialize(text, attr, data, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise self.make_error("range") from None


class List(fields.List[Any]):
    """An array, judged as a whole before its entries are; marshmallow's takes objects as well.

    Entries are complete even in a merge patch, which replaces arrays whole (RFC 7396): so `partial`
    isn't handed on to them.
    """

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        validate.And(*self.validators)(value)
        return super()._deserialize(value, attr, data)


class Dict(fields.Dict):
    """A map, judged as a whole before its entries are, and sorted by name where it is shown."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        shown = super()._serialize(value, attr, obj, **kwargs)  # type: ignore[no-untyped-call]
        return dict(sorted(shown.items()))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise self.make_error("invalid")
        validate.And(*self.validators)(value)
        try:
            loaded: dict[str, Any] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            # By name, as `key` and `value`: of which the contract points at the entry.
            raise ValidationError(
                {
                    EntryName(name): messages.get("key") or messages["value"]
                    for name, messages in error.messages_dict.items()
                }
            ) from None
        return loaded
