"""Other values that a schema allows, made from one that was accepted."""

from lookalike.calls import Made
from lookalike.openapi import Contract
from lookalike.places import Place
from lookalike.schemas import read
from lookalike.variants.valid import others


def test_other_lists_keep_what_the_servers_made() -> None:
    made = Made(0, "body", "/id", Place("POST /things", 201, "body", "/id"), "7")
    contract = Contract({"openapi": "3.1.0", "paths": {"/things": {"get": {}}}})
    schema = read(contract, {"type": "array", "items": {"type": "object"}})
    found = [*others(schema, [{"thing": made}, {"name": "a"}])]
    assert [{"name": "a"}, {"thing": made}] in found
    things = [each["thing"] for some in found for each in some if "thing" in each]
    assert things
    assert {*map(type, things)} == {Made}
