"""Values near those that are allowed (JSON Schema's validation keywords): refused, nothing done.

The values are `variants`' near misses. A schema says which of its keywords each of them breaks, and
those that break one alone are held against the check for it.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from lookalike.checks.api import Api
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack, UnjudgedError
from lookalike.checks.where import item_written, written
from lookalike.openapi import Operation
from lookalike.schemas import read
from lookalike.variants.bodies import is_written, near
from lookalike.variants.misses import interleaved, plain, text_misses
from lookalike.variants.places import Path, body_schema, put, spots

PACK = Pack("values", "Near misses")
LOOKED_AT = 600  # near misses of a body, of which many break no keyword
TRIED = 12  # of each keyword, for an operation
BODIES = written("POST", "PUT", "PATCH")
YES_AND_NO = {"1", "0", "true", "false", "yes", "no", "on", "off", "t", "f", "y", "n"}


class Wrong(NamedTuple):
    """A value that breaks a keyword."""

    path: Path
    value: Any
    why: str


def wrongs(api: Api, operation: Operation) -> dict[str, list[Wrong]]:
    """Return near misses of an operation's body by the one keyword that they break."""
    key = ("wrongs", operation.name)
    if key not in api.notes:
        found: dict[str, list[Wrong]] = defaultdict(list)
        api.notes[key] = found
        call = api.write(operation, {})
        schema = api.media_schema(call)
        places = spots(body_schema(api.contract, call), call.body)
        all_of_them = interleaved(*(near(spot) for spot in places if is_written(spot)))
        for spot, miss in (pair for pair, _ in zip(all_of_them, range(LOOKED_AT), strict=False)):
            broken = keywords(api, schema, put(call.body, spot.path, plain(miss.value)))
            if len(broken) == 1 and len(found[next(iter(broken))]) < TRIED:
                found[broken.pop()].append(Wrong(spot.path, miss.value, miss.why))
    known: dict[str, list[Wrong]] = api.notes[key]
    return known


def keywords(api: Api, schema: Any, value: Any) -> set[str]:
    """Return which keywords of a schema a value breaks; none where it is no JSON at all."""
    return {each.keyword for each in api.schemas.violations(schema, value, "readOnly")}


def refusing(name: str, statement: str, asks: str, *broken: str, link: str = "") -> None:
    """Add a check that what breaks some keywords is refused."""

    def breakable(api: Api) -> list[Operation]:
        return [o for o in BODIES(api) if any(wrongs(api, o).get(each) for each in broken)]

    def judge(api: Api, operation: Operation) -> Faults:
        path = api.item(operation)
        control = api.ask(api.write(operation, path))
        if not control.is_success:
            raise UnjudgedError(f"what is right is answered {control}")
        for keyword in broken:
            for path_in_body, value, why in wrongs(api, operation).get(keyword, ()):
                call = api.write(operation, path)
                seen = api.send(replace(call, body=put(call.body, path_in_body, value)))
                if 0 < seen.status < 400:  # noqa: PLR2004 - RFC 9110, section 15.5
                    pointer = "".join(f"/{part}" for part in path_in_body)
                    what = f"{why} is accepted, which breaks {keyword}"
                    yield Fault(what, (seen,), f"at {pointer}")

    PACK.check(
        name,
        statement,
        asks=asks,
        oracle="not 2xx or 3xx; what fails with a 5xx is another check's",
        on=breakable,
        otherwise=f"no accepted body has a member with {' or '.join(broken)} to break",
        writes=True,
        link=link,
    )(judge)


