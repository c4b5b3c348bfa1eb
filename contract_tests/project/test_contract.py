"""The contract is consistent, and usable by generators, mocks and validators."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from contract_tests.conftest import ROOT
from contract_tests.contract import CONTRACT, CONTRACT_FILE, operations_in_order

# The formats of OpenAPI 3.1 and of JSON Schema 2020-12 (section 7.3); tools know no others.
REGISTERED_FORMATS = {
    *("int32", "int64", "float", "double", "password"),
    *("date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname"),
    *("ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference", "uuid", "uri-template"),
    *("json-pointer", "relative-json-pointer", "regex"),
}
# Below these stand values, which look like anything.
VALUES = {"example", "examples", "default", "enum", "const", "x-demo-data", "x-rules"}
COMBINING = ("oneOf", "anyOf", "allOf")

# What ends the session or the account that a client works with; of the two the session comes last,
# since nothing but that stands at its path.
ENDING = ["deleteCurrentUser", "deleteCurrentToken"]


def walk(node: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield every object of the contract with the names that lead to it, less plain values."""
    if isinstance(node, dict):
        yield at, node
    members = node.items() if isinstance(node, dict) else enumerate(node)
    for name, member in members:
        if isinstance(member, dict | list) and (name not in VALUES or "properties" in at[-1:]):
            yield from walk(member, (*at, str(name)))


def pointer(at: tuple[str, ...]) -> str:
    """Write a JSON Pointer (RFC 6901)."""
    return "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in at)


def is_schema(at: tuple[str, ...]) -> bool:
    """Tell whether an object is a schema, by where it stands."""
    *above, last = at or ("",)
    before = above[-1] if above else ""
    return (
        last in {"schema", "items", "additionalProperties", "propertyNames", "not"}
        or before in {"schemas", "properties", *COMBINING}
    ) and last not in COMBINING


SCHEMAS = {at: node for at, node in walk(CONTRACT) if is_schema(at)}


def is_named(at: tuple[str, ...]) -> bool:
    """Tell whether a schema is a component of its own."""
    return at[:2] == ("components", "schemas") and len(at) == len(("components", "schemas", "name"))


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference within the contract."""
    while "$ref" in node:
        target: Any = CONTRACT
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def snake_case(name: str) -> str:
    """Return an operationId as modules are named."""
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), name)


def test_the_lists_of_names_in_the_schemas_are_those_of_the_tables() -> None:
    schemas = CONTRACT["components"]["schemas"]
    assert schemas["ProblemName"]["enum"] == list(CONTRACT["x-problems"])
    assert schemas["ErrorCode"]["enum"] == list(CONTRACT["x-error-codes"])


def test_the_description_is_a_page_at_most() -> None:
    """Generators copy it into the head of every file that they write."""
    assert len(CONTRACT["info"]["description"]) <= 3000  # characters


def test_the_rules_are_texts_by_section() -> None:
    assert all(isinstance(text, str) and text.strip() for text in CONTRACT["x-rules"].values())


def test_the_dialect_is_the_one_that_tools_take_for_granted() -> None:
    """Prism validates nothing where `jsonSchemaDialect` says anything, be it the default."""
    assert "jsonSchemaDialect" not in CONTRACT


def test_every_operation_has_its_tests_under_its_name() -> None:
    """Names of operations are names of functions in every client: they stay."""
    folder = ROOT / "contract_tests" / "operations"
    missing = [
        declared["operationId"]
        for _, _, declared in operations_in_order()
        if not (folder / f"test_{snake_case(declared['operationId'])}.py").is_file()
    ]
    assert missing == []


# What generators stumble over


def test_there_are_few_aliases() -> None:
    """SnakeYAML, with which openapi-generator reads, refuses a file with more of them."""
    events = yaml.parse(CONTRACT_FILE.read_text())
    assert sum(isinstance(event, yaml.AliasEvent) for event in events) <= 50


def test_no_link_has_an_object_as_its_body() -> None:
    """openapi-generator takes a string there, and refuses the whole file otherwise."""
    bodies = {
        pointer(at): node["requestBody"]
        for at, node in walk(CONTRACT)
        if at[-2:-1] == ("links",) and not isinstance(node.get("requestBody", ""), str)
    }
    assert bodies == {}


def test_null_stands_beside_a_type() -> None:
    """A property that is only ever null has no type in a generated class."""
    alone = [
        pointer(at)
        for at, schema in SCHEMAS.items()
        if schema.get("type") == "null" and at[-2] not in COMBINING
    ]
    assert alone == []


def test_every_schema_says_a_type() -> None:
    """Without one a generated member is `Any`, a branch of `oneOf` is a class without members."""
    untyped = [
        pointer(at)
        for at, schema in SCHEMAS.items()
        if not {"type", "$ref", "oneOf", "anyOf"} & schema.keys()
        and at[-1] != "not"  # which bars a value, and is no type
    ]
    assert untyped == []


@pytest.mark.parametrize(
    ("places", "is_admitted"),
    [
        ({"pointer": "/title"}, True),
        ({"parameter": "limit"}, True),
        ({"header": "If-Match"}, True),
        ({}, False),
        ({"pointer": "/title", "parameter": "limit"}, False),
        ({"pointer": "", "parameter": "limit", "header": "If-Match"}, False),
    ],
)
def test_an_input_error_is_about_one_place(places: dict[str, str], is_admitted: bool) -> None:  # noqa: FBT001 – a table's column
    """Said by numbers of properties, since a `oneOf` of bare `required` has no type."""
    error = {**places, "code": "required", "detail": "This property is required."}
    assert admits({"$ref": "#/components/schemas/InputError"}, error) == is_admitted


def test_every_format_is_registered() -> None:
    """Others mean nothing to most tools, and end openapi-core with an error."""
    invented = {
        pointer(at): schema["format"]
        for at, schema in SCHEMAS.items()
        if schema.get("format", "date-time") not in REGISTERED_FORMATS
    }
    assert invented == {}


@pytest.mark.parametrize("keyword", ["enum", "properties", "additionalProperties"])
def test_what_becomes_a_class_has_a_name(keyword: str) -> None:
    """Generators name the others by their place: `Type2`, `CreatedAt1`, `TodosInner`."""
    nameless = [
        pointer(at) for at, schema in SCHEMAS.items() if keyword in schema and not is_named(at)
    ]
    assert nameless == []


def test_every_object_has_a_name() -> None:
    nameless = [
        pointer(at)
        for at, schema in SCHEMAS.items()
        if "object" in schema.get("type", ()) and not is_named(at)
    ]
    assert nameless == []


def test_a_reference_stands_alone_in_a_parameter() -> None:
    """Beside anything else, openapi-generator's Python makes `Any` of it."""
    accompanied = [
        pointer(at)
        for at, parameter in walk(CONTRACT)
        if "in" in parameter and parameter.get("schema", {}).keys() > {"$ref"}
    ]
    assert accompanied == []


