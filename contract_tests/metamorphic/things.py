"""A common interface to todos and products, and when two of their documents are equal."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from contract_tests.cast import Actor
from contract_tests.client import Answer
from contract_tests.metamorphic import strategies as some
from contract_tests.operations.expected import a_name

Document = dict[str, Any]

ATTRIBUTES = st.dictionaries(some.ATTRIBUTE_NAMES, some.TEXTS, max_size=3)
ATTRIBUTE_PATCHES = st.dictionaries(some.ATTRIBUTE_NAMES, st.none() | some.TEXTS, max_size=3)


@dataclass(frozen=True)
class Kind:
    """What can be created, replaced, updated and deleted, and who may."""

    actor: Actor
    path: str
    scope: str  # the filter that lists only what this test makes
    always: Document  # what places a new one in this scope
    bodies: st.SearchStrategy[Document]
    patches: st.SearchStrategy[Document]

    @property
    def list(self) -> str:
        """Where this test's own are listed."""
        return f"{self.path}?limit=100&{self.scope}"

    def create(self, body: Document) -> Answer:
        """Create one."""
        answer = self.actor.post(self.path, {**body, **self.always})
        assert answer.status == 201, answer
        return answer

    def replace(self, path: str, body: Document) -> Document:
        """Replace one, and return what it is now."""
        return document(self.actor.put(path, {**body, **self.always}))

    def update(self, path: str, body: Document) -> Document:
        """Change some of one, and return what it is now."""
        return document(self.actor.patch(path, body))


def todos(alice: Actor, product_id: str) -> Kind:
    """Return todos, some of them about a product."""
    tag = a_name("rule-")
    properties = {
        **some.TODO_PROPERTIES,
        "product_id": st.sampled_from([None, product_id]),
    }
    del properties["tags"]  # the scope
    return Kind(
        alice,
        "/api/todos",
        f"tag={tag}",
        {"tags": [tag]},
        st.fixed_dictionaries({"title": some.TITLES}, optional=properties),
        st.fixed_dictionaries({}, optional={"title": some.TITLES, **properties}),
    )


def products(sam: Actor) -> Kind:
    """Return products; there is one at a time, since they share a sku."""
    category = a_name("rule-")
    return Kind(
        sam,
        "/api/products",
        f"category={category}",
        {"category": category, "sku": category.upper()},
        st.fixed_dictionaries(
            some.PRODUCT_PROPERTIES, optional={**some.PRODUCT_OPTIONS, "attributes": ATTRIBUTES}
        ),
        st.fixed_dictionaries(
            {},
            optional={
                **some.PRODUCT_PROPERTIES,
                **some.PRODUCT_OPTIONS,
                "attributes": ATTRIBUTE_PATCHES,
            },
        ),
    )


def document(answer: Answer, status: int = 200) -> Document:
    """Return what an answer shows; it must be a success, since all errors say the same."""
    assert answer.status == status, answer
    shown: Document = answer.json
    return shown


def lasting(shown: Document) -> Document:
    """Return what of a document stays when what it says is written again.

    Each write sets `updated_at`, and sending a checklist makes new items (openapi.yaml, Writing).
    """
    kept = {name: value for name, value in shown.items() if name != "updated_at"}
    if "items" in kept:
        kept["items"] = [{**item, "id": None} for item in kept["items"]]
    return kept


def said(shown: Document) -> Document:
    """Return what of a document doesn't depend on when it was made, but on what was sent only."""
    kept = {**lasting(shown), "id": None, "created_at": None}
    if "completed_at" in kept:
        kept["completed_at"] = kept["completed_at"] is not None
    return kept
