"""For each check a server that breaks its rule, and hardly another one."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from itertools import count
from typing import Any

import jsonschema_rs

from lookalike.tests.right_server import (
    DEFAULTS,
    DOCUMENT,
    LARGEST,
    PATCH,
    Ask,
    Note,
    RightServer,
    Say,
)

Break = Callable[[RightServer], dict[str, Any] | None]  # returns another file, where that is wrong


def asking(change: Callable[[Ask], Ask]) -> Break:
    """Have a server read each request as another one."""

    def apply(server: RightServer) -> None:
        server.before = change

    return apply


def saying(change: Callable[[Ask, Say], Say]) -> Break:
    """Have a server write each answer as another one."""

    def apply(server: RightServer) -> None:
        server.after = change

    return apply


def where(condition: Callable[[Ask, Say], Any], **fields: str | None) -> Break:
    """Have a server write other header fields, in some answers."""
    return saying(lambda ask, say: say.having(**fields) if condition(ask, say) else say)


def status(condition: Callable[[Ask, Say], Any], code: int) -> Break:
    """Have a server answer with another status, sometimes."""
    return saying(lambda ask, say: replace(say, status=code) if condition(ask, say) else say)


def reading(name: str, change: Callable[[str], str | None]) -> Break:
    """Have a server read a header field as another one, or not at all."""

    def apply(ask: Ask) -> Ask:
        if name not in ask.fields:
            return ask
        value = change(ask.fields[name])
        rest = {key: each for key, each in ask.fields.items() if key != name}
        return replace(ask, fields=rest if value is None else {**rest, name: value})

    return asking(apply)


def taking(methods: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Break:
    """Have a server read a JSON object as another one."""

    def apply(ask: Ask) -> Ask:
        if ask.method not in methods or not ask.path.startswith("/notes"):
            return ask
        try:
            value = json.loads(ask.body)
        except ValueError:
            return ask
        try:
            return replace(ask, body=json.dumps(change(value)).encode())
        except (TypeError, ValueError, AttributeError):  # it isn't what can be changed so
            return ask

    return asking(apply)


def showing(change: Callable[[dict[str, Any]], dict[str, Any]], path: str = "/notes/") -> Break:
    """Have a server write the JSON object of a success as another one."""

    def apply(ask: Ask, say: Say) -> Say:
        is_object = say.body.startswith(b"{") and say.status < 300 and ask.path.startswith(path)
        return say.saying(change(say.json())) if is_object else say

    return saying(apply)


def problem(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Break:
    """Have a server write problem details otherwise."""

    def apply(_: Ask, say: Say) -> Say:
        return say.saying(change(say.json())) if say.status >= 400 and say.body else say

    return saying(apply)


def calling(name: str, function: Callable[..., Any]) -> Break:
    """Replace a method of a server."""

    def apply(server: RightServer) -> None:
        setattr(server, name, function)

    return apply


def failing(condition: Callable[[Ask], Any]) -> Break:
    """Have a server answer with 500, sometimes."""
    return status(lambda ask, _: condition(ask), 500)


def without(name: str, keyword: str) -> Break:
    """Have a server look at one keyword less than the file has."""

    def apply(server: RightServer) -> None:
        for schema in ("NewNote", "NotePatch"):
            softer = deepcopy(DOCUMENT["components"]["schemas"][schema])
            del softer["properties"][name][keyword]
            server.validators[schema] = jsonschema_rs.Draft202012Validator(
                softer, validate_formats=True
            )

    return apply


def is_json(body: bytes) -> bool:
    """Tell whether a parser of Python's takes a body."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


NUMBER = count(1)
VALID = b'{"title": "a"}'


# Some take more than a line.


def head_counts(server: RightServer) -> None:
    def before(ask: Ask) -> Ask:
        note = server.notes.get(ask.path.rpartition("/")[2])
        if ask.method == "HEAD" and note:
            note.value["count"] += 1
        return ask

    server.before = before


