"""Writing responses, and what may be sent to whom (contract, section "Media types")."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from drf_api.contract.errors import PROBLEM

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a grammar's token
QUOTED = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"'
# A string that is never closed goes on to the end: looking for its end anew at each of its quotes
# would take quadratic time.
ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*(?:"|\\?\Z))+', re.DOTALL)
RANGE = re.compile(rf"({TOKEN}/{TOKEN})((?:[ \t]*;(?:[ \t]*{TOKEN}=(?:{TOKEN}|{QUOTED}))?)*)")
PARAMETER = re.compile(rf";[ \t]*({TOKEN})=({TOKEN}|{QUOTED})")
WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


class JSONRenderer(BaseRenderer):
    """Writes compact JSON in UTF-8."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data)


class OpenAPIJSONRenderer(JSONRenderer):
    """Writes the contract in JSON under its own media type."""

    media_type = "application/openapi+json"


class YAMLRenderer(BaseRenderer):
    """Passes the contract on as it is."""

    media_type = "application/yaml"
    format = "yaml"
    charset = None

    def render(
        self,
        data: bytes,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return data


class OpenAPIYAMLRenderer(YAMLRenderer):
    """Passes the contract on under its own media type."""

    media_type = "application/openapi+yaml"


class TextRenderer(BaseRenderer):
    """Writes plain text in UTF-8."""

    media_type = "text/plain"
    format = "txt"
    charset = "utf-8"

    def render(
        self,
        data: str,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return data.encode()


class ContractNegotiation(BaseContentNegotiation):
    """Matches media types by the contract's rules, which are stricter than DRF's."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Choose the parser for a body; there is none for another charset or an encoding."""
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return None
        for parser in parsers:
            pattern = (
                rf'{re.escape(parser.media_type)}[ \t]*(;[ \t]*charset=(utf-8|"utf-8")[ \t]*)?'
            )
            if re.fullmatch(pattern, request.content_type, re.IGNORECASE):
                return parser
        return None

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Choose what `Accept` prefers, or anything where it admits a problem at least."""
        ranges = accepted_ranges(request.headers.get("Accept", ""))
        # Of equal weights the first: without `Accept`, too, and where it admits a problem only.
        renderer = max(renderers, key=lambda each: weight(ranges, each.media_type))
        if ranges and not (weight(ranges, renderer.media_type) or weight(ranges, PROBLEM)):
            raise NotAcceptable
        return renderer, renderer.media_type


def accepted_ranges(accept: str) -> dict[str, float]:
    """Read the well-formed ranges of `Accept` (RFC 9110, section 12.5.1) with their weights."""
    ranges: dict[str, float] = {}
    for element in ELEMENT.findall(accept):
        match = RANGE.fullmatch(element.strip(" \t"))
        if match is None:
            continue
        given = [value for name, value in PARAMETER.findall(match[2]) if name.lower() == "q"]
        if len(given) <= 1 and all(WEIGHT.fullmatch(value) for value in given):
            # Of equal ranges the first decides.
            ranges.setdefault(match[1].lower(), float(given[0]) if given else 1.0)
    return ranges


def weight(ranges: Mapping[str, float], media_type: str) -> float:
    """Return the weight of the most specific range that matches a media type."""
    main, _, _ = media_type.partition("/")
    for candidate in (media_type, f"{main}/*", "*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return 0.0
