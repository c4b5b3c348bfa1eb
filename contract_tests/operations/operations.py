"""The operations of the API, for tests that apply to all of them."""

from dataclasses import dataclass
from typing import Any

from contract_tests.contract import CONTRACT, METHODS, without_pages
from contract_tests.operations.expected import NOWHERE

API = without_pages(CONTRACT)["paths"]


@dataclass(frozen=True)
class Operation:
    """One operation, with what a test needs to know in order to send a request to it."""

    name: str
    method: str
    template: str
    parameters: tuple[dict[str, Any], ...]
    body: dict[str, Any]  # its schema, if it takes one
    example: dict[str, Any]  # a body that the contract shows
    is_open: bool
    is_for_staff: bool

    @property
    def path(self) -> str:
        """The path; the ids in it belong to nothing, which is looked at late (Order of checks)."""
        path = self.template.replace("{name}", "not-found")
        for name in ("todo_id", "product_id", "token_id"):
            path = path.replace(f"{{{name}}}", NOWHERE)
        return path

    @property
    def has_body(self) -> bool:
        """Whether it takes a body."""
        return bool(self.body)

    def declares(self, header: str) -> bool:
        """Tell whether the operation looks at a request header."""
        return any(parameter["name"] == header for parameter in self.parameters)

    @property
    def query(self) -> tuple[dict[str, Any], ...]:
        """The query parameters."""
        return tuple(parameter for parameter in self.parameters if parameter["in"] == "query")


def parameter(declared: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter itself where the contract refers to one."""
    name = declared.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = CONTRACT["components"]["parameters"][name] if name else declared
    return found


def operation(template: str, item: dict[str, Any], method: str) -> Operation:
    """Read one operation from the contract."""
    declared = item[method]
    content = declared.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        name=declared["operationId"],
        method=method.upper(),
        template=template,
        parameters=tuple(
            map(parameter, item.get("parameters", []) + declared.get("parameters", []))
        ),
        body=content.get("schema", {}),
        example=content.get("example", {}),
        is_open=declared.get("security") == [],
        is_for_staff="403" in declared["responses"],
    )


OPERATIONS = [
    operation(template, item, method)
    for template, item in API.items()
    for method in METHODS
    if method in item
]
PATHS = {
    declared.path: sorted(
        {other.method for other in OPERATIONS if other.template == declared.template}
        | {"OPTIONS"}
        | ({"HEAD"} if "get" in API[declared.template] else set())
    )
    for declared in OPERATIONS
}