def half_patched(server: RightServer) -> None:
    def before(ask: Ask) -> Ask:
        note = server.notes.get(ask.path.rpartition("/")[2])
        if (
            ask.method == "PATCH"
            and note
            and not server.validators["NotePatch"].is_valid(ask.json())
        ):
            note.value["count"] += 1
        return ask

    server.before = before


def forgetful(server: RightServer) -> None:
    def before(ask: Ask) -> Ask:
        server.replays.clear()
        return ask

    server.before = before


def replayed(server: RightServer, ask: Ask, key: str) -> Ask:
    """Return a request with a key as the one that was first sent with it."""
    for (_, path, known), (body, _) in server.replays.items():
        if known == key and path == ask.path:
            return replace(ask, body=body)
    return ask


def reused(server: RightServer) -> None:
    server.before = lambda ask: replayed(server, ask, ask.fields.get("idempotency-key", ""))


def one_key(server: RightServer) -> None:
    def before(ask: Ask) -> Ask:
        if "idempotency-key" not in ask.fields:
            return ask
        other = replace(ask, fields={**ask.fields, "idempotency-key": "same"})
        return replayed(server, other, "same")

    server.before = before


def burnt_keys(server: RightServer) -> None:
    burnt: set[str] = set()

    def after(ask: Ask, say: Say) -> Say:
        key = ask.fields.get("idempotency-key", "")
        if key in burnt:
            return replace(say, status=409)
        if key and say.status >= 400:
            burnt.add(key)
        return say

    server.after = after


class Common(dict[tuple[str, str, str], Any]):
    """Replays that belong to nobody."""

    def get(self, key: tuple[str, str, str], default: Any = None) -> Any:
        return super().get(("", *key[1:]), default)

    def __setitem__(self, key: tuple[str, str, str], value: Any) -> None:
        super().__setitem__(("", *key[1:]), value)


def common_keys(server: RightServer) -> None:
    server.replays = Common()


def no_key(ask: Ask) -> Ask:
    return replace(ask, fields={"idempotency-key": f"{next(NUMBER)}", **ask.fields})


Page = tuple[list[Note], str]


def skipping(notes: list[Note], cursor: str | None, limit: int) -> Page:
    left = [note for note in notes if note.number > int(cursor or 0)]
    return left[:limit], str(left[limit - 1].number + 1) if len(left) > limit else ""


def doubling(notes: list[Note], cursor: str | None, limit: int) -> Page:
    left = [note for note in notes if note.number >= int(cursor or 0)]
    return left[:limit], str(left[limit - 1].number) if len(left) > limit else ""


def endless(notes: list[Note], cursor: str | None, limit: int) -> Page:
    left = [note for note in notes if note.number > int(cursor or 0)]
    return left[:limit], str(int(cursor or 0) + limit)


def by_offset(notes: list[Note], cursor: str | None, limit: int) -> Page:
    start = int(cursor or 0)
    newest = notes[::-1]
    end = start + limit
    return newest[start:end], str(end) if len(newest) > end else ""


def forgetting(*texts: str) -> Break:
    """Leave something out of the links to next pages."""

    def apply(ask: Ask, say: Say) -> Say:
        if ask.path != "/notes" or ask.method != "GET":
            return say
        body, link = say.body, say.fields.get("Link", "")
        for text in texts:
            body, link = body.replace(text.encode(), b""), link.replace(text, "")
        return replace(say, body=body).having(Link=link or None)

    return saying(apply)


