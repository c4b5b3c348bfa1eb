"""Fields that coerce nothing (contract, sections "Strict input" and "Errors").

Each value gets one error, the first that applies in the contract's order.
"""

import re
from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import SkipField, empty

from drf_api.contract.errors import DETAILS
from drf_api.contract.openapi import CALENDAR, FORMATS

MAX_ATTRIBUTES = 20
MAX_NAME = 50
MAX_VALUE = 200


def time_text(value: datetime) -> str:
    """Write a moment as responses show it: in UTC with six fractional digits."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def price_text(value: Decimal) -> str:
    """Write an amount of money with two places."""
    return f"{value:.2f}"


class StrictMixin(serializers.Field[Any, Any, Any, Any]):
    """Speaks the contract's codes."""

    default_error_messages: ClassVar[dict[str, Any]] = DETAILS

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Deal with an absent value or a null.

        DRF asks the outermost serializer whether the update is partial, but an entry of an array
        is complete even in a PATCH, because arrays are replaced whole.
        """
        if data is empty and not self.read_only:
            if getattr(self.parent, "partial", False):
                raise SkipField
            if self.required:
                self.fail("required")
        if data is None and not self.allow_null and not self.read_only:
            self.fail("null_not_allowed")
        return super().validate_empty_values(data)


class StrictField(StrictMixin):
    """A field whose value is shown as it is."""

    def to_representation(self, value: Any) -> Any:
        return value


class StringField(StrictField):
    """A text, stored as sent; `check` adds what is special about it."""

    def __init__(self, *, min_length: int = 0, max_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.min_length = min_length
        self.max_length = max_length

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_type", type="a string")
        if "\0" in data:
            self.fail("null_character")
        if len(data) < self.min_length:
            self.fail("too_short", min=self.min_length)
        if len(data) > self.max_length:
            self.fail("too_long", max=self.max_length)
        return self.check(data)

    def check(self, value: str) -> Any:
        return value


class TitleField(StringField):
    """A text that is not blank."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=1, max_length=200, **kwargs)

    def check(self, value: str) -> str:
        if not value.strip():  # Python's white space is the contract's
            self.fail("blank")
        return value


class PatternField(StringField):
    """A text of one of the contract's formats."""

    format: str
    pattern: re.Pattern[str]
    lengths: Mapping[str, int]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**self.lengths, **kwargs})

    def check(self, value: str) -> Any:
        if not self.pattern.fullmatch(value):
            self.fail("invalid_format", format=FORMATS[self.format])
        return value


class UsernameField(PatternField):
    """A username."""

    format = "username"
    pattern = re.compile(r"[a-z0-9_]+")
    lengths = {"min_length": 3, "max_length": 30}


class EmailField(PatternField):
    """An email address."""

    format = "email"
    pattern = re.compile(
        r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
        r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
        r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    )
    lengths = {"max_length": 254}


class SkuField(PatternField):
    """The shop's own code for a product."""

    format = "sku"
    pattern = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}")
    lengths = {"max_length": 32}


class SlugField(PatternField):
    """A tag or a category."""

    format = "slug"
    pattern = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
    lengths = {"max_length": 50}


class ParsedField(StrictField):
    """A text that stands for a value of another type: one that doesn't has no error but that."""

    format: str
    pattern: re.Pattern[str]

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_type", type="a string")
        if not self.pattern.fullmatch(data):
            self.fail("invalid_format", format=FORMATS[self.format])
        return self.check(data)

    def check(self, value: str) -> Any:
        raise NotImplementedError


class PriceField(ParsedField):
    """A price, as a text with two places."""

    format = "price"
    pattern = re.compile(r"(0|[1-9][0-9]{0,7})\.[0-9]{2}")

    def check(self, value: str) -> Decimal:
        return Decimal(value)

    def to_representation(self, value: Decimal) -> str:
        return price_text(value)


class IdField(ParsedField):
    """A UUID in canonical lower-case form."""

    format = "uuid"
    pattern = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

    def check(self, value: str) -> Any:
        return UUID(value)

    def to_representation(self, value: UUID) -> str:
        return str(value)


class TimeField(ParsedField):
    """A moment: RFC 3339 with an offset."""

    format = "date-time"
    pattern = re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
        r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
    )

    def check(self, value: str) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:  # no such day
            self.fail("invalid_format", format=FORMATS[self.format])
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(CALENDAR, code="out_of_range") from error

    def to_representation(self, value: datetime) -> str:
        return time_text(value)


class ChoiceField(StrictField):
    """One of a few texts, in the contract's order."""

    def __init__(self, choices: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = choices

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_type", type="a string")
        if data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(self.choices))
        return data


