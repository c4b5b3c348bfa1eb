"""What is read and shown, for the peers whose frameworks use Pydantic."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StringConstraints,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from comparison.peers import contract

# What Pydantic calls the kinds of values, and what the contract does.
KINDS = {
    "string": "a string",
    "bool": "a boolean",
    "int": "an integer",
    "list": "an array",
    "model": "an object",
    "model_attributes": "an object",
    "dict": "an object",
}


def no_nul(value: Any) -> Any:
    """Refuse the NUL character, which comes before all that is said of lengths and formats."""
    if isinstance(value, str) and "\0" in value:
        raise PydanticCustomError("null_character", contract.CODES["null_character"])
    return value


def not_blank(value: str) -> str:
    """Refuse a text of white space only."""
    if value.isspace():
        raise PydanticCustomError("blank", contract.CODES["blank"])
    return value


def slug(value: str) -> str:
    """Take lower-case letters and digits, in parts joined by hyphens."""
    if not contract.SLUG.fullmatch(value):
        raise PydanticCustomError("invalid_format", contract.FORMATS["slug"])
    return value


def uuid(value: str) -> str:
    """Take an id in canonical form."""
    if not contract.ID.fullmatch(value):
        raise PydanticCustomError("invalid_format", contract.FORMATS["uuid"])
    return value


def moment(value: Any) -> datetime:
    """Take an RFC 3339 date-time."""
    if not isinstance(value, str):
        raise PydanticCustomError("invalid_type", "Must be a string.")
    try:
        found = contract.parsed_time(value)
    except ValueError:
        raise PydanticCustomError("invalid_format", contract.FORMATS["date-time"]) from None
    if found is None:
        raise PydanticCustomError("out_of_range", contract.CALENDAR)
    return found


def distinct(values: list[str]) -> list[str]:
    """Refuse entries that repeat an earlier one; the pointer is completed by `errors`."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise PydanticCustomError(
                "duplicate",
                contract.CODES["duplicate"],
                {"index": index},
            )
    return values


def whole(value: Any) -> Any:
    """Take 3.0 for the integer 3, as JSON Schema does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def movement(value: int) -> int:
    """Refuse movements of nothing or of too much."""
    if value == 0:
        raise PydanticCustomError("zero", contract.CODES["zero"])
    if not -1_000_000 <= value <= 1_000_000:  # noqa: PLR2004 - the contract's
        raise PydanticCustomError("out_of_range", "Must be from -1000000 to 1000000.")
    return value


def page_size(value: str) -> int:
    """Read the parameter `limit`."""
    if not value.removeprefix("-").isdecimal() or not value.isascii():
        raise PydanticCustomError("invalid_type", "Must be an integer.")
    if not 1 <= int(value[:20]) <= 100:  # noqa: PLR2004 - the contract's
        raise PydanticCustomError("out_of_range", "Must be from 1 to 100.")
    return int(value)


NoNul = BeforeValidator(no_nul)
Title = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=200),
    AfterValidator(not_blank),
    NoNul,
]
LongText = Annotated[str, StringConstraints(strict=True, max_length=10_000), NoNul]
Note = Annotated[str, StringConstraints(strict=True, max_length=500), NoNul]
Slug = Annotated[str, StringConstraints(strict=True, max_length=50), AfterValidator(slug), NoNul]
Id = Annotated[str, StringConstraints(strict=True), AfterValidator(uuid)]
Moment = Annotated[datetime, BeforeValidator(moment)]
Delta = Annotated[int, Field(strict=True), AfterValidator(movement), BeforeValidator(whole)]
Priority = Literal["low", "normal", "high", "urgent"]
Currency = Literal["AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "NOK", "NZD", "PLN", "SEK", "USD"]
Reason = Literal["received", "sold", "returned", "damaged", "corrected"]
Word = Literal["true", "false"]


class Input(BaseModel):
    """What a client sends: nothing is coerced, and what is read-only is ignored."""

    model_config = ConfigDict(extra="forbid")
    read_only: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def drop_read_only(cls, data: Any) -> Any:
        """Drop what may be sent but not set."""
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if name not in cls.read_only}


class ItemInput(Input):
    """A step of a todo."""

    read_only = frozenset({"id"})

    text: Title
    done: StrictBool = False


class TodoInput(Input):
    """A new todo."""

    read_only = frozenset({"id", "completed_at", "progress", "created_at", "updated_at"})

    title: Title
    notes: LongText = ""
    completed: StrictBool = False
    priority: Priority = "normal"
    due_at: Moment | None = None
    tags: Annotated[list[Slug], Field(max_length=20), AfterValidator(distinct)] = []
    items: Annotated[list[ItemInput], Field(max_length=100)] = []
    product_id: Id | None = None


class TodoPatch(TodoInput):
    """Changes of a todo: `model_fields_set` has the names that were sent."""

    title: Title = ""


class AdjustmentInput(Input):
    """A movement of a product's stock."""

    read_only = frozenset({"id", "balance", "created_by", "created_at"})

    delta: Delta
    reason: Reason
    note: Note = ""


class Query(BaseModel):
    """The parameters of every list."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[str, AfterValidator(page_size)] = "20"
    cursor: str | None = None

    @property
    def size(self) -> int:
        """How many rows a page has."""
        return int(self.limit)


class TodoQuery(Query):
    """The parameters of the list of todos."""

    completed: Word | None = None
    priority: Priority | None = None
    tag: Slug | None = None
    sort: Literal[
        "created_at",
        "-created_at",
        "updated_at",
        "-updated_at",
        "priority",
        "-priority",
        "title",
        "-title",
    ] = "-created_at"


class ProductQuery(Query):
    """The parameters of the catalogue."""

    category: Slug | None = None
    currency: Currency | None = None
    active: Word | None = None
    sort: Literal[
        "created_at",
        "-created_at",
        "name",
        "-name",
        "sku",
        "-sku",
        "price",
        "-price",
        "stock",
        "-stock",
    ] = "-created_at"


ShownTime = Annotated[datetime, PlainSerializer(contract.shown_time, return_type=str)]
ShownPrice = Annotated[Decimal, PlainSerializer(lambda price: f"{price:.2f}", return_type=str)]


class Output(BaseModel):
    """What is shown, read from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)