refusing(
    "json-schema-6.1.1-other-types-are-refused",
    "A value of a type that isn't declared is refused.",
    'near misses such as "3", 3.5 and true for an integer, 5 for a text, null',
    "type",
)
refusing(
    "json-schema-6.1.2-other-choices-are-refused",
    "A value that is none of an enum or const is refused.",
    "near misses such as a choice in another case, with a space, cut short",
    "enum",
    "const",
)
refusing(
    "json-schema-6.2-numbers-out-of-range-are-refused",
    "A number beyond its bounds is refused.",
    "the first numbers beyond minimum and maximum, and those between the multiples",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
)
refusing(
    "json-schema-6.3.1-texts-too-long-or-short-are-refused",
    "A text of a length beyond its bounds is refused; lengths count characters, not bytes.",
    "texts one character too long and too short",
    "minLength",
    "maxLength",
)
refusing(
    "json-schema-6.3.3-texts-without-the-pattern-are-refused",
    "A text that doesn't match its pattern is refused.",
    "near misses such as a line feed at the end, another case, a digit of another script",
    "pattern",
)
refusing(
    "json-schema-6.4-arrays-of-other-sizes-are-refused",
    "An array with too many, too few, or equal items is refused.",
    "arrays with one item too many or too few, and with an item twice",
    "minItems",
    "maxItems",
    "uniqueItems",
)
refusing(
    "json-schema-7.3-texts-without-the-format-are-refused",
    "A text that lacks its format is refused.",
    "near misses such as a time without an offset, the 30th of February",
    "format",
)


def requiring(api: Api) -> list[Operation]:
    """Select operations whose body has required members."""
    return [o for o in BODIES(api) if api.schemas.required(api.body_schema(o))]


