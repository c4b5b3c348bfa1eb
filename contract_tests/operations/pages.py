"""The operations that are pages, for tests that apply to all of them."""

import re
from dataclasses import dataclass
from typing import Any

from contract_tests.contract import CONTRACT, METHODS, is_for_people
from contract_tests.operations.expected import NOWHERE

SKU = "MUG-RED"  # of the demo data


@dataclass(frozen=True)
class Page:
    """One operation, with what a test needs to know in order to ask for it."""

    name: str
    method: str
    template: str
    declared: dict[str, Any]

    @property
    def path(self) -> str:
        """The path; the ids in it belong to nothing."""
        return re.sub(r"\{\w+_id\}", NOWHERE, self.template.replace("{sku}", SKU))

    @property
    def is_for_members(self) -> bool:
        """Whether it is for those alone who have logged in."""
        return {} not in self.declared["security"]

    @property
    def statuses(self) -> set[int]:
        """The statuses that it declares."""
        return {int(status) for status in self.declared["responses"]}


PAGES = [
    Page(declared["operationId"], method.upper(), template, declared)
    for template, item in CONTRACT["paths"].items()
    if is_for_people(item)
    for method, declared in item.items()
    if method in METHODS
]
METHODS_OF: dict[str, list[str]] = {
    page.path: sorted(
        {other.method for other in PAGES if other.template == page.template}
        | {"OPTIONS"}
        | {"HEAD" for other in PAGES if (other.template, other.method) == (page.template, "GET")}
    )
    for page in PAGES
}
