"""Lists in pages (RFC 5005, section 3, and RFC 8288), by the parameters that a file has."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lookalike.calls import Call, as_text
from lookalike.checks.api import Api, address_of, entries, plain
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack, UnjudgedError
from lookalike.openapi import Operation
from lookalike.schemas import read

PACK = Pack("paging", "Lists in pages")
LIMITS = {"limit", "perpage", "pagesize", "size", "first", "maxresults", "take", "top", "pagelimit"}
CURSORS = {"cursor", "after", "pagetoken", "startingafter", "token", "continuation", "next"}
PAGES, OFFSETS = {"page", "pagenumber", "p"}, {"offset", "skip", "start", "from"}
LINKS = ("next", "nextUrl", "next_url", "nextLink", "next_link", "@odata.nextLink")
TOKENS = ("next_cursor", "nextCursor", "next_page_token", "nextPageToken", "cursor", "next")
LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[\w*!#$&+.^`|~-]+\s*(?:=\s*(?:"[^"]*"|[^\s;,"]+))?)*)')
SIZE, WANTED, MOST = 2, 5, 60
OTHERWISE = "no GET of a list has a parameter that bounds a page and a way to the next page"


@dataclass(frozen=True)
class Pages:
    """How a list is asked for in pages."""

    operation: Operation
    limit: str
    next: str = ""  # the parameter that takes a cursor, a page's number, or an offset
    kind: str = "link"  # or "cursor", "page", "offset"

    def size(self, api: Api, wanted: int) -> int:
        """Return a number of entries that the file allows, as near as may be."""
        parameter = api.parameter(self.operation, "query", self.limit) or {}
        low, high = read(api.contract, parameter.get("schema")).ends()
        return int(max(min(wanted, high or wanted), low or 1))


def named(operation: Operation, names: set[str]) -> str:
    """Return the query parameter with one of these names."""
    return next(
        (
            str(each["name"])
            for each in operation.parameters
            if each["in"] == "query" and plain(str(each["name"])) in names
        ),
        "",
    )


def way(api: Api, operation: Operation) -> Pages | None:
    """Find out how a list is asked for in pages, if it is."""
    limit = named(operation, LIMITS)
    seen = api.accepted(operation)
    if not limit or seen is None:
        return None
    size = Pages(operation, limit).size(api, 1)
    first = api.ask(replace(seen.call, query=[*without(seen.call, limit), (limit, size)]))
    if link_of(first):
        return Pages(operation, limit)
    if (parameter := named(operation, CURSORS)) and token_of(first):
        return Pages(operation, limit, parameter, "cursor")
    if parameter := named(operation, PAGES):
        return Pages(operation, limit, parameter, "page")
    if parameter := named(operation, OFFSETS):
        return Pages(operation, limit, parameter, "offset")
    return None


def without(call: Call, *names: str) -> list[tuple[str, Any]]:
    """Return a call's query without some parameters."""
    return [pair for pair in call.query if pair[0] not in names]


def paged(api: Api) -> list[Operation]:
    """Select each list in pages, once it has enough entries for several."""
    found = []
    for operation in api.succeeded("GET"):
        if not named(operation, LIMITS):
            continue
        fill(api, operation)
        if entries(api.got(operation).value) and pages(api, operation):
            found.append(operation)
    return found


def pages(api: Api, operation: Operation) -> Pages | None:
    """Return how a list is asked for in pages, which is found out once."""
    key = ("pages", operation.name)
    if key not in api.notes:
        api.notes[key] = way(api, operation)
    found: Pages | None = api.notes[key]
    return found


def known(api: Api, operation: Operation) -> Pages:
    """Return how a list that was selected is asked for in pages."""
    found = pages(api, operation)
    if found is None:
        raise UnjudgedError("there is no way to the next page")
    return found


