"""The contract, decoded once for all tests that read it."""

from pathlib import Path
from typing import Any

import yaml

CONTRACT_FILE = Path(__file__).resolve().parent.parent / "openapi.yaml"
CONTRACT: dict[str, Any] = yaml.load(
    CONTRACT_FILE.read_bytes(),
    Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # noqa: S506 – safe, and fast if possible
)