class ItemOutput(Output):
    """A step of a todo."""

    id: UUID
    text: str
    done: bool


class Progress(Output):
    """How much of a checklist is done."""

    done: int
    total: int


class TodoOutput(Output):
    """A todo."""

    id: UUID
    title: str
    notes: str
    completed: bool
    completed_at: ShownTime | None
    priority: Annotated[str, BeforeValidator(lambda rank: contract.PRIORITIES[rank - 1])]
    due_at: ShownTime | None
    tags: Annotated[list[str], BeforeValidator(lambda tags: [tag.slug for tag in tags])]
    items: list[ItemOutput]
    progress: Progress
    product_id: UUID | None
    created_at: ShownTime
    updated_at: ShownTime


class TodoPage(Output):
    """A page of todos."""

    items: list[TodoOutput]
    next: str | None


class ProductOutput(Output):
    """A product."""

    id: UUID
    sku: str
    name: str
    description: str
    category: str
    price: ShownPrice
    currency: str
    attributes: Annotated[dict[str, str], BeforeValidator(lambda free: dict(sorted(free.items())))]
    active: bool
    stock: int
    created_at: ShownTime
    updated_at: ShownTime


class ProductPage(Output):
    """A page of products."""

    items: list[ProductOutput]
    next: str | None


class Figures(Output):
    """A category and currency in figures."""

    category: str
    currency: str
    products: int
    units: int
    lowest_price: ShownPrice
    mean_price: ShownPrice
    highest_price: ShownPrice
    stock_value: ShownPrice
    open_todos: int


class Summary(Output):
    """The catalogue in figures."""

    items: list[Figures]


class AdjustmentOutput(Output):
    """A movement of a product's stock."""

    id: UUID
    delta: int
    reason: str
    note: str
    balance: int
    created_by: Annotated[UUID | None, Field(validation_alias="created_by_id")]
    created_at: ShownTime


def money(cents: int) -> Decimal:
    """Turn whole cents into an amount."""
    return Decimal(f"{cents // 100}.{cents % 100:02}")


def problems(errors: Iterable[Any]) -> contract.ProblemError:
    """Turn Pydantic's errors, as FastAPI and Ninja place them, into a problem."""
    found = [problem(error) for error in errors]
    kinds = {kind for kind, *_ in found}
    return contract.ProblemError(
        "invalid-body" if kinds == {"pointer"} else "invalid-parameters", *set(found)
    )


def problem(error: ErrorDetails) -> contract.Error:
    """Turn one of Pydantic's errors into the contract's; its place begins with body or query."""
    part, *path = error["loc"]
    code, detail = described(error, is_parameter=part != "body")
    if part != "body":
        return contract.parameter_error(str(path[-1]), code, detail)
    if "index" in error.get("ctx", {}):
        path.append(error["ctx"]["index"])
    return contract.pointer_error(path, code, detail)


def described(error: ErrorDetails, *, is_parameter: bool) -> tuple[str, str | None]:
    """Say what is wrong, in the contract's words."""
    kind, value = error["type"], error["input"]
    if kind == "missing":
        return "required", None
    if kind == "extra_forbidden":
        return ("unknown_parameter" if is_parameter else "unknown_property"), None
    if value is None:
        return "null_not_allowed", None
    wanted = KINDS.get(kind.removesuffix("_type"))
    if kind == "literal_error" and not isinstance(value, str):
        wanted = "a string"
    return ("invalid_type", f"Must be {wanted}.") if wanted else bounded(error)


def bounded(error: ErrorDetails) -> tuple[str, str]:
    """Say which bound a value of the right type breaks."""
    bounds = error.get("ctx", {})
    match error["type"]:
        case "literal_error":
            choices = bounds["expected"].replace("'", "").replace(" or ", ", ")
            return "invalid_choice", f"Must be one of: {choices}."
        case "string_too_short":
            return "too_short", f"Must have {bounds['min_length']} or more characters."
        case "string_too_long":
            return "too_long", f"Must have {bounds['max_length']} or fewer characters."
        case "too_long" if "max_length" in bounds:
            return "too_many_items", f"Must have {bounds['max_length']} or fewer entries."
    return error["type"], error["msg"]  # one of this module's own


# How a cursor's value is read, where it isn't what JSON has.
LOADERS: dict[str, Callable[[str], Any]] = {
    "created_at": datetime.fromisoformat,
    "updated_at": datetime.fromisoformat,
    "price": Decimal,
}


def shown_value(value: Any) -> Any:
    """Write a sort value as a cursor holds it."""
    match value:
        case datetime():
            return contract.shown_time(value)
        case Decimal():
            return f"{value:.2f}"
    return value


def place(query: Query, path: str, pairs: list[tuple[str, str]]) -> tuple[Any, UUID] | None:
    """Return the sort value and the id after which a page begins, if not at the start."""
    if query.cursor is None:
        return None
    found = contract.decode_cursor(query.cursor, contract.context(path, pairs))
    if found is None:
        error = contract.parameter_error("cursor", "invalid_cursor")
        raise contract.ProblemError("invalid-parameters", error)
    value, row_id = found
    name = query.sort.removeprefix("-")  # type: ignore[attr-defined]
    load = LOADERS.get(name)
    return (load(value) if load else value), UUID(row_id)
