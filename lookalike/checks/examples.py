"""Examples and defaults of the file that are true (OpenAPI's Example and Schema Objects)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lookalike.checks.api import Api
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.schemas import examples, responses
from lookalike.checks.where import written
from lookalike.checks.writes import is_same
from lookalike.http import is_json
from lookalike.openapi import Operation

PACK = Pack("examples", "Examples that are true")
MALFORMED = {400, 415}


def every(api: Api) -> list[Operation]:
    """Select each operation that has an example."""
    return [o for o in api.operations if any(held(api, o))]


def held(api: Api, operation: Operation) -> Iterator[tuple[str, Any, Any, str]]:
    """Yield each example: where it stands, it, its schema, and what is hidden in its direction."""
    for parameter in operation.parameters:
        for value in examples(api.contract, parameter):
            place = f"of the parameter {parameter['name']}"
            yield place, value, parameter.get("schema"), "readOnly"
    for name, media in api.contract.contents(operation).items():
        if is_json(name):
            for value in examples(api.contract, media):
                yield "of the body", value, media.get("schema"), "readOnly"
    for status, found in responses(api.contract, operation).items():
        for name, media in (found.get("content") or {}).items():
            if is_json(name) and isinstance(media, Mapping):
                for value in examples(api.contract, media):
                    yield f"of {status}", value, media.get("schema"), "writeOnly"


@PACK.check(
    "openapi-example-object-examples-are-valid",
    "An example is valid by the schema beside it.",
    asks="nothing: the file alone is read",
    oracle="JSON Schema, for examples of parameters, bodies and answers",
    on=every,
    otherwise="the file has no examples",
)
def valid(api: Api, operation: Operation) -> Faults:
    for place, value, schema, hidden in held(api, operation):
        if schema is not None:
            for violation in api.schemas.violations(schema, value, hidden):
                where = violation.pointer or "the value"
                what = f"the example {place} isn't valid: {where} breaks {violation.keyword}"
                yield Fault(what, (), violation.message)
                break


def described(api: Api, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield each schema of an operation, and where it stands."""
    for parameter in operation.parameters:
        yield f"of the parameter {parameter['name']}", parameter.get("schema")
    for name, media in api.contract.contents(operation).items():
        if is_json(name):
            yield "of the body", media.get("schema")
    for status, found in responses(api.contract, operation).items():
        for name, media in (found.get("content") or {}).items():
            if is_json(name) and isinstance(media, Mapping):
                yield f"of {status}", media.get("schema")


@PACK.check(
    "openapi-schema-object-schemas-are-schemas",
    "A schema is one: its keywords have the values that JSON Schema allows.",
    asks="nothing: the file alone is read",
    oracle="JSON Schema 2020-12, or 3.0's form of it; its patterns are regular expressions, its"
    " references lead somewhere",
    on=lambda api: [*api.operations],
    otherwise="the file declares no operation",
)
def readable(api: Api, operation: Operation) -> Faults:
    for place, schema in described(api, operation):
        if schema is not None and (why := api.schemas.unreadable(schema)):
            yield Fault(f"the schema {place} is none", (), why)


def exemplified(api: Api) -> list[Operation]:
    """Select each operation that succeeds and has an example of its body."""
    return [
        operation
        for operation in written("POST", "PUT", "PATCH")(api)
        if any(
            examples(api.contract, media)
            for name, media in api.contract.contents(operation).items()
            if is_json(name)
        )
    ]


@PACK.check(
    "openapi-example-object-bodies-are-accepted",
    "An example of a request's body is one that the server can read.",
    asks="each example of each body",
    oracle="neither 400 nor 415; 422 and 409 may depend on what there is",
    on=exemplified,
    otherwise="no operation that succeeds has an example of its body",
    writes=True,
)
def accepted(api: Api, operation: Operation) -> Faults:
    for media_type, media in api.contract.contents(operation).items():
        if not is_json(media_type):
            continue
        for value in examples(api.contract, media):
            seen = api.ask(replace(api.write(operation), body=value, media_type=media_type))
            if seen.status in MALFORMED:
                yield Fault(f"an example of the body is answered {seen}", (seen,))


def queried(api: Api) -> list[Operation]:
    """Select each GET that succeeds and has an example of a query parameter."""
    return [o for o in api.succeeded("GET") if any(query_examples(api, o))]


def query_examples(api: Api, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield examples of query parameters that are texts, numbers or booleans."""
    for parameter in operation.parameters:
        if parameter["in"] == "query" and "schema" in parameter:
            for value in examples(api.contract, parameter):
                if isinstance(value, str | int | float):
                    yield str(parameter["name"]), value


@PACK.check(
    "openapi-example-object-parameters-are-accepted",
    "An example of a query parameter is one that the server takes.",
    asks="GET with each example of each query parameter, one at a time",
    oracle="no 4xx but 404; cursors and the like, which are a server's own, are left out",
    on=queried,
    otherwise="no GET that succeeds has an example of a query parameter",
)
def parameters_accepted(api: Api, operation: Operation) -> Faults:
    call = api.got(operation).call
    for name, value in query_examples(api, operation):
        if any(word in name.lower() for word in ("cursor", "token", "after", "before")):
            continue
        others = [pair for pair in call.query if pair[0] != name]
        seen = api.ask(replace(call, query=[*others, (name, value)]))
        if 400 <= seen.status < 500 and seen.status != 404:  # noqa: PLR2004 - RFC 9110, section 15.5
            yield Fault(f"the example of {name} is answered {seen}", (seen,), str(value))


def defaulted(api: Api) -> list[Operation]:
    """Select each POST and PUT that succeeds and has an optional property with a default."""
    return [o for o in written("POST", "PUT")(api) if any(defaults(api, o))]


def defaults(api: Api, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield optional properties with their defaults."""
    schema = api.body_schema(operation)
    required = {*api.schemas.required(schema)}
    for name, inner in api.schemas.properties(schema).items():
        merged = api.schemas.merged(inner)
        if name not in required and merged.get("default") is not None:
            yield name, merged["default"]


@PACK.check(
    "openapi-schema-object-defaults-are-set",
    "A property that is left out has the default that the file declares.",
    asks="an accepted body without the property",
    oracle="where it is accepted and the property shown, it is the default",
    on=defaulted,
    otherwise="no body has an optional property with a default",
    writes=True,
)
def defaults_set(api: Api, operation: Operation) -> Faults:
    for name, default in defaults(api, operation):
        call = api.write(operation)
        if not isinstance(call.body, dict):
            continue
        body = {key: value for key, value in call.body.items() if key != name}
        seen = api.ask(replace(call, body=body))
        shown = seen.value.get(name, default) if isinstance(seen.value, dict) else default
        if seen.is_success and not is_same(default, shown):
            what = f"it is {shown!r}, and {default!r} is declared"
            yield Fault(f"{name} hasn't its default", (seen,), what)