def fill(api: Api, operation: Operation) -> None:
    """Create entries, until there are enough for three pages of two, or nothing more is made."""
    creating = api.sibling(operation, "POST")
    for number in range(WANTED):
        seen = api.got(operation)
        if len(entries(seen.value)) >= WANTED or creating is None or not api.accepted(creating):
            return
        small = api.call(creating, seen.call.path, "minimal") if number % 2 else None
        api.ask(small or api.write(creating, seen.call.path))


def links(seen: Seen) -> Iterator[tuple[str, str]]:
    """Yield relation and target of each link in the Link field (RFC 8288, section 3)."""
    for target, parameters in LINK.findall(seen.field("link") or ""):
        if match := re.search(r';\s*rel\s*=\s*"?([^";]*)', parameters):
            for relation in match[1].lower().split():
                yield relation, target


def link_of(seen: Seen) -> str:
    """Return the address of the next page, by the Link field or the body."""
    for relation, target in links(seen):
        if relation == "next":
            return target
    value = seen.value
    for holder in (value, *(inner_of(value, name) for name in ("links", "_links", "paging"))):
        for name in LINKS:
            found = inner_of(holder, name)
            found = inner_of(found, "href") if isinstance(found, dict) else found
            if isinstance(found, str) and ("/" in found or "?" in found):
                return found
    return ""


def token_of(seen: Seen) -> str:
    """Return the cursor of the next page, as the body gives it."""
    value = seen.value
    for holder in (value, *(inner_of(value, name) for name in ("meta", "paging", "pagination"))):
        for name in TOKENS:
            found = inner_of(holder, name)
            if isinstance(found, str) and found:
                return found
    return ""


def inner_of(value: Any, name: str) -> Any:
    """Return a member, None where there is none."""
    return value.get(name) if isinstance(value, Mapping) else None


def after(  # noqa: PLR0911 - one for each way
    api: Api, how: Pages, seen: Seen, count: int
) -> Call | None:
    """Return the call for the next page, None after the last one; `count` entries were seen."""
    call = seen.call
    found = entries(seen.value)
    match how.kind:
        case "link":
            given = link_of(seen)
            if not given:
                return None
            base = api.client.target.base_url
            there = address_of(given, f"{base}{seen.request.target}")
            path = there.path.removeprefix(urlsplit(base).path)
            return replace(call, target=f"{path}?{there.query}", query=())
        case "cursor":
            token = token_of(seen)
            return (
                replace(call, query=[*without(call, how.next), (how.next, token)])
                if token
                else None
            )
        case "page":
            number = int(dict(call.query).get(how.next, first_page(how))) + 1
            if not found:
                return None
            return replace(call, query=[*without(call, how.next), (how.next, number)])
        case _:
            if not found:
                return None
            return replace(call, query=[*without(call, how.next), (how.next, count)])


def first_page(how: Pages) -> int:
    """Return the number of the first page: 1, unless the file says 0."""
    for each in how.operation.parameters:
        if each["name"] == how.next:
            schema = each.get("schema") or {}
            return int(schema.get("default", schema.get("minimum", 1)) or 0)
    return 1


def walk(
    api: Api,
    how: Pages,
    query: Sequence[tuple[str, Any]] = (),
    size: int = SIZE,
    actor: str | None = None,
) -> Iterator[Seen]:
    """Yield page after page, up to a bound."""
    start = api.got(how.operation).call
    names = {how.limit, how.next, *(name for name, _ in query)}
    start = replace(start, actor=actor or start.actor)
    size = how.size(api, size)
    call: Call | None = replace(start, query=[*without(start, *names), *query, (how.limit, size)])
    count = 0
    for _ in range(MOST):
        if call is None:
            return
        seen = api.ask(call)
        if not seen.is_success and not count:
            raise UnjudgedError(f"a page of {size} is answered {seen}")
        yield seen
        if not seen.is_success:
            return
        count += len(entries(seen.value))
        call = after(api, how, seen, count)


def identity(entry: Any) -> str:
    """Return what tells an entry from others: its id, or all of it."""
    if isinstance(entry, dict):
        for name in ("id", "_id", "uuid", "key", "slug", "sku"):
            if isinstance(entry.get(name), str | int):
                return str(entry[name])
    return json.dumps(entry, sort_keys=True)


