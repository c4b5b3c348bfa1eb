"""Query and header parameters, parsed by webargs (contract: Strict input, Errors)."""

import re
from collections.abc import Callable
from functools import wraps
from itertools import islice
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from flask import Request
from flask.typing import RouteCallable
from marshmallow import EXCLUDE, ValidationError, fields, pre_load
from marshmallow.validate import Regexp
from webargs.flaskparser import FlaskParser

from flask_api.contract.errors import Code, InputError, ProblemError, walk
from flask_api.contract.schemas import Schema

TAG = r'(W/)?"[!#-~]*"'  # RFC 9110, section 8.8.3
TAGS = Regexp(rf"(\*|{TAG}([ \t]*,[ \t]*{TAG})*)\Z", error=Code("invalid_format.entity-tags"))
KEY = Regexp(r"[!-~]{1,255}\Z", error=Code("invalid_format.idempotency-key"))

parser = FlaskParser()


class QuerySchema(Schema):
    """A query; without fields, that of an operation that takes none."""

    error_messages = {"unknown": Code("unknown_parameter")}

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        super().on_bind_field(field_name, field_obj)
        field_obj.pre_load = [only_value, *field_obj.pre_load]

    @pre_load
    def drop_unused(self, data: Any, **_: Any) -> Any:
        """Keep what is unknown: no parameter is read-only, and the server bounds their number."""
        return data


class HeaderSchema(Schema):
    """Declared headers; without fields, those of an operation that looks at none."""

    class Meta:
        unknown = EXCLUDE


class IfMatch(HeaderSchema):
    """Write only if the current representation has one of these entity tags."""

    if_match = fields.String(data_key="If-Match", validate=TAGS)


class IdempotencyKeyHeader(HeaderSchema):
    """Makes it safe to repeat the request."""

    idempotency_key = fields.String(data_key="Idempotency-Key", validate=KEY)


def only_value(values: list[str]) -> str:
    """Return a parameter's value, or refuse one that is repeated."""
    if len(values) > 1:
        raise ValidationError(Code("repeated_parameter"))
    return values[0]


def digits(text: str) -> int:
    """Read an integer of a query, of any number of digits."""
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        raise ValidationError(Code("invalid_type", type="an integer"))
    # Beyond some length Python refuses to convert; nothing that long is in range anyway.
    return int(text[:20])


def flag() -> fields.Boolean:
    """Declare a boolean; marshmallow's own takes "yes" and "1" as well."""
    choices = Code("invalid_choice", choices="true, false")
    return fields.Boolean(truthy={"true"}, falsy={"false"}, error_messages={"invalid": choices})


def parameters(
    query: type[QuerySchema] = QuerySchema, headers: type[HeaderSchema] = HeaderSchema
) -> Callable[[RouteCallable], RouteCallable]:
    """Parse the query and the declared headers; the handler gets a declared query as `query`.

    webargs would parse one location after the other, and tell of the first one's errors only: so
    these two are one location, with a schema that nests those of both. Every operation has this
    decorator, as none may be sent a parameter that it doesn't declare.
    """
    # An instance: of a class, webargs would make one for each request.
    schema = Schema.from_dict(
        {"parameter": fields.Nested(query), "header": fields.Nested(headers)}
    )()

    def decorator(view: RouteCallable) -> RouteCallable:
        @wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            parsed = parser.parse(schema, location="parameters")
            if query is not QuerySchema:
                kwargs["query"] = parsed["parameter"]
            return view(*args, **kwargs)

        return wrapper

    return decorator


def check_query(request: Request) -> None:
    """Refuse a query that is no text; Werkzeug would read it with replacement characters."""
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError:
        raise ProblemError("malformed-request") from None


@parser.location_loader("parameters")
def load_parameters(request: Request, schema: Schema) -> dict[str, Any]:
    """Give all values of each query parameter, and the headers."""
    check_query(request)
    declared: Any = schema.fields["header"]
    headers = parser.load_headers(request, declared.schema)
    return {"parameter": request.args.to_dict(flat=False), "header": headers}


@parser.error_handler
def refuse_parameters(error: ValidationError, *_: Any, **__: Any) -> NoReturn:
    """Name each parameter and header that is wrong, with its first error."""
    raise ProblemError(
        "invalid-parameters",
        [
            InputError(kind, name, code)
            for kind, messages in error.messages_dict["parameters"].items()
            for name, inner in messages.items()
            for _, code in islice(walk(inner, ""), 1)
        ],
    )
