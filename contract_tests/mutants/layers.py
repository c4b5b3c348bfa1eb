"""The columns of the kill matrix.

`differential` has none: it is a run of lookalike, which by_lookalike.py measures.
"""

# The operations' tests that need servers of their own: with throttles, limits, or older data.
SETTINGS = "settings"
# What `make contract-fast` runs of them.
FAST = ["raw_http", "operations", "metamorphic"]
LAYERS = [*FAST, SETTINGS, "concurrency", "examples", "conformance", "admin", "pages"]
SELECTED = {
    **{layer: layer for layer in LAYERS},
    # Some operations have this marker, too. A browser takes long, and is not in the copy.
    "pages": "(pages and not operations and not browser)",
    "operations": "(operations and not own_servers)",
    SETTINGS: "(operations and own_servers)",
}


def paths(layers: list[str]) -> list[str]:
    """Return where the tests of some layers are, in the order in which they are run."""
    places = {
        SETTINGS: "contract_tests/operations",
        "examples": "contract_tests/test_examples.py",
    }
    return list(dict.fromkeys(places.get(layer, f"contract_tests/{layer}") for layer in layers))


def expression(layers: list[str]) -> str:
    """Return what selects the tests of some layers, as pytest's `-m` takes it."""
    return " or ".join(SELECTED[layer] for layer in layers)