def identities(seen: Sequence[Seen]) -> list[str]:
    """Return the identities of all entries of some pages."""
    return [identity(entry) for each in seen for entry in entries(each.value)]


@PACK.check(
    "openapi-parameter-object-limit-bounds-a-page",
    "A page has no more entries than were asked for.",
    asks="a list with its limit at 1 and at 2",
    oracle="no more entries than that",
    on=paged,
    otherwise=OTHERWISE,
)
def bounded(api: Api, operation: Operation) -> Faults:
    how = known(api, operation)
    for wanted in (1, SIZE):
        size = how.size(api, wanted)
        seen = next(walk(api, how, size=size))
        if len(entries(seen.value)) > size:
            what = f"{how.limit}={size} gives {len(entries(seen.value))}"
            yield Fault("a page has more entries than were asked for", (seen,), what)


@PACK.check(
    "rfc5005-3-pages-join-to-the-whole",
    "All pages together have each entry of the list.",
    asks="the list in pages of 2, and in one page, or pages of 50",
    oracle="the same entries in the same order, where nothing was written meanwhile",
    on=paged,
    otherwise=OTHERWISE,
)
def joined(api: Api, operation: Operation) -> Faults:
    how = known(api, operation)
    whole = [*walk(api, how, size=50)]
    small = [*walk(api, how)]
    again = [*walk(api, how, size=50)]
    if not all(each.is_success for each in (*whole, *small)):
        failed = next(each for each in (*whole, *small) if not each.is_success)
        yield Fault(f"a page is answered {failed}", (small[0], failed))
        return
    expected, found = identities(whole), identities(small)
    if expected != identities(again) or len(whole) >= MOST or len(small) >= MOST:
        return
    if missing := [each for each in expected if each not in found]:
        yield Fault("pages leave entries out", (whole[0], *small[:3]), f"such as {missing[0]}")
    elif [*dict.fromkeys(found)] != expected:
        yield Fault("pages have another order than the whole", (whole[0], *small[:3]))


@PACK.check(
    "rfc5005-3-no-entry-comes-twice",
    "No entry is on two pages.",
    asks="the list in pages of 2",
    oracle="no two entries are the same",
    on=paged,
    otherwise=OTHERWISE,
)
def no_double(api: Api, operation: Operation) -> Faults:
    how = known(api, operation)
    small = [*walk(api, how)]
    found = identities(small)
    if len({*found}) < len(found):
        twice = next(each for each in found if found.count(each) > 1)
        where = [each for each in small if twice in identities([each])]
        yield Fault("an entry comes twice", (*where[:2],), twice)


@PACK.check(
    "rfc5005-3-pages-come-to-an-end",
    "The last page leads to no other one.",
    asks="the list in pages of 2, up to one page more than its entries fill",
    oracle="the last page has no link, or the one after it is empty",
    on=paged,
    otherwise=OTHERWISE,
)
def ends(api: Api, operation: Operation) -> Faults:
    how = known(api, operation)
    before = ""
    seen: list[Seen] = []
    for page in walk(api, how):
        seen.append(page)
        if before and page.request.target == before:
            yield Fault("a page leads to itself", (*seen[-2:],))
            return
        if len(seen) > 2 and not entries(seen[-2].value) and not entries(page.value):  # noqa: PLR2004 - two in a row
            yield Fault("an empty page leads to another empty page", (*seen[-2:],))
            return
        before = page.request.target


def growing(api: Api) -> list[Operation]:
    """Select each list in pages to which a POST adds."""
    return [o for o in paged(api) if (post := api.sibling(o, "POST")) and api.accepted(post)]


