"""The API under test: what its server accepts, and what it has made for us so far."""

import random
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, unquote, urlencode, urljoin, urlsplit

from lookalike.calls import Call
from lookalike.checks.client import Client, Seen
from lookalike.checks.pack import UnjudgedError
from lookalike.checks.schemas import Schemas, examples, renewed, response, responses
from lookalike.http import NoAnswer, is_json
from lookalike.openapi import Contract, Operation
from lookalike.samples import sample

ORIGIN = "https://lookalike.example"
FORM = "application/x-www-form-urlencoded"
ENDS_SESSION = re.compile(r"log-?out|sign-?out|password|revoke|deactivate", re.IGNORECASE)
SERVER_ERROR, NOT_IMPLEMENTED, TOO_MANY = 500, 501, 429
CREATED, FORBIDDEN = 201, 403
DEPTH = 4  # of resources that need others
UNKNOWN_INTEGER = 2_147_483_647  # an id that is hardly taken, and fits into 32 bits
TEXTS_OF_IDS = ("id", "uuid", "slug", "key", "name", "code")


class Api:
    """A contract and a server that claims to keep it; makes what checks need, and remembers it."""

    def __init__(
        self,
        contract: Contract,
        client: Client,
        *,
        origin: str = ORIGIN,
        seed: int = 0,
        may_write: bool = True,
    ) -> None:
        self.contract = contract
        self.client = client
        self.schemas = Schemas(contract)
        self.origin = origin
        self.may_write = may_write
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
        self._accepted: dict[str, Seen | None] = {}
        self._kinds: dict[str, str] = {}  # which bodies an operation accepts
        self._actors: dict[str, str | None] = {}
        self._kept: dict[str, Any] = {}  # by slot: the path up to the parameter
        self._by_name: dict[str, Any] = {}
        self._making: list[str] = []
        self._is_stirred = False
        self.notes: dict[tuple[str, str], Any] = {}  # what checks of one pack tell each other
        security = [contract.raw.get("security"), *(o.raw.get("security") for o in self.operations)]
        self._says_who = any(security)

    # Asking

    def send(self, call: Call) -> Seen:
        """Send a call, whatever comes."""
        return self.client.send(call)

    def ask(self, call: Call) -> Seen:
        """Send a call; raise UnjudgedError where the answer shows nothing but a broken server."""
        seen = self.send(call)
        if isinstance(seen.outcome, NoAnswer):
            raise UnjudgedError(f"there was no answer ({seen.outcome.why})")
        if seen.status >= SERVER_ERROR and seen.status != NOT_IMPLEMENTED:
            raise UnjudgedError(f"the server failed ({seen.status})")
        if seen.status == TOO_MANY:
            raise UnjudgedError("the server limits the rate of requests (429)")
        return seen

    # What the file says

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All operations of the file."""
        return self.contract.operations

    def sibling(self, operation: Operation, method: str) -> Operation | None:
        """Return the operation of another method on the same path."""
        return next(
            (o for o in self.operations if o.path == operation.path and o.method == method), None
        )

    def methods(self, path: str) -> set[str]:
        """Return the methods that the file declares for a path."""
        return {operation.method for operation in self.operations if operation.path == path}

    def parameter(self, operation: Operation, place: str, name: str) -> Mapping[str, Any] | None:
        """Return a parameter by its name, whose case counts nowhere but in a header."""
        for each in operation.parameters:
            if each["in"] == place and each["name"].lower() == name.lower():
                return each
        return None

    def declares(self, operation: Operation, status: int) -> bool:
        """Tell whether an operation's responses list a status itself."""
        return str(status) in responses(self.contract, operation)

    def success_types(self, operation: Operation) -> list[str]:
        """Return the media types that an operation's successful responses may have."""
        return [
            media_type
            for status, each in responses(self.contract, operation).items()
            if status.startswith("2")
            for media_type in each.get("content") or ()
        ]

    def body_schema(self, operation: Operation) -> Any:
        """Return the schema of an operation's JSON body, None where there is none."""
        for media_type, media in self.contract.contents(operation).items():
            if is_json(media_type):
                return media.get("schema")
        return None

    def media_schema(self, call: Call) -> Any:
        """Return the schema of a call's body."""
        found = self.contract.contents(call.operation)
        return found.get(call.media_type, {}).get("schema") or {}

    # What the server accepts

    def succeeded(self, *methods: str) -> list[Operation]:
        """Return the operations of these methods that the server has accepted."""
        return [o for o in self.operations if o.method in methods and self.accepted(o)]

    def accepted(self, operation: Operation) -> Seen | None:
        """Return an exchange that succeeded, if there is one."""
        if operation.name not in self._accepted:
            self._accepted[operation.name] = None  # who asks again meanwhile gets none
            self._accepted[operation.name] = self.fresh(operation)
        return self._accepted[operation.name]

    def got(self, operation: Operation) -> Seen:
        """Repeat an accepted call as it is, and see it accepted again."""
        seen = self.accepted(operation)
        if seen is None:
            raise UnjudgedError(f"{operation.name} never succeeded")
        again = self.ask(seen.call)
        if not again.is_success:
            raise UnjudgedError(f"{operation.name} succeeded once, and is answered {again} now")
        return again

    def fresh(self, operation: Operation) -> Seen | None:
        """Send an operation something new that it accepts; delete nothing but what was made."""
        if not self._is_allowed(operation):
            return None
        is_fresh = operation.method == "DELETE"
        values = self.place(operation, is_fresh=is_fresh)
        if values is None:
            return None
        seen = self._try(operation, values)
        return seen if seen is not None and seen.is_success else None

    def _is_allowed(self, operation: Operation) -> bool:
        if operation.is_safe:
            return operation.method != "TRACE"
        is_item = operation.path.endswith("}")
        return (
            self.may_write
            and not ENDS_SESSION.search(operation.path)
            and (operation.method != "DELETE" or is_item)
        )

    def _try(self, operation: Operation, values: Mapping[str, Any]) -> Seen | None:
        seen = None
        kinds = ["example", "varied", "again", "minimal", "sampled", "referring", "other"]
        if known := self._kinds.get(operation.name):
            kinds.remove(known)
            kinds.insert(0, known)
        if not self.contract.contents(operation):
            kinds = kinds[:1]
        tried: list[object] = []
        for kind in kinds:
            call = self.call(operation, values, kind)
            if call is None or call.body in tried:
                continue
            tried.append(call.body)
            seen = self._try_actors(call)
            if seen.is_success:
                self._kinds[operation.name] = kind
                return seen
            if seen.status not in {400, 409, 415, 422}:
                return seen
        return seen

    def _try_actors(self, call: Call) -> Seen:
        seen = self.send(call)
        for actor in self.client.actors:
            if seen.status != FORBIDDEN or actor.name == call.actor:
                continue
            seen = self.send(replace(call, actor=actor.name))
            if seen.is_success:
                self._actors[call.operation.name] = actor.name
        return seen

    def actor(self, operation: Operation) -> str | None:
        """Return who asks."""
        if operation.name in self._actors:
            return self._actors[operation.name]
        wants = self.contract.is_secured(operation) or not self._says_who
        return self.client.actors[0].name if self.client.actors and wants else None

    def call(
        self, operation: Operation, values: Mapping[str, Any], kind: str = "example"
    ) -> Call | None:
        """Build a call by the file; None where a body is needed of a kind that isn't known here."""
        query: list[tuple[str, Any]] = []
        fields: list[tuple[str, Any]] = []
        for parameter in operation.parameters:
            if parameter.get("required") and parameter["in"] in {"query", "header"}:
                value = self.parameter_value(parameter)
                if parameter["name"].lower() == "idempotency-key":
                    value = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
                (query if parameter["in"] == "query" else fields).append((parameter["name"], value))
        call = Call(operation, values, query, fields, actor=self.actor(operation))
        media = self.contract.contents(operation)
        for media_type, described in media.items():
            if is_json(media_type):
                body = self._body(described, kind)
                return replace(call, body=body, media_type=media_type)
        if FORM in media:
            body = self._body(media[FORM], kind)
            return replace(call, body=urlencode(body, doseq=True).encode(), media_type=FORM)
        return None if media else call

    def parameter_value(self, parameter: Mapping[str, Any]) -> Any:
        """Return an example of a parameter, or a value that its schema most likely accepts."""
        return sample(self.contract, parameter.get("schema"), parameter)

    def _body(self, media: Mapping[str, Any], kind: str) -> Any:
        schema = media.get("schema") or {}
        sampled = sample(self.contract, schema)
        given = examples(self.contract, media) or [sampled]
        if kind == "example":
            return given[0]
        value = {
            "varied": given[0],
            "again": given[0],
            "other": given[-1],
            "minimal": sample(self.contract, schema, is_full=False),
        }.get(kind, sampled)
        varied = self.schemas.varied(schema, value, self.chance)
        return self._referring(varied) if kind == "referring" else varied

    def _referring(self, value: Any) -> Any:
        """Put ids of what there is in place of members that are named after it."""
        if isinstance(value, dict):
            return {
                name: self._by_name.get(plain(name), self._referring(inner))
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._referring(each) for each in value]
        return value

    # Where resources are

    def place(self, operation: Operation, *, is_fresh: bool = False) -> dict[str, Any] | None:
        """Return values for a path; the last one of something new, where `is_fresh` wants it."""
        values: dict[str, Any] = {}
        names = operation.path_parameters
        for name in names:
            slot = operation.path.partition(f"{{{name}}}")[0]
            is_new = is_fresh and name == names[-1] and operation.path.endswith("}")
            if not is_new and slot in self._kept:
                values[name] = self._kept[slot]
                continue
            if slot in self._making or len(self._making) > DEPTH:
                return None
            self._making.append(slot)
            try:
                found = self._find(operation, slot, name, values, is_new=is_new)
            finally:
                self._making.remove(slot)
            if found is None:
                return None
            values[name] = found
            if not is_new:
                self._kept[slot] = found
                self._by_name.setdefault(plain(name), found)
                self._by_name.setdefault(plain(f"{singular(slot)}_id"), found)
        return values

    def _find(
        self,
        operation: Operation,
        slot: str,
        name: str,
        parents: Mapping[str, Any],
        *,
        is_new: bool,
    ) -> Any:
        """Make something, or find what there is; its address must lead to it, where one can GET."""
        item = f"{slot}{{{name}}}"
        reader = next((o for o in self.operations if (o.method, o.path) == ("GET", item)), None)
        for value in self._candidates(operation, slot, name, parents, is_new=is_new):
            if reader is None:
                return value
            call = self.call(reader, {**parents, name: value})
            if call is not None and self._try_actors(call).is_success:
                return value
        return None

    def _candidates(
        self,
        operation: Operation,
        slot: str,
        name: str,
        parents: Mapping[str, Any],
        *,
        is_new: bool,
    ) -> Iterator[Any]:
        collection = slot.rstrip("/")
        item = f"{slot}{{{name}}}"
        named = {(o.method, o.path.rstrip("/")): o for o in self.operations}
        create, listing, put = (
            named.get(("POST", collection)),
            named.get(("GET", collection)),
            named.get(("PUT", item)),
        )
        if create and self._is_allowed(create):
            seen = self._try(create, parents)
            if seen is not None and seen.is_success:
                yield from ids_in(seen, name, item, is_certain=is_new)
        parameter = self.parameter(operation, "path", name) or {}
        if put and self.may_write:
            value = self.schemas.varied(
                parameter.get("schema"), self.parameter_value(parameter), self.chance
            )
            seen = self._try(put, {**parents, name: value})
            if seen is not None and seen.is_success and (not is_new or seen.status == CREATED):
                yield value
        if is_new:
            return
        if listing and (call := self.call(listing, parents)):
            for entry in entries(self.send(call).value)[:3]:
                yield from ids_of(entry, name)
        yield from examples(self.contract, parameter)
        yield self.parameter_value(parameter)

    def unknown(self, operation: Operation) -> dict[str, Any] | None:
        """Return values for a path that leads to nothing."""
        values = self.place(operation)
        if not values:
            return None
        name = operation.path_parameters[-1]
        value = values[name]
        if isinstance(value, int) or str(value).isdigit():
            return {**values, name: UNKNOWN_INTEGER}
        return {**values, name: renewed(str(value), self.chance)}

    def item(self, operation: Operation) -> Mapping[str, Any]:
        """Return the path of something new, for a write that nothing else may see.

        Where nothing new can be made, what there is will do, but not to be deleted.
        """
        is_fresh = operation.path.endswith("}")
        values = self.place(operation, is_fresh=is_fresh)
        if values is None and operation.method != "DELETE":
            values = self.place(operation)
        if values is None:
            raise UnjudgedError(f"nothing could be made for {operation.name}")
        return values

    def write(self, operation: Operation, values: Mapping[str, Any] | None = None) -> Call:
        """Return a call that the server most likely accepts, for something new or what is named."""
        self.accepted(operation)  # learns which bodies are accepted
        kind = self._kinds.get(operation.name, "example")
        kind = {"example": "varied"}.get(kind, kind) if operation.method != "PATCH" else kind
        call = self.call(operation, self.item(operation) if values is None else values, kind)
        if call is None:
            raise UnjudgedError(f"no body is known for {operation.name}")
        return call

    # What was seen

    def stir(self) -> None:
        """See each operation succeed, and give it what it refuses: what is judged in the end."""
        if self._is_stirred:
            return
        self._is_stirred = True
        with self.client.asking("", ""):
            for operation in self.operations:
                seen = self.accepted(operation)
                if seen is None:
                    continue
                if (values := self.unknown(operation)) is not None:
                    self.send(replace(seen.call, path=values))
                if self.contract.is_secured(operation):
                    self.send(replace(seen.call, actor=None))
                if seen.call.body is not None and is_json(seen.call.media_type):
                    self.send(replace(seen.call, body={}))
                    self.send(replace(seen.call, body=[]))
                    self.send(replace(seen.call, body=b"{"))

    def seen(self, operation: Operation, *, besides: Sequence[str] = ()) -> list[Seen]:
        """Return what was asked of an operation by its own method, but for some packs."""
        return [
            seen
            for seen in self.client.exchanges
            if seen.call.operation is operation
            and seen.call.method in {"", operation.method}
            and not seen.call.target
            and seen.pack not in besides
        ]

    def unreached(self) -> list[str]:
        """Say which operations never succeeded, and why."""
        found = []
        for operation in self.operations:
            if self._accepted.get(operation.name) is not None:
                continue
            statuses = [f"{seen}" for seen in self.seen(operation)]
            if not self._is_allowed(operation):
                why = "not asked, as it would change or end too much"
            elif statuses:
                why = statuses[-1]
            else:
                why = "not asked, as nothing was found for its path or body"
            found.append(f"{operation.name}: {why}")
        return found

    def declared(self, seen: Seen) -> Mapping[str, Any] | None:
        """Return what the file says of an answer's status."""
        return response(self.contract, seen.call.operation, seen.status)


