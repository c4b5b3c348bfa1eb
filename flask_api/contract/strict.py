"""Values as the contract wants them: nothing is coerced (contract: Strict input, Errors).

Every message is a code, so that marshmallow's own checks speak the contract's language too. Each
field reports the first error in the contract's order and no other.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from sys import maxsize
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import ValidationError, fields

from flask_api.contract.errors import Code
from flask_api.contract.schemas import Schema


class Shown:
    """How a value is shown, which each kind of field says in its own way; a null stays one."""

    # Turns a value into what orjson can write; most values are that already.
    show: Callable[[Any], Any] | None = None

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return value if value is None or self.show is None else self.show(value)


class Field(Shown, fields.Field[Any]):
    """What all fields have in common: the codes of marshmallow's own checks."""

    default_error_messages = {"required": Code("required"), "null": Code("null_not_allowed")}


class Boolean(Field):
    """`true` or `false`; marshmallow's own takes "yes" and 1 as well."""

    default_error_messages = {"type": Code("invalid_type", type="a boolean")}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("type")
        return value


class Integer(Field):
    """A number without a fraction; marshmallow's own truncates 3.7 and takes "3"."""

    default_error_messages = {
        "type": Code("invalid_type", type="an integer"),
        "zero": Code("zero"),
        "range": Code("out_of_range.number"),
    }

    def __init__(self, minimum: int = 0, maximum: int = maxsize, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum = minimum
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        # JSON has one kind of number: 3.0 is the integer 3.
        if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
            raise self.make_error("type")
        return self.check(int(value))

    def check(self, value: int) -> int:
        """Refuse an integer that is too small or too large."""
        if not self.minimum <= value <= self.maximum:
            raise self.make_error("range", min=self.minimum, max=self.maximum)
        return value


class NonZeroInteger(Integer):
    """An integer but 0."""

    def check(self, value: int) -> int:
        if value == 0:
            raise self.make_error("zero")
        return super().check(value)


class String(Field):
    """Text, stored as sent; lengths count code points."""

    default_error_messages = {
        "type": Code("invalid_type", type="a string"),
        "null_character": Code("null_character"),
        "short": Code("too_short"),
        "long": Code("too_long"),
        "blank": Code("blank"),
        "choice": Code("invalid_choice"),
        "range": Code("out_of_range.date-time"),
        "cursor": Code("invalid_cursor"),
    }
    min_length: ClassVar[int] = 0
    max_length: ClassVar[int]

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("type")
        if "\0" in value:
            raise self.make_error("null_character")
        if len(value) < self.min_length:
            raise self.make_error("short", min=self.min_length)
        if len(value) > self.max_length:
            raise self.make_error("long", max=self.max_length)
        return self.parse(value)

    def parse(self, text: str) -> Any:
        """Turn a text of the right length into a value."""
        return text


class Note(String):
    """A remark that may be empty."""

    max_length = 500


class LongText(String):
    """Prose that may be empty."""

    max_length = 10_000


class SearchText(String):
    """What to look for; ASCII letters match in either case."""

    min_length = 1
    max_length = 100

    def parse(self, text: str) -> str:
        return text.encode().lower().decode()  # bytes know no letters but ASCII's


class Password(String):
    """A new password."""

    min_length = 8
    max_length = 128


class GivenPassword(String):
    """A password to be checked."""

    min_length = 1
    max_length = 128


class GivenUsername(String):
    """A username to be looked up: any other text is a wrong one."""

    min_length = 1
    max_length = 30


class Title(String):
    """A name or title: not blank."""

    min_length = 1
    max_length = 200

    def parse(self, text: str) -> str:
        if text.isspace():
            raise self.make_error("blank")
        return text


class Choice(String):
    """One of a few texts."""

    def __init__(self, choices: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = choices

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("type")
        return self.parse(value)

    def parse(self, text: str) -> Any:
        if text not in self.choices:
            raise self.make_error("choice", choices=", ".join(self.choices))
        return text


class EnumName(Choice):
    """The name of a member of an enumeration."""

    def __init__(self, enum: type[IntEnum], **kwargs: Any) -> None:
        super().__init__(enum._member_names_, **kwargs)
        self.enum = enum

    def parse(self, text: str) -> IntEnum:
        return self.enum[super().parse(text)]

    def show(self, value: Any) -> Any:
        return value.name


class Formatted(String):
    """Text that matches a pattern."""

    format: ClassVar[str]
    pattern: ClassVar[re.Pattern[str]]

    def parse(self, text: str) -> Any:
        if not self.pattern.fullmatch(text):
            raise ValidationError(Code(f"invalid_format.{self.format}"))
        return text


class Username(Formatted):
    """A name to log in with."""

    min_length = 3
    max_length = 30
    format = "username"
    pattern = re.compile(r"[a-z0-9_]+")


class Email(Formatted):
    """An email address."""

    max_length = 254
    format = "email"
    pattern = re.compile(
        r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
        r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
        r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    )


class Sku(Formatted):
    """The shop's own code of a product."""

    max_length = 32
    format = "sku"
    pattern = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}")


class Slug(Formatted):
    """Lower-case letters and digits, in parts joined by single hyphens."""

    max_length = 50
    format = "slug"
    pattern = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Parsed(Formatted):
    """A text that stands for a value of another type: one that doesn't has no error but that."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("type")
        return self.parse(value)


class Id(Parsed):
    """A UUID in canonical lower-case form (RFC 9562, section 4)."""

    format = "uuid"
    pattern = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

    def parse(self, text: str) -> UUID:
        return UUID(super().parse(text))


class Price(Parsed):
    """A decimal number with two places, as text; marshmallow's own takes numbers and rounds."""

    format = "price"
    pattern = re.compile(r"(0|[1-9][0-9]{0,7})\.[0-9]{2}")

    def parse(self, text: str) -> Decimal:
        return Decimal(super().parse(text))

    def show(self, value: Any) -> Any:
        return f"{value:.2f}"


class DateTime(Parsed):
    """RFC 3339 with an offset; responses have UTC, six fractional digits and `Z`."""

    format = "date-time"
    pattern = re.compile(
        r"([0-9]{4})-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
        r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
    )

    def parse(self, text: str) -> datetime:
        super().parse(text)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:  # no such day
            raise ValidationError(Code(f"invalid_format.{self.format}")) from None
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise self.make_error("range") from None

    def show(self, value: Any) -> Any:
        return rfc3339(value)


def rfc3339(moment: datetime) -> str:
    """Write a time in UTC as responses do."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


class QueryBoolean(Choice):
    """A boolean as a query parameter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(("true", "false"), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        return bool(self.parse(value) == "true")


class QueryInteger(Integer):
    """An integer as a query parameter, of any number of digits."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not re.fullmatch(r"-?(0|[1-9][0-9]*)", value):
            raise self.make_error("type")
        # Beyond some length Python refuses to convert; nothing that long is in range anyway.
        return self.check(int(value[:20]))


class DistinctList(Shown, fields.List[Any]):
    """An array of at most so many entries, all of them different, which are shown as they are."""

    default_error_messages = {
        **Field.default_error_messages,
        "invalid": Code("invalid_type", type="an array"),
        "many": Code("too_many_items"),
    }

    def __init__(self, inner: Field, *, max_items: int, **kwargs: Any) -> None:
        super().__init__(inner, **kwargs)
        self.max_items = max_items

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > self.max_items:
            raise self.make_error("many", max=self.max_items)
        entries: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        duplicates = [index for index, each in enumerate(entries) if each in entries[:index]]
        if duplicates:
            raise ValidationError({index: [Code("duplicate")] for index in duplicates})
        return entries


class Object(Shown, fields.Nested):  # type: ignore[misc]
    """An object that is shown only."""

    def show(self, value: Any) -> Any:
        return self.schema.dump(value)


class Objects(Object):
    """An array of objects, replaced whole."""

    default_error_messages = {
        **Field.default_error_messages,
        "type": Code("invalid_type", type="an array"),
        "few": Code("too_few_items"),
        "many": Code("too_many_items"),
    }

    def __init__(
        self, nested: type[Schema], *, min_items: int = 0, max_items: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(nested, many=True, **kwargs)
        self.min_items = min_items
        self.max_items = max_items

    def _deserialize(
        self, value: Any, attr: Any, data: Any, partial: Any = None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, list):
            raise self.make_error("type")
        if len(value) < self.min_items:
            raise self.make_error("few", min=self.min_items)
        if len(value) > self.max_items:
            raise self.make_error("many", max=self.max_items)
        try:
            # A patch may leave out properties of the object, but not of the array's entries.
            return super()._deserialize(value, attr, data, partial=False, **kwargs)
        except ValidationError as error:
            # For marshmallow, a null in an array is no object.
            null = Code("null_not_allowed")
            nulls = {index: [null] for index, each in enumerate(value) if each is None}
            raise ValidationError({**error.messages_dict, **nulls}) from None