@PACK.check(
    "json-schema-6.5.3-missing-members-are-refused",
    "A body without a required member is refused.",
    asks="an accepted body without one of its required members, each in turn",
    oracle="not 2xx or 3xx",
    on=requiring,
    otherwise="no accepted body has a required member",
    writes=True,
)
def missing(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    for name in api.schemas.required(api.body_schema(operation)):
        call = api.write(operation, path)
        if not isinstance(call.body, dict) or name not in call.body:
            continue
        body = {key: value for key, value in call.body.items() if key != name}
        seen = api.send(replace(call, body=body))
        if 0 < seen.status < 400:  # noqa: PLR2004 - RFC 9110, section 15.5
            yield Fault("a body without a required member is accepted", (seen,), f"/{name}")


def closed(api: Api) -> list[Operation]:
    """Select operations whose body may have no further members."""
    return [
        o
        for o in BODIES(api)
        if api.schemas.merged(api.body_schema(o)).get("additionalProperties") is False
    ]


@PACK.check(
    "json-schema-core-10.3.2.3-unknown-members-are-refused",
    "A body with an unknown member is refused, where the file says `additionalProperties: false`.",
    asks="an accepted body with a further member",
    oracle="not 2xx or 3xx",
    on=closed,
    otherwise="no accepted body is declared with additionalProperties: false",
    writes=True,
    link="https://json-schema.org/draft/2020-12/json-schema-core#section-10.3.2.3",
)
def unknown(api: Api, operation: Operation) -> Faults:
    call = api.write(operation)
    if isinstance(call.body, dict):
        seen = api.send(replace(call, body={**call.body, "lookalike": 1}))
        if 0 < seen.status < 400:  # noqa: PLR2004 - RFC 9110, section 15.5
            yield Fault("a body with an unknown member is accepted", (seen,))


def rereading(api: Api, operation: Operation, path: Any) -> Seen:
    """GET what an operation writes to."""
    reader = api.sibling(operation, "GET")
    known = api.accepted(reader) if reader else None
    if known is None:
        raise UnjudgedError("there is no GET")
    return api.ask(replace(known.call, path=path))


@PACK.check(
    "rfc9110-15.5-refused-writes-change-nothing",
    "A write that is refused has changed nothing.",
    asks="GET, a PUT or PATCH with a near miss, and GET, for each near miss",
    oracle="where it was answered with 4xx, both GETs have the same body",
    on=item_written("PUT", "PATCH"),
    otherwise="no PUT or PATCH succeeds on what GET reads",
    writes=True,
)
def unchanged(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    found = [each for some in wrongs(api, operation).values() for each in some[:3]]
    before = rereading(api, operation, path)
    for path_in_body, value, why in found:
        call = api.write(operation, path)
        seen = api.send(replace(call, body=put(call.body, path_in_body, value)))
        after = rereading(api, operation, path)
        if seen.status // 100 == 4 and after.answer.body != before.answer.body:  # noqa: PLR2004 - client errors
            pointer = "".join(f"/{part}" for part in path_in_body)
            yield Fault(
                "a write that was refused has changed something",
                (before, seen, after),
                f"{pointer}: {why}",
            )
            return
        before = after


def queried(api: Api) -> list[Operation]:
    """Select each GET that succeeds and has a query parameter that not every text fits."""
    return [o for o in api.succeeded("GET") if any(wrong_texts(api, o))]


def wrong_texts(api: Api, operation: Operation) -> Iterator[tuple[str, str, str]]:
    """Yield texts that a query parameter can't mean, however softly they are read."""
    for parameter in operation.parameters:
        given = parameter.get("schema")
        is_checked = api.schemas.types(given) & CHECKED or api.schemas.merged(given).get("enum")
        if parameter["in"] != "query" or not is_checked:
            continue
        schema = read(api.contract, given)
        count = 0
        for miss in text_misses(schema, api.parameter_value(parameter)):
            text = str(plain(miss.value))
            if count < TRIED and text.strip() and is_wrong(api, given, text):
                count += 1
                yield str(parameter["name"]), text, miss.why


CHECKED = {"integer", "number", "boolean"}


def is_wrong(api: Api, schema: Any, text: str) -> bool:
    """Tell whether a text is none of a parameter's values, also if white space is stripped."""
    types = api.schemas.types(schema)
    if "boolean" in types:
        return text.strip().lower() not in YES_AND_NO
    if types & {"integer", "number"}:
        number = number_of(text)
        if number is None or math.isnan(number) or math.isinf(number):
            return True
        whole = int(number) if number == int(number) else number
        return not api.schemas.accepts(schema, whole)
    return not api.schemas.accepts(schema, text.strip())


def number_of(text: str) -> float | None:
    """Read a number as softly as anybody does."""
    try:
        return float(text)
    except ValueError:
        return None


@PACK.check(
    "openapi-parameter-object-wrong-values-are-refused",
    "A query parameter with a value that its schema doesn't allow is refused.",
    asks="GET with near misses such as a number beyond its bounds, a word for a number, a choice in"
    " another case",
    oracle="4xx; spellings that some read softly, such as ` 3` or `yes`, aren't sent",
    on=queried,
    otherwise="no GET that succeeds has a query parameter with a number, a boolean or an enum",
)
def parameters(api: Api, operation: Operation) -> Faults:
    call = api.got(operation).call
    for name, text, why in wrong_texts(api, operation):
        others = [pair for pair in call.query if pair[0] != name]
        seen = api.send(replace(call, query=[*others, (name, text)]))
        if 0 < seen.status < 400:  # noqa: PLR2004 - RFC 9110, section 15.5
            what = "a query parameter with a value that isn't allowed is accepted"
            yield Fault(what, (seen,), f"{name}={text[:40]!r}: {why}")


def pathed(api: Api) -> list[Operation]:
    """Select each GET that succeeds and whose last path parameter not every text fits."""
    return [o for o in api.succeeded("GET") if any(wrong_path(api, o))]


def wrong_path(api: Api, operation: Operation) -> Iterator[str]:
    """Yield texts that a path parameter can't mean."""
    if operation.path.endswith("}"):
        schema = (api.parameter(operation, "path", operation.path_parameters[-1]) or {}).get(
            "schema"
        )
        types = api.schemas.types(schema)
        for text in ("lookalike", "1.5"):
            is_number = bool(types & {"integer", "number"})
            if is_wrong(api, schema, text) if is_number else not api.schemas.accepts(schema, text):
                yield text


@PACK.check(
    "openapi-parameter-object-wrong-paths-are-refused",
    "A path parameter with a value that its schema doesn't allow leads to nothing.",
    asks="GET with `lookalike` and `1.5` for a number, a UUID and the like",
    oracle="4xx",
    on=pathed,
    otherwise="no GET that succeeds ends with a path parameter that not every text fits",
)
def paths(api: Api, operation: Operation) -> Faults:
    seen = api.accepted(operation)
    for text in wrong_path(api, operation):
        if seen:
            path = {**seen.call.path, operation.path_parameters[-1]: text}
            other = api.send(replace(seen.call, path=path))
            if 0 < other.status < 400:  # noqa: PLR2004 - RFC 9110, section 15.5
                yield Fault("a path parameter that isn't allowed is accepted", (other,), text)
