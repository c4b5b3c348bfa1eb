"""Request bodies: JSON objects and merge patches (contract: Media types, Strict input)."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """Takes an object, by orjson: it refuses what is no JSON in UTF-8, as NaN or a surrogate."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            value = orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError from error
        if not isinstance(value, dict):
            raise ParseError
        return value


class MergePatchParser(JSONParser):
    """The same for a JSON merge patch (RFC 7396)."""

    media_type = "application/merge-patch+json"
