"""Responses, and the choice of their media type (contract: Media types)."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from drf_api.contract.errors import PROBLEM

# Date-times by DRF's encoder, and what the keys of a dict are as texts.
AS_DRF = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


class JSONRenderer(BaseRenderer):
    """Writes compact JSON in UTF-8, by orjson; what it doesn't know is encoded as DRF does."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, JSONEncoder().default, AS_DRF)


class OpenAPIJSONRenderer(JSONRenderer):
    """Writes the contract in JSON under its own media type."""

    media_type = "application/openapi+json"


class WrittenRenderer(BaseRenderer):
    """Passes on what is written already."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return data


class YAMLRenderer(WrittenRenderer):
    """Passes on the contract."""

    media_type = "application/yaml"
    format = "yaml"
    charset = None


class OpenAPIYAMLRenderer(YAMLRenderer):
    """Passes on the contract under its own media type."""

    media_type = "application/openapi+yaml"


class TextRenderer(WrittenRenderer):
    """Passes on plain text, which DRF encodes."""

    media_type = "text/plain"
    format = "txt"
    charset = "utf-8"


class ContractNegotiation(DefaultContentNegotiation):
    """DRF's, but for weights, which it ignores, and encoded bodies, which it doesn't notice."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        encoding = request.headers.get("Content-Encoding", "identity")
        if encoding.lower() != "identity" or "*" in request.content_type:  # no range, as in Accept
            return None
        return super().select_parser(request, parsers)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Choose what `Accept` prefers, or the first where it admits a problem only."""
        if format_suffix:
            renderers = self.filter_renderers(renderers, format_suffix)
        known = [*renderers]
        preferred = request.get_preferred_type([each.media_type for each in known])
        if preferred is None and not request.accepts(PROBLEM):
            raise NotAcceptable(available_renderers=known)
        renderer = next((each for each in known if each.media_type == preferred), known[0])
        return renderer, renderer.media_type