def absent_kept(value: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    return {**DEFAULTS, "title": "a", **patch}


def joined_arrays(value: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    return {
        **value,
        **{
            name: [*value.get(name, []), *inner] if isinstance(inner, list) else inner
            for name, inner in patch.items()
        },
    }


def reflected(ask: Ask, say: Say) -> Say:
    if "origin" not in ask.fields:
        return say
    return say.having(
        Access_Control_Allow_Origin=ask.fields["origin"], Access_Control_Allow_Credentials="true"
    )


def for_ann(ask: Ask) -> Ask:
    if re.fullmatch("/notes/.+", ask.path) and "authorization" in ask.fields:
        return replace(ask, fields={**ask.fields, "authorization": "Bearer token-of-ann"})
    return ask


def wrong_example(_: RightServer) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    document["paths"]["/words"]["get"]["parameters"][0]["example"] = "aloud"
    return document


def wrong_schema(_: RightServer) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    document["paths"]["/words"]["get"]["parameters"][0]["schema"]["pattern"] = "("
    return document


def another_type(_: RightServer) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    content = document["paths"]["/notes/{note_id}"]["put"]["requestBody"]["content"]
    content["application/vnd.notes+json"] = content["application/json"]
    return document


def plain_patches(server: RightServer) -> dict[str, Any]:
    types = {"application/json": PATCH, PATCH: "text/plain"}

    def before(ask: Ask) -> Ask:
        kind = ask.fields.get("content-type", "")
        if ask.method != "PATCH":
            return ask
        return replace(ask, fields={**ask.fields, "content-type": types.get(kind, kind)})

    server.before = before
    document = deepcopy(DOCUMENT)
    body = document["paths"]["/notes/{note_id}"]["patch"]["requestBody"]
    body["content"] = {"application/json": body["content"][PATCH], **body["content"]}
    return document


def more(ask: Ask) -> Ask:
    limit = int(ask.query.get("limit", 20)) + 1
    return replace(ask, query={**ask.query, "limit": f"{limit}"})


def with_secret(server: RightServer) -> None:
    server.after = lambda ask, say: (
        say.saying({**say.json(), "secret": "shhh"})
        if re.fullmatch("/notes/.+", ask.path) and say.status == 200 and say.body
        else say
    )


def dying(server: RightServer) -> None:
    asked = count(1)

    def after(ask: Ask, say: Say) -> Say:
        if ask.path == "/words" and ask.method == "GET" and next(asked) > 1:
            return replace(say, status=404)
        return say

    server.after = after


def breaking(ask: Ask) -> Ask:
    if ask.method == "GET" and ask.path.startswith("/notes/") and ask.body == b"":
        raise RuntimeError("this server falls over")
    return ask


def any_of(ask: Ask, text: str) -> bool:
    """Tell whether a text is in an address."""
    return text in ask.path or any(text in value for value in ask.query.values())


WRONG: dict[str, Break] = {
    # methods
    "rfc9110-15.5.6-undeclared-method-is-405": status(lambda _, say: say.status == 405, 404),
    "rfc9110-15.5.6-405-has-allow": where(lambda _, say: say.status == 405, Allow=None),
    "rfc9110-10.2.1-allow-lists-what-is-declared": where(
        lambda _, say: say.status == 405, Allow="TRACE"
    ),
    "rfc9110-10.2.1-allow-is-true": status(lambda ask, _: ask.method == "HEAD", 405),
    "rfc9110-15.6.2-unknown-method-is-refused": asking(
        lambda ask: replace(ask, method="GET") if ask.method == "LOOKALIKE" else ask
    ),
    "rfc9110-9.3.7-options-lists-methods": where(
        lambda ask, _: ask.method == "OPTIONS", Allow=None
    ),
    "rfc9110-9.2.1-safe-methods-change-nothing": head_counts,
    "rfc9110-15.5.5-unknown-path-is-404": status(lambda ask, _: "lookalike" in ask.path, 200),
    # head
    "rfc9110-9.3.2-head-equals-get": status(lambda ask, _: ask.method == "HEAD", 404),
    "rfc9110-9.3.2-head-has-the-fields-of-get": where(
        lambda ask, _: ask.method == "HEAD", ETag=None
    ),
    "rfc9110-8.6-head-content-length-is-gets": where(
        lambda ask, _: ask.method == "HEAD", Content_Length="1"
    ),
    "rfc9110-9.3.2-head-of-nothing-is-gets-error": status(
        lambda ask, say: ask.method == "HEAD" and say.status == 404, 200
    ),
    # negotiation
    "rfc9110-12.5.1-declared-type-is-sent": reading("accept", lambda _: None),
    "rfc9110-12.5.1-ranges-admit-the-type": status(
        lambda ask, _: ask.fields.get("accept") == "*/*", 406
    ),
    "rfc9110-12.4.2-the-preferred-type-is-sent": reading(
        "accept", lambda value: re.sub(r";q=[\d.]+", "", value)
    ),
    "rfc9110-12.5.5-vary-names-accept": where(lambda *_: True, Vary="Origin"),
    "rfc9110-15.5.7-unacceptable-is-406": reading(
        "accept", lambda value: None if "unknown" in value else value
    ),
    "rfc9110-15.5.16-undeclared-type-is-refused": reading(
        "content-type", lambda value: "application/json" if value == "text/plain" else value
    ),
    "rfc9110-8.3.1-media-types-ignore-case": status(
        lambda ask, _: ask.fields.get("content-type", "").isupper(), 415
    ),
    "rfc8259-11-charset-changes-nothing": status(
        lambda ask, _: "charset" in ask.fields.get("content-type", ""), 415
    ),
    "openapi-media-type-object-each-type-is-accepted": another_type,
    # conditional
    "rfc9110-8.8.3-etag-is-well-formed": where(lambda *_: True, ETag="abc"),
    "rfc9110-8.8.1-same-state-has-the-same-etag": saying(
        lambda _, say: say.having(ETag=f'"{next(NUMBER)}"')
    ),
    "rfc9110-8.8.1-etag-changes-with-the-state": calling("tag", lambda _: f'"{"0" * 32}"'),
    "rfc9110-13.1.2-current-tag-is-304": reading("if-none-match", lambda _: None),
    "rfc9110-13.1.2-star-is-304": reading(
        "if-none-match", lambda value: None if value == "*" else value
    ),
    "rfc9110-13.1.2-comparison-is-weak": reading(
        "if-none-match", lambda value: None if value.startswith("W/") else value
    ),
    "rfc9110-13.1.2-any-tag-of-a-list-is-304": reading(
        "if-none-match", lambda value: None if "," in value else value
    ),
    "rfc9110-13.1.2-other-tag-is-200": reading("if-none-match", lambda _: "*"),
    "rfc9110-15.4.5-304-has-the-fields-of-200": where(lambda _, say: say.status == 304, ETag=None),
    "rfc9110-15.4.5-304-has-no-content": saying(
        lambda _, say: replace(say, body=b"{}") if say.status == 304 else say
    ),
    "rfc9110-13.1.1-other-tag-is-412": reading("if-match", lambda _: "*"),
    "rfc9110-13.1.1-comparison-is-strong": reading(
        "if-match", lambda value: value.removeprefix("W/")
    ),
    "rfc9110-13.1.1-old-tag-is-412": reading(
        "if-match", lambda value: "*" if len(value) == 34 else value
    ),
    "rfc9110-13.1.1-current-tag-passes": reading(
        "if-match", lambda value: value if value == "*" else '"other"'
    ),
    "rfc9110-13.1.1-star-passes": reading(
        "if-match", lambda value: '"other"' if value == "*" else value
    ),
    "rfc6585-3-missing-condition-is-428": asking(
        lambda ask: replace(ask, fields={"if-match": "*", **ask.fields})
    ),
    "rfc9110-13.1.3-last-modified-is-304": reading("if-modified-since", lambda _: None),
    "rfc9110-13.1.3-if-none-match-goes-first": asking(
        lambda ask: (
            replace(ask, fields={**ask.fields, "if-none-match": "*"})
            if "if-modified-since" in ask.fields
            else ask
        )
    ),
    # writes
    "rfc9110-9.3.4-put-is-read-back": taking("PUT", lambda value: {**value, "count": 42}),
    "rfc5789-2-patch-is-read-back": taking("PATCH", lambda value: {**value, "count": 42}),
    "rfc9110-9.2.2-put-is-idempotent": taking(
        "PUT", lambda value: {**value, "count": next(NUMBER) % 100}
    ),
    "rfc9110-9.3.5-deleted-is-gone": asking(
        lambda ask: replace(ask, method="GET") if ask.method == "DELETE" else ask
    ),
    "rfc9110-9.2.2-delete-is-idempotent": status(
        lambda ask, say: ask.method == "DELETE" and say.status == 404, 409
    ),
    "rfc9110-15.3.2-location-leads-to-what-was-created": where(
        lambda _, say: say.status == 201, Location="/notes/3f0c2a3e-6f0e-4d0b-9a57-0d3c7a1b2c4d"
    ),
    "rfc9110-15.3.2-created-is-read-back": taking("POST", lambda value: {**value, "count": 42}),
    # merge-patch
    "rfc7396-4-media-type-is-accepted": plain_patches,
    "rfc7396-2-absent-members-are-kept": calling("merged", absent_kept),
    "rfc7396-2-null-removes": taking(
        "PATCH", lambda value: {name: each for name, each in value.items() if each is not None}
    ),
    "rfc7396-2-arrays-are-replaced": calling("merged", joined_arrays),
    "rfc7396-2-objects-are-merged": calling("merged", lambda value, patch: {**value, **patch}),
    "rfc7396-2-null-in-an-object-removes": taking(
        "PATCH",
        lambda value: {
            name: {key: inner for key, inner in each.items() if inner is not None}
            if isinstance(each, dict)
            else each
            for name, each in value.items()
        },
    ),
    "rfc7396-2-empty-patch-changes-nothing": taking("PATCH", lambda value: value or {"count": 42}),
    "rfc5789-2-patch-is-atomic": half_patched,
    "rfc5789-2.2-unsupported-patch-has-accept-patch": where(lambda *_: True, Accept_Patch=None),
    # idempotency
    "idempotency-key-2.6-retry-is-answered-as-the-first": forgetful,
    "idempotency-key-2.6-retry-is-not-done-twice": forgetful,
    "idempotency-key-2.7-reused-with-another-body-is-refused": reused,
    "idempotency-key-2.2-other-key-is-another-request": one_key,
    "idempotency-key-2.7-failed-request-can-be-repeated": burnt_keys,
    "idempotency-key-2.7-missing-key-is-400": asking(no_key),
    "idempotency-key-5-keys-belong-to-who-sent-them": common_keys,
    # paging
    "openapi-parameter-object-limit-bounds-a-page": asking(more),
    "rfc5005-3-pages-join-to-the-whole": calling("page", skipping),
    "rfc5005-3-no-entry-comes-twice": calling("page", doubling),
    "rfc5005-3-pages-come-to-an-end": calling("page", endless),
    "rfc5005-3-pages-are-stable-under-writes": calling("page", by_offset),
    "rfc8288-3-link-is-well-formed": saying(
        lambda _, say: say.having(Link="next" if "Link" in say.fields else None)
    ),
    "rfc8288-3.3-next-keeps-the-page-size": forgetting("limit=1&"),
    "rfc8288-3.3-next-keeps-the-filters": forgetting("label=home&", "label=work&"),
    # authentication
    "openapi-security-requirement-object-nothing-without-credentials": asking(
        lambda ask: replace(ask, fields={"authorization": "Bearer token-of-ann", **ask.fields})
    ),
    "rfc9110-15.5.2-missing-credentials-are-401": status(
        lambda ask, say: "authorization" not in ask.fields and say.status == 401, 403
    ),
    "rfc9110-15.5.2-wrong-credentials-are-401": status(
        lambda ask, say: "authorization" in ask.fields and say.status == 401, 400
    ),
    "rfc9110-11.6.1-401-has-www-authenticate": where(lambda *_: True, WWW_Authenticate=None),
    "rfc6750-3-challenge-names-bearer": where(
        lambda _, say: say.status == 401, WWW_Authenticate='Basic realm="notes"'
    ),
    "rfc6750-3.1-wrong-token-is-invalid-token": where(
        lambda _, say: say.status == 401, WWW_Authenticate="Bearer"
    ),
    "rfc9110-11.1-scheme-ignores-case": reading(
        "authorization", lambda value: value if value.startswith("Bearer ") else None
    ),
    "rfc9110-15.5.4-anothers-object-is-refused": asking(for_ann),
    # cors
    "fetch-cors-preflight-is-answered": status(lambda ask, _: ask.method == "OPTIONS", 401),
    "fetch-cors-preflight-permits-declared-methods": where(
        lambda *_: True, Access_Control_Allow_Methods="GET"
    ),
    "fetch-cors-preflight-permits-needed-headers": where(
        lambda *_: True, Access_Control_Allow_Headers="Content-Type"
    ),
    "fetch-cors-errors-are-readable": where(
        lambda _, say: say.status >= 400, Access_Control_Allow_Origin=None
    ),
    "fetch-cors-origin-is-in-vary": where(lambda *_: True, Vary="Accept"),
    "fetch-cors-no-credentials-for-everybody": saying(reflected),
    "fetch-cors-one-origin-is-named": where(
        lambda ask, _: "origin" in ask.fields, Access_Control_Allow_Origin="https://a, https://b"
    ),
    # examples
    "openapi-example-object-examples-are-valid": wrong_example,
    "openapi-schema-object-schemas-are-schemas": wrong_schema,
    "openapi-example-object-bodies-are-accepted": status(
        lambda ask, _: ask.method == "POST" and b"Water the plants" in ask.body, 400
    ),
    "openapi-example-object-parameters-are-accepted": status(
        lambda ask, _: "loud" in ask.query, 400
    ),
    "openapi-schema-object-defaults-are-set": taking("POST", lambda value: {"count": 42, **value}),
    # values
    "json-schema-6.1.1-other-types-are-refused": taking(
        "POST", lambda value: {**value, "count": int(str(value.get("count", 0)))}
    ),
    "json-schema-6.1.2-other-choices-are-refused": taking(
        "POST", lambda value: {**value, "label": str(value.get("label", "home")).lower()}
    ),
    "json-schema-6.2-numbers-out-of-range-are-refused": without("count", "maximum"),
    "json-schema-6.3.1-texts-too-long-or-short-are-refused": without("title", "maxLength"),
    "json-schema-6.3.3-texts-without-the-pattern-are-refused": without("title", "pattern"),
    "json-schema-6.4-arrays-of-other-sizes-are-refused": without("tags", "maxItems"),
    "json-schema-7.3-texts-without-the-format-are-refused": without("due", "format"),
    "json-schema-6.5.3-missing-members-are-refused": taking(
        "POST", lambda value: {"title": "untitled", **value}
    ),
    "json-schema-core-10.3.2.3-unknown-members-are-refused": taking(
        "POST", lambda value: {name: each for name, each in value.items() if name != "lookalike"}
    ),
    "rfc9110-15.5-refused-writes-change-nothing": half_patched,
    "openapi-parameter-object-wrong-values-are-refused": asking(
        lambda ask: replace(ask, query={**ask.query, "loud": "true"}) if ask.query else ask
    ),
    "openapi-parameter-object-wrong-paths-are-refused": status(
        lambda ask, _: ask.path == "/notes/lookalike", 200
    ),
    # problems
    "rfc9457-3-errors-have-the-media-type": where(
        lambda _, say: say.status >= 400, Content_Type="application/json"
    ),
    "rfc9457-3.1-members-have-their-types": problem(lambda value: {**value, "detail": 7}),
    "rfc9457-3.1.2-status-is-the-answers": problem(lambda value: {**value, "status": 200}),
    "rfc9457-3.1.1-type-is-a-uri-reference": problem(lambda value: {**value, "type": "a b"}),
    "rfc9457-3.1.5-instance-is-a-uri-reference": problem(
        lambda value: {**value, "instance": "/a{b}"}
    ),
    "rfc9457-3.1.3-title-belongs-to-the-type": problem(
        lambda value: {**value, "title": f"Number {next(NUMBER)}"}
    ),
    "rfc9457-5-errors-show-no-internals": problem(
        lambda value: {**value, "detail": "Traceback (most recent call last):"}
    ),
    # responses
    "openapi-responses-object-success-is-declared": status(
        lambda ask, say: ask.path == "/words" and say.status == 200, 203
    ),
    "openapi-responses-object-errors-are-declared": status(lambda _, say: say.status == 404, 418),
    "openapi-response-object-media-type-is-declared": where(
        lambda ask, _: ask.path == "/words", Content_Type="text/html"
    ),
    "openapi-response-object-content-is-declared": saying(
        lambda _, say: (
            replace(say, body=b"{}").having(Content_Type="application/json")
            if say.status == 204
            else say
        )
    ),
    "openapi-schema-object-answers-are-valid": showing(lambda value: {**value, "count": "3"}),
    "openapi-schema-object-formats-are-kept": showing(
        lambda value: {**value, "made_at": "yesterday"}
    ),
    "openapi-schema-object-write-only-is-not-shown": with_secret,
    "openapi-header-object-required-is-there": where(lambda *_: True, ETag=None),
    "openapi-header-object-values-are-valid": where(lambda *_: True, ETag='"ABC"'),
    "rfc8259-8.1-json-is-json": saying(
        lambda ask, say: replace(say, body=b'{"words": NaN}') if ask.path == "/words" else say
    ),
    "rfc9110-8.3-content-has-a-type": where(lambda ask, _: ask.path == "/words", Content_Type=None),
    "rfc9110-8.6-204-has-no-content-length": where(
        lambda _, say: say.status == 204, Content_Length="0"
    ),
    # robustness
    "rfc8259-2-ill-formed-json-is-refused": asking(
        lambda ask: ask if is_json(ask.body) else replace(ask, body=VALID)
    ),
    "rfc8259-8.1-other-encodings-are-refused": asking(
        lambda ask: replace(ask, body=VALID) if b"\xe9" in ask.body else ask
    ),
    "rfc8259-6-nan-is-refused": asking(
        lambda ask: replace(ask, body=ask.body.replace(b"NaN", b"0"))
    ),
    "rfc8259-9-deep-json-is-survived": failing(lambda ask: ask.body.startswith(b"[[[[")),
    "rfc8259-6-huge-numbers-are-survived": failing(lambda ask: b"9223372036854775808" in ask.body),
    "rfc8259-8.2-lone-surrogates-are-survived": failing(lambda ask: rb"\ud800" in ask.body),
    "rfc8259-7-nul-is-survived": failing(lambda ask: rb"\u0000" in ask.body),
    "rfc9110-15.5.14-large-content-is-survived": failing(lambda ask: len(ask.body) > LARGEST),
    "rfc3986-2.1-percent-encoding-is-survived": failing(lambda ask: any_of(ask, "\0")),
    "rfc9110-4.1-long-addresses-are-survived": failing(
        lambda ask: any(len(value) > 5_000 for value in ask.query.values())
    ),
    "rfc6585-5-large-fields-are-survived": failing(
        lambda ask: any(len(value) > 9_000 for value in ask.fields.values())
    ),
    "rfc9110-15.6-no-server-error": status(lambda _, say: say.status == 404, 500),
    "rfc9110-3.4-every-request-is-answered": asking(breaking),
    "rfc9110-9.3.1-server-is-still-there": dying,
}
# These go over a wire, to a server that ignores one of its rules.
WIRED = {
    "rfc9112-3.2-missing-host-is-400": "host",
    "rfc9112-3.2-two-hosts-are-400": "hosts",
    "rfc9112-6.3-invalid-content-length-is-400": "length",
    "rfc9112-6.3-two-lengths-are-400": "lengths",
    "rfc9112-7.1-chunked-bodies-are-read": "chunks",
}
