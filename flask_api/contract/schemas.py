"""What all objects have in common, as they are read and shown (contract: Strict input)."""

from typing import Any

import marshmallow
from marshmallow import pre_load
from marshmallow.fields import Field

from flask_api.contract.errors import MAX_ERRORS, Code


class Schema(marshmallow.Schema):
    """A JSON object. Read-only properties are accepted in any form and ignored."""

    error_messages = {
        "unknown": Code("unknown_property"),
        "type": Code("invalid_type", type="an object"),
    }

    @pre_load
    def drop_unused(self, data: Any, **_: Any) -> Any:
        """Drop what may be sent but not set, which marshmallow would call unknown.

        Of unknown properties it keeps as many as an answer may list: a body may hold 100,000.
        """
        if not isinstance(data, dict):
            return data
        known = names(self.fields)
        unknown = [name for name in data if name not in known]
        kept = names(self.load_fields) | {*unknown[:MAX_ERRORS]}
        return {name: value for name, value in data.items() if name in kept}


def names(properties: dict[str, Field[Any]]) -> set[str]:
    """Return what properties are called in JSON."""
    return {field.data_key or name for name, field in properties.items()}