@PACK.check(
    "rfc5005-3-pages-are-stable-under-writes",
    "What is written between two pages moves no other entry from one page to another.",
    asks="a page of 2, a POST that adds an entry, and the other pages",
    oracle="each entry that was there before comes once",
    on=growing,
    otherwise="no list in pages grows by a POST",
    writes=True,
)
def stable(api: Api, operation: Operation) -> Faults:
    how = known(api, operation)
    post = api.sibling(operation, "POST")
    before = identities([*walk(api, how, size=50)])
    seen: list[Seen] = []
    for page in walk(api, how):
        seen.append(page)
        if len(seen) == 1 and post is not None:
            api.ask(api.write(post, page.call.path))
    found = identities(seen)
    if len(seen) >= MOST:
        return
    if [each for each in {*before} if found.count(each) > 1]:
        yield Fault("an entry comes again after another one was added", (*seen[:3],))
    elif [each for each in before if each not in found]:
        yield Fault("an entry is left out after another one was added", (*seen[:3],))


def linking(api: Api) -> list[Operation]:
    """Select each list in pages whose pages have a Link field."""
    return [
        operation
        for operation in paged(api)
        if (how := pages(api, operation)) and next(walk(api, how, size=1)).field("link")
    ]


@PACK.check(
    "rfc8288-3-link-is-well-formed",
    "Link holds links as the RFC writes them.",
    asks="the first page",
    oracle="the grammar of Link, with a relation for each link",
    on=linking,
    otherwise="no page was answered with Link",
)
def link_form(api: Api, operation: Operation) -> Faults:
    seen = next(walk(api, known(api, operation), size=1))
    value = seen.field("link") or ""
    rest = LINK.sub("", value).replace(",", "").strip()
    if rest or not [*links(seen)]:
        yield Fault("Link is ill-formed, or names no relation", (seen,), value)


def leading(api: Api) -> list[Operation]:
    """Select each list in pages whose next page has an address."""
    return [o for o in paged(api) if (how := pages(api, o)) and how.kind == "link"]


@PACK.check(
    "rfc8288-3.3-next-keeps-the-page-size",
    "The link to the next page keeps the number of entries that was asked for.",
    asks="a page of 1, and the page that it leads to",
    oracle="the second page has no more than 1 entry",
    on=leading,
    otherwise="no page has a link to the next one",
)
def keeps_size(api: Api, operation: Operation) -> Faults:
    how = known(api, operation)
    seen = []
    for page in walk(api, how, size=1):
        seen.append(page)
        if len(seen) > 1:
            break
    if len(seen) > 1 and len(entries(seen[1].value)) > how.size(api, 1):
        yield Fault("the link to the next page forgets the limit", (*seen,))


def filters(api: Api, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield query parameters named after a member of the entries, with a value that most have."""
    found = entries(api.got(operation).value)
    for each in operation.parameters:
        if each["in"] != "query" or api.schemas.types(each.get("schema")) & {"array", "object"}:
            continue
        values = [
            entry[each["name"]]
            for entry in found
            if isinstance(entry, dict) and isinstance(entry.get(each["name"]), str | bool | int)
        ]
        if len(values) > SIZE and len({*map(str, values)}) > 1:
            yield str(each["name"]), max(values, key=values.count)


@PACK.check(
    "rfc8288-3.3-next-keeps-the-filters",
    "The link to the next page keeps the filters.",
    asks="pages of 1 with a query parameter that is named after a member of the entries",
    oracle="where each entry of the first page has the value asked for, so have those of the next",
    on=lambda api: [o for o in leading(api) if any(filters(api, o))],
    otherwise="no list whose pages are linked has a filter named after a member of its entries",
)
def keeps_filters(api: Api, operation: Operation) -> Faults:
    for name, value in filters(api, operation):
        seen = []
        for page in walk(api, known(api, operation), [(name, value)], size=1):
            seen.append(page)
            got = [as_text(entry.get(name)) for entry in entries(page.value)]
            if any(each != as_text(value) for each in got):
                if len(seen) > 1:
                    query = dict(parse_qsl(urlsplit(page.request.target).query))
                    what = f"{name}={query.get(name, 'nothing')}"
                    yield Fault(f"the link to the next page forgets {name}", (*seen[:2],), what)
                break
