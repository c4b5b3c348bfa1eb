"""openapi.yaml, where each problem and code is said: the twin reads them there and repeats none."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from flask import Flask, current_app

from flask_api.config import ConfigurationError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, in a tenth of the time


class ProblemType(NamedTuple):
    """What all problems of one name have in common: an entry of `x-problems`."""

    status: int
    title: str
    detail: str
    text: str


class ContractFile(NamedTuple):
    """The file, decoded, and the tables in it that errors and the demo data are made from."""

    text: bytes
    document: Mapping[str, Any]
    problem_types: Mapping[str, ProblemType]
    codes: Mapping[str, Any]  # the `detail` of each code, or of each of its variants
    demo_data: Mapping[str, Any]

    @classmethod
    @cache  # tests make many applications
    def read(cls, file: Path) -> "ContractFile":
        """Read the file; raise a ConfigurationError if it is no contract of this API."""
        try:
            text = file.read_bytes()
            document: dict[str, Any] = yaml.load(text, LOADER)  # noqa: S506 – both loaders are safe
            types = {name: ProblemType(**row) for name, row in document["x-problems"].items()}
            codes, demo_data = document["x-error-codes"], document["x-demo-data"]
            # Another API's may have tables of these names.
            _ = codes["invalid_format"], codes["out_of_range"]["number"], types["internal-error"]
            return cls(text, document, types, codes, demo_data)
        except (AttributeError, KeyError, OSError, TypeError, ValueError, yaml.YAMLError):
            raise ConfigurationError(f"OPENAPI_FILE: {file} is not this API's contract.") from None


def contract() -> ContractFile:
    """Return the contract that the current application has read."""
    found: ContractFile = current_app.extensions["contract"]
    return found


def init_app(app: Flask, file: Path) -> None:
    """Read the contract."""
    app.extensions["contract"] = ContractFile.read(file)