def test_equal_lists_of_choices_are_one_schema() -> None:
    lists = [json.dumps(schema["enum"]) for schema in SCHEMAS.values() if "enum" in schema]
    assert sorted(lists) == sorted(set(lists))


def test_every_choice_has_a_name_of_its_own() -> None:
    """Generators make `CreatedAt2` or `VALUE_1` of `-created_at` beside `created_at`."""
    nameless = {}
    for at, schema in SCHEMAS.items():
        names = schema.get("x-enum-varnames", schema.get("enum", []))
        letters = {re.sub("[^a-z0-9]", "", name.lower()) for name in names if name[0].isalpha()}
        if len(letters) != len(schema.get("enum", [])):
            nameless[pointer(at)] = names
    assert nameless == {}


def test_read_only_members_of_input_have_the_type_that_responses_give_them() -> None:
    """A client gets types to read what it sends back, not `Any`."""
    schemas = CONTRACT["components"]["schemas"]
    others = []
    for name, schema in schemas.items():
        shown = schemas.get(re.sub("(Input|Patch)$", "", name), {}).get("properties", {})
        for member, declared in schema.get("properties", {}).items():
            if declared.get("readOnly"):
                expected = {**shown[member], "readOnly": True}
                expected.pop("description", None)
                if declared != expected:
                    others.append(f"{name}.{member}")
    assert others == []


def test_input_lists_every_member_that_responses_show() -> None:
    """So that what GET returned can be sent back with PUT (Strict input)."""
    schemas = CONTRACT["components"]["schemas"]
    missing = {
        name: members
        for name, schema in schemas.items()
        if "properties" in schema
        if (shown := schemas.get(re.sub("(Input|Patch)$", "", name)))
        if (members := shown["properties"].keys() - schema["properties"].keys())
    }
    assert missing == {}


# What mocks and walkers need


def test_every_header_has_an_example_that_its_schema_admits() -> None:
    """A mock sends it; what it would make up from a pattern breaks the contract."""
    headers = {
        pointer(at): node
        for at, node in walk(CONTRACT)
        if "headers" in at[-2:-1] and "$ref" not in node
    }
    assert headers
    refused = [
        at
        for at, header in headers.items()
        if "example" not in header or not admits(header["schema"], header["example"])
    ]
    assert refused == []


def test_every_answer_has_an_example() -> None:
    missing = [
        pointer(at)
        for at, node in walk(CONTRACT)
        if at[-2:-1] == ("content",) and "requestBody" not in at and not [*examples_of(node)]
    ]
    assert missing == []


def test_every_example_is_one_that_its_schema_admits() -> None:
    refused = [
        pointer(at)
        for at, node in walk(CONTRACT)
        if "schema" in node
        for example in examples_of(node)
        if not admits(node["schema"], example)
    ]
    assert refused == []


def examples_of(node: dict[str, Any]) -> Iterator[Any]:
    """Yield the examples that stand beside a schema."""
    if "example" in node:
        yield node["example"]
    for example in node.get("examples", {}).values():
        yield resolve(example)["value"]


def admits(schema: dict[str, Any], value: Any) -> bool:
    """Tell whether a schema of the contract admits a value."""
    whole = {**schema, "components": CONTRACT["components"]}
    return bool(OAS31Validator(whole, format_checker=oas31_format_checker).is_valid(value))


def test_what_ends_the_session_or_the_account_comes_last() -> None:
    """Whoever goes through the file in its order with one token has it as long as it is needed."""
    names = [declared["operationId"] for _, _, declared in operations_in_order()]
    in_need = [
        declared["operationId"]
        for _, _, declared in operations_in_order()
        if declared.get("security") != []
    ]
    assert in_need[-len(ENDING) :] == ENDING
    assert names[-len(ENDING) :] == ENDING


def test_what_deletes_comes_after_all_that_needs_what_is_deleted() -> None:
    """Whoever goes through the file in its order finds each resource as long as it is needed."""
    deleted: list[str] = []
    late = []
    for path, method, declared in operations_in_order():
        if any(path == gone or path.startswith(f"{gone}/") for gone in deleted):
            late.append(declared["operationId"])
        if method == "delete":
            deleted.append(path)
    assert late == []


def test_what_revokes_other_tokens_comes_after_what_makes_or_lists_them() -> None:
    names = [declared["operationId"] for _, _, declared in operations_in_order()]
    revoking = min(map(names.index, ("deleteToken", "changePassword")))
    assert max(map(names.index, ("createUser", "createToken", "listTokens"))) < revoking
