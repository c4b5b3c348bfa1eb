"""An OpenAPI file, 3.0 or 3.1, as far as a client of the API needs it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ALLOWED_ORIGIN = "access-control-allow-origin"
ORIGIN = re.compile(r"https?://[^/\s*]+")


class ContractError(ValueError):
    """A file that is no OpenAPI file, or not one that can be used."""


@dataclass(frozen=True)
class Operation:
    """A method on a path."""

    method: str  # in upper case
    path: str  # a template such as /todos/{todo_id}
    raw: Mapping[str, Any] = field(repr=False)  # as in the file, references resolved at the top
    parameters: tuple[Mapping[str, Any], ...] = field(repr=False)
    line: int | None = None

    @property
    def name(self) -> str:
        """The name in reports: `GET /todos/{todo_id}`."""
        return f"{self.method} {self.path}"

    @property
    def is_safe(self) -> bool:
        """Whether the method asks for no change (RFC 9110, section 9.2.1)."""
        return self.method in {"GET", "HEAD", "OPTIONS", "TRACE"}

    @property
    def path_parameters(self) -> list[str]:
        """The names in the path's template, from left to right."""
        return re.findall(r"\{([^}]+)\}", self.path)

    def fits(self, patterns: Iterable[str]) -> bool:
        """Tell whether one of some patterns fits the name, the path or the operationId."""
        names = (self.name, self.path, str(self.raw.get("operationId", "")))
        return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

    def matches(self, path: str) -> dict[str, str] | None:
        """Return the path parameters of a path, if it is one of this template."""
        pattern = re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(self.path))
        match = re.fullmatch(pattern, path)
        if match is None:
            return None
        values = [unquote(text) for text in match.groups()]
        return dict(zip(self.path_parameters, values, strict=True))


class Contract:
    """The file, with what is asked of it."""

    def __init__(self, raw: Mapping[str, Any], text: str = "") -> None:
        self.raw = raw
        self._lines = lines_of_operations(text)
        version = str(raw.get("openapi", raw.get("swagger", "")))
        if not version.startswith("3."):
            found = f"its version is {version}" if version else "it names no version"
            raise ContractError(f"not an OpenAPI 3.0 or 3.1 file: {found}")
        self.operations = tuple(self._operations())
        if not self.operations:
            raise ContractError("the file describes no operation")

    @classmethod
    def parse(cls, text: str) -> "Contract":
        """Read JSON or YAML; raise a ContractError where it is neither."""
        try:
            raw = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, LOADER)  # noqa: S506 - both are safe
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            said = " ".join(str(error).split())  # YAML's errors have many lines
            raise ContractError(f"neither JSON nor YAML: {said}") from error
        if not isinstance(raw, dict):
            raise ContractError("not an OpenAPI file: it holds no object")
        return cls(raw, text)

    @classmethod
    def read(cls, path: Path) -> "Contract":
        """Read a file."""
        try:
            return cls.parse(path.read_text("utf-8"))
        except OSError as error:
            raise ContractError(error.strerror or str(error)) from error
        except UnicodeDecodeError as error:
            raise ContractError(str(error)) from error

    def narrowed(self, include: Sequence[str], exclude: Sequence[str]) -> "Contract":
        """Return the file with only operations that one of some patterns fits, and none of others.

        A pattern fits a name such as `GET /todos`, a path, or an operationId; `*` is any text.
        Raises a ContractError where nothing is left.
        """
        narrowed = copy(self)
        narrowed.operations = tuple(
            each
            for each in self.operations
            if (not include or each.fits(include)) and not each.fits(exclude)
        )
        if not narrowed.operations:
            raise ContractError("no operation is left by --include and --exclude")
        return narrowed

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation that a request is for, one without path parameters first."""
        found = [
            operation
            for operation in self.operations
            if operation.method == method and operation.matches(path) is not None
        ]
        return min(found, key=lambda operation: len(operation.path_parameters), default=None)

    def is_secured(self, operation: Operation) -> bool:
        """Tell whether an operation needs credentials; with `{}` among its schemes it doesn't."""
        wanted = operation.raw.get("security", self.raw.get("security"))
        return bool(wanted) and isinstance(wanted, list) and {} not in wanted

    def contents(self, operation: Operation) -> dict[str, Mapping[str, Any]]:
        """Return what is declared of each media type that an operation's body may have."""
        body = self.resolved(operation.raw.get("requestBody") or {})
        content = body.get("content") if isinstance(body, dict) else None
        return {
            str(name): media if isinstance(media := self.resolved(given), dict) else {}
            for name, given in (content or {}).items()
        }

    @cached_property
    def origins(self) -> list[str]:
        """The origins that the file has as examples of whose scripts may read answers (CORS)."""
        found: dict[str, None] = {}
        waiting: list[Any] = [self.raw]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                waiting += value.values()
                given = [value[name] for name in value if str(name).lower() == ALLOWED_ORIGIN]
                texts = [str(each.get("example")) for each in given if isinstance(each, dict)]
                found |= dict.fromkeys(text for text in texts if ORIGIN.fullmatch(text))
            elif isinstance(value, list):
                waiting += value
        return [*found]

    def resolved(self, value: Any) -> Any:
        """Follow a reference within the file, if it is one."""
        for _ in range(20):  # a circle has no end
            if not isinstance(value, dict) or "$ref" not in value:
                return value
            value = self._at(str(value["$ref"]))
        return {}

    def _at(self, reference: str) -> Any:
        source, _, pointer = reference.partition("#")
        if source:
            return {}  # another file: what isn't known isn't used
        value: Any = self.raw
        for part in pointer.split("/")[1:]:
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and name in value:
                value = value[name]
            elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
                value = value[int(name)]
            else:
                return {}
        return value

    def _operations(self) -> Iterator[Operation]:
        for path, given in (self.raw.get("paths") or {}).items():
            item = self.resolved(given)
            if not isinstance(item, dict):
                continue
            shared = item.get("parameters") or []
            for method in METHODS:
                if not isinstance(item.get(method), dict):
                    continue
                own = item[method].get("parameters") or []
                parameters: dict[tuple[str, str], Mapping[str, Any]] = {}
                for each in map(self.resolved, [*shared, *own]):
                    if isinstance(each, dict) and {"in", "name"} <= each.keys():
                        parameters[each["in"], each["name"]] = each
                yield Operation(
                    method.upper(),
                    path,
                    item[method],
                    tuple(parameters.values()),
                    self._lines.get((path, method)),
                )


def lines_of_operations(text: str) -> dict[tuple[str, str], int]:
    """Return the line on which each operation stands, of a file in YAML or indented JSON."""
    found: dict[tuple[str, str], int] = {}
    path, depth = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"""(\s*)["']?(/[^"'\s]*|[a-z]+)["']?\s*:""", line)
        if match is None:
            continue
        indent, name = len(match[1]), match[2]
        if name.startswith("/"):
            path, depth = name, indent
        elif name in METHODS and path and indent > depth:
            found.setdefault((path, name), number)
    return found