def address_of(given: str, base: str = "") -> SplitResult:
    """Read an address that a server gave, relative to another one; an ill-formed one is empty."""
    try:
        return urlsplit(urljoin(base, given))
    except ValueError:
        return urlsplit("")


def plain(name: str) -> str:
    """Return a name without case and separators: productId is product_id."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def singular(slot: str) -> str:
    """Return the name of one thing of a collection: /stock/products/ is of products."""
    last = slot.rstrip("/").rpartition("/")[2]
    if last.endswith("ies"):
        return f"{last[:-3]}y"
    return last.removesuffix("s")


def entries(value: Any) -> list[Any]:
    """Return the entries of a list, also where an object holds it."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        for inner in value.values():
            if isinstance(inner, list) and all(isinstance(each, dict) for each in inner):
                return inner
        for inner in value.values():
            if isinstance(inner, dict) and (found := entries(inner)):
                return found
    return []


def ids_in(seen: Seen, name: str, item: str, *, is_certain: bool) -> Iterator[Any]:
    """Yield what may be the id of what was created, most likely first; or is that for certain."""
    if location := seen.field("location"):
        segments = address_of(location).path.rstrip("/").split("/")
        wanted = item.rstrip("/").split("/")
        if len(segments) >= len(wanted) - 1:
            yield unquote(segments[-1])
    value = seen.value
    if isinstance(value, dict) and len(value) == 1:
        [inner] = value.values()
        value = inner if isinstance(inner, dict) else value
    yield from ids_of(value, name, is_deep=not is_certain)


def ids_of(value: Any, name: str, *, is_deep: bool = True) -> Iterator[Any]:
    """Yield the members of an object that may be its id, most likely first."""
    if not isinstance(value, dict):
        return
    members = {plain(str(key)): inner for key, inner in value.items()}
    for wanted in (plain(name), *TEXTS_OF_IDS):
        found = members.get(wanted)
        if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
            yield found
    for inner in value.values():
        if isinstance(inner, dict) and is_deep:
            yield from ids_of(inner, name)