class RankField(ChoiceField):
    """One of a few texts, which are stored as 1, 2, 3 and so on."""

    def to_internal_value(self, data: Any) -> int:
        return self.choices.index(super().to_internal_value(data)) + 1

    def to_representation(self, value: int) -> str:
        return self.choices[value - 1]


class BooleanField(StrictField):
    """Either `true` or `false`, and nothing like them."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid_type", type="a boolean")
        return data


class IntegerField(StrictField):
    """A number without a fraction, within its bounds."""

    def __init__(self, *, minimum: int = 0, maximum: int = 2**63 - 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum = minimum
        self.maximum = maximum

    def to_internal_value(self, data: Any) -> int:
        # JSON has one kind of number: 3.0 is the integer 3.
        if type(data) not in (int, float) or data % 1:
            self.fail("invalid_type", type="an integer")
        if not self.minimum <= data <= self.maximum:
            self.fail("out_of_range", min=self.minimum, max=self.maximum)
        return int(data)


class NonZeroIntegerField(IntegerField):
    """An integer but 0."""

    def to_internal_value(self, data: Any) -> int:
        return super().to_internal_value(data) or self.fail("zero")


class ArrayField(StrictMixin, serializers.ListField):
    """An array, whose number of entries is looked at before they are."""

    def __init__(self, *, min_items: int = 0, max_items: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.min_items = min_items
        self.max_items = max_items

    def bind(self, field_name: str, parent: Any) -> None:
        """Take a place in a serializer, with a child of one's own: copies are shallow."""
        super().bind(field_name, parent)
        self.child = copy(self.child)
        self.child.parent = self  # type: ignore[assignment] # the stubs know of serializers only

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("invalid_type", type="an array")
        if len(data) < self.min_items:
            self.fail("too_few_items", min=self.min_items)
        if len(data) > self.max_items:
            self.fail("too_many_items", max=self.max_items)
        return self.run_child_validation(data)

    def to_representation(self, value: Any) -> list[Any]:
        return [self.child.to_representation(entry) for entry in value]


class TagsField(ArrayField):
    """A set of slugs, shown sorted."""

    child = SlugField()

    def run_child_validation(self, data: list[Any]) -> list[str]:
        tags = super().run_child_validation(data)
        duplicates = [index for index, tag in enumerate(tags) if tag in tags[:index]]
        if duplicates:
            detail = ErrorDetail(DETAILS["duplicate"], "duplicate")
            raise ValidationError({str(index): [detail] for index in duplicates})
        return sorted(tags)

    def to_representation(self, value: list[str]) -> list[str]:
        return value


class ProgressField(StrictField):
    """How far a checklist is done."""

    def to_representation(self, value: Any) -> dict[str, int]:
        return {"done": sum(item.done for item in value), "total": len(value)}


class AttributesField(StrictField):
    """A map of names to texts; a PATCH merges it with the stored one (RFC 7396)."""

    value = StringField(max_length=MAX_VALUE)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            self.fail("invalid_type", type="an object")
        serializer: Any = self.parent
        stored = serializer.instance.attributes if serializer.partial else {}
        removed = {name for name in data if data[name] is None} if serializer.partial else set()
        merged = {name: text for name, text in {**stored, **data}.items() if name not in removed}
        if len(merged) > MAX_ATTRIBUTES:
            self.fail("too_many_items", max=MAX_ATTRIBUTES)
        errors: dict[str, Any] = {}
        for name, text in data.items():
            try:
                if not 1 <= len(name) <= MAX_NAME or "\0" in name:
                    self.fail("invalid_name")
                if name not in removed:
                    self.value.run_validation(text)
            except ValidationError as error:
                errors[name] = error.detail
        if errors:
            raise ValidationError(errors)
        return merged

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return dict(sorted(value.items()))


class BooleanParameter(StrictField):
    """A query parameter that is `true` or `false`."""

    def to_internal_value(self, data: str) -> bool:
        if data not in ("true", "false"):
            self.fail("invalid_choice", choices="true, false")
        return data == "true"


class LimitParameter(StrictField):
    """The largest number of items on a page, 1 to 100."""

    pattern = re.compile(r"-?(0|[1-9][0-9]*)")

    def to_internal_value(self, data: str) -> int:
        if not self.pattern.fullmatch(data):
            self.fail("invalid_type", type="an integer")
        # Compared as text first: Python refuses to read an integer of thousands of digits.
        if not (len(data) <= len("100") and 1 <= int(data) <= 100):  # noqa: PLR2004 – as in openapi.yaml
            self.fail("out_of_range", min=1, max=100)
        return int(data)


class SearchField(StringField):
    """A text to be searched for; ASCII letters match in either case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=1, max_length=100, **kwargs)

    def check(self, value: str) -> str:
        return value.encode().lower().decode()  # bytes know no letters but ASCII's
