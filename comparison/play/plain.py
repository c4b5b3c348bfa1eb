"""What each library makes of a body when it is used as its documentation teaches."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import pydantic
from marshmallow import ValidationError as MarshmallowError
from rest_framework.exceptions import ValidationError as DrfError

from comparison.peers import schemas

Namespace = dict[str, Any]


class Error(NamedTuple):
    """What is wrong with a value; marshmallow has no codes."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True)
class Verdict:
    """What became of an input: a value, errors, or the exception that a client sees as a 500."""

    value: str = ""
    errors: tuple[Error, ...] = ()
    crash: str = ""
    status: str = ""  # of a twin's answer


@dataclass(frozen=True)
class Task:
    """Code that makes a Probe for each library, and the JSON for it; strictly for one more."""

    code: Mapping[str, str]
    fed: str
    model: str  # of comparison/peers/schemas.py, or nothing
    body: str


def accepted(value: Any) -> Verdict:
    """Show what was accepted; of a probe's only value, the value alone."""
    if isinstance(value, dict):
        value = value["value"] if value.keys() == {"value"} else dict(value)
    return Verdict(value=repr(value))


def walk(errors: Any, pointer: str = "") -> Iterator[Error]:
    """Yield pointer, code and text of each error that marshmallow or DRF has filed under names."""
    match errors:
        case {"message": str(text), "code": str(code)}:
            yield Error(pointer, code, text)
        case dict():
            for name, inner in errors.items():
                own = name in {"_schema", "non_field_errors"}
                yield from walk(inner, pointer if own else f"{pointer}/{name}")
        case list() if any(isinstance(each, list | dict) and "code" not in each for each in errors):
            for index, inner in enumerate(errors):  # DRF's list of entries, {} for a right one
                yield from walk(inner, f"{pointer}/{index}")
        case list():
            for each in errors:
                yield from walk(each, pointer)
        case _:
            yield Error(pointer, "", str(errors))


def by_marshmallow(space: Namespace, text: str) -> Verdict:
    """Load JSON by a Schema."""
    try:
        return accepted(space["Probe"]().load(json.loads(text)))
    except MarshmallowError as error:
        return Verdict(errors=tuple(walk(error.messages_dict)))


def by_drf(space: Namespace, text: str) -> Verdict:
    """Validate JSON by a Serializer."""
    serializer = space["Probe"](data=json.loads(text))
    try:
        serializer.is_valid(raise_exception=True)
    except DrfError as error:
        return Verdict(errors=tuple(walk(error.get_full_details())))
    return accepted(serializer.validated_data)


def pointer_of(place: tuple[int | str, ...]) -> str:
    """Write a place as a JSON Pointer."""
    return "".join(f"/{step}" for step in place)


def by_pydantic(space: Namespace, text: str) -> Verdict:
    """Validate JSON by a model."""
    try:
        return accepted(dict(space["Probe"].model_validate(json.loads(text))))
    except pydantic.ValidationError as error:
        found = error.errors(include_url=False)
        return Verdict(
            errors=tuple(
                Error(pointer_of(each["loc"]), each["type"], each["msg"]) for each in found
            )
        )


def by_strict_model(model: str, text: str) -> Verdict:
    """Validate JSON by the model that FastAPI's program keeps the contract with."""
    try:
        return accepted(dict(getattr(schemas, model).model_validate(json.loads(text))))
    except pydantic.ValidationError as error:
        placed = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        return Verdict(errors=tuple(Error(*each[1:]) for each in schemas.problems(placed).errors))


BY: Mapping[str, Callable[[Namespace, str], Verdict]] = {
    "marshmallow": by_marshmallow,
    "drf": by_drf,
    "pydantic": by_pydantic,
}


@cache
def space(code: str) -> Namespace:
    """Run a library's code; only once, as it may make tables."""
    made: Namespace = {"__name__": "__main__"}
    exec(code, made)  # noqa: S102 - the code is this project's own
    return made


def tried(judge: Callable[[], Verdict]) -> Verdict:
    """Return a verdict; whatever a library raises is one, too, which a client sees as a 500."""
    try:
        return judge()
    except Exception as error:  # noqa: BLE001 - see above
        return Verdict(crash=f"{type(error).__name__}: {str(error).partition(chr(10))[0][:300]}")


def judge(task: Task) -> dict[str, Verdict]:
    """Return every library's verdict by its name, and that of `strict_pydantic`."""
    found = {
        name: tried(partial(BY[name], space(code), task.fed)) for name, code in task.code.items()
    }
    if task.model:
        found["strict_pydantic"] = tried(partial(by_strict_model, task.model, task.body))
    return found
