"""Excerpts are found by name, and a name that is gone is an error that says what to do."""

import pytest

from comparison import contract
from comparison.source import GoneError, excerpt


def test_a_class_comes_with_its_decorators_and_the_comment_above() -> None:
    found = excerpt("contract/views.py:Contract", "drf_api")
    lines = found.text.splitlines()
    assert lines[0] == '@method_decorator([public, varies_by_accept], name="get")'
    assert lines[1].startswith("class Contract")
    assert excerpt("contract/views.py:public", "drf_api").text.startswith("# For what everybody")


def test_a_member_is_shown_without_the_indentation() -> None:
    found = excerpt("contract/views.py:ContractMixin.default_response_headers", "drf_api")
    assert found.text.startswith("@property\ndef default_response_headers(self)")


def test_some_members_come_with_the_head_of_their_class_in_the_order_of_the_file() -> None:
    found = excerpt("todos/schemas.py:TodoSchema[due_at, title]", "flask_api")
    lines = [line.text.strip() for line in found.lines]
    assert lines[0] == "class TodoSchema(Schema):"
    assert [line.partition(" ")[0] for line in lines[-2:]] == ["title", "due_at"]
    assert len(found.runs) > 1


def test_a_range_holds_both_ends_and_what_lies_between() -> None:
    found = excerpt("accounts/authentication.py:bearer_token..touch", "flask_api")
    assert found.text.startswith("def bearer_token")
    assert "def find_token" in found.text
    assert "def touch" in found.text


def test_a_part_of_a_template_is_a_macro_or_a_block() -> None:
    macro = excerpt("web/templates/web/macros.html:button_form", "flask_api")
    assert macro.lines[0].text.startswith("{% macro button_form(")
    assert macro.lines[-1].text == "{%- endmacro %}"
    assert len(macro.lines) == 3
    block = excerpt("web/templates/web/base.html:messages", "drf_api")
    assert block.lines[0].text == "{% block messages %}"
    assert block.lines[-1].text == "{% endblock %}"
    assert excerpt("web/templates/web/base.html:title", "flask_api").first > 1


@pytest.mark.parametrize(
    "reference",
    [
        "web/templates/web/macros.html:button",
        "todos/schemas.py:Nobody",
        "todos/schemas.py:TodoSchema[title, nothing]",
        "todos/schemas.py:TodoSchema.title.deeper",
        "todos/schemas.py:TagSlug..nobody",
        "todos/nowhere.py:TodoSchema",
        "todos/schemas.py:TodoSchema[",
    ],
)
def test_what_is_gone_is_an_error(reference: str) -> None:
    with pytest.raises(GoneError):
        excerpt(reference, "flask_api")


def test_a_fragment_of_the_contract_is_the_key_with_all_that_is_below() -> None:
    found = contract.fragment("/components/schemas/Progress")
    assert found.lines[0].text == "Progress:"
    assert found.lines[-1].text.strip().startswith("total:")
    assert contract.fragment("/paths/~1api~1todos/get/operationId").text == "operationId: listTodos"


@pytest.mark.parametrize(
    "pointer", ["/components/schemas/Nobody", "/info/title/deeper", "/tags/99"]
)
def test_a_pointer_that_is_gone_is_an_error(pointer: str) -> None:
    with pytest.raises(GoneError, match="mend the pointer"):
        contract.fragment(pointer)


def test_a_rule_is_the_sentence_that_holds_the_phrase() -> None:
    assert contract.rule("Strict input: is no string") == ("Strict input", "`5` is no string.")
    with pytest.raises(GoneError):
        contract.rule("Strict input: whatever")
    with pytest.raises(GoneError):
        contract.rule("No such section: Nothing is coerced")
