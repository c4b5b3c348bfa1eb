"""Which operations a check is about."""

from lookalike.checks.api import Api
from lookalike.checks.pack import Select
from lookalike.openapi import Operation


def read(api: Api) -> list[Operation]:
    """Select each GET that succeeds."""
    return api.succeeded("GET")


def answered(api: Api) -> list[Operation]:
    """Select one operation that succeeds of each path."""
    found: dict[str, Operation] = {}
    for operation in api.operations:
        if operation.path not in found and api.accepted(operation):
            found[operation.path] = operation
    return [*found.values()]


def asked(api: Api) -> list[Operation]:
    """Select each operation to which anything was sent, once all have been tried."""
    api.stir()
    return [operation for operation in api.operations if api.seen(operation)]


def written(*methods: str) -> Select:
    """Select each operation of these methods that succeeds and has a JSON body."""

    def select(api: Api) -> list[Operation]:
        return [o for o in api.succeeded(*methods) if api.body_schema(o) is not None]

    return select


def item_written(*methods: str) -> Select:
    """Select each of these methods that succeeds on what GET reads."""

    def select(api: Api) -> list[Operation]:
        found = []
        for operation in api.succeeded(*methods):
            reader = api.sibling(operation, "GET")
            if reader and api.accepted(reader):
                found.append(operation)
        return found

    return select
