"""Additions to openapi.yaml for generators of requests; the file itself is written for clients.

A client leaves read-only members out, and most tools refuse to send them; servers must take them in
any form (Strict input). A client takes entity tags from answers and makes keys; from their patterns
alone Schemathesis makes headers of letters and digits, and keys that repeat themselves.
"""

from typing import Any

import schemathesis
from hypothesis import strategies as st


def extend(contract: dict[str, Any]) -> None:
    """Let a decoded contract, which is changed, say what else is to be generated."""
    components = contract["components"]
    for schema in components["schemas"].values():
        for name, member in schema.get("properties", {}).items():
            if member.get("readOnly"):
                schema["properties"][name] = {}
    tag = st.from_regex(r'(W/)?"[!#-~]{0,40}"', fullmatch=True)
    tags = st.just("*") | st.lists(tag, min_size=1, max_size=3).map(", ".join)
    schemathesis.openapi.format("entity-tags", tags)
    schemathesis.openapi.format("idempotency-key", st.uuids().map(str))
    # An ill-formed list is the framework's to read or refuse, so none is generated as an error.
    components["schemas"]["EntityTags"] = {"type": "string", "format": "entity-tags"}
    components["parameters"]["IdempotencyKey"]["schema"]["format"] = "idempotency-key"
