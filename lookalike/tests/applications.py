"""Applications that are imported by path."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with what was asked."""
    start_response("200 OK", [("Content-Type", "application/json"), ("A", "1"), ("A", "2")])
    fields = {name[5:].lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    asked = {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"].encode("latin-1").decode(),
        "query": environ["QUERY_STRING"],
        "fields": fields,
        "type": environ.get("CONTENT_TYPE"),
        "body": environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH", 0))).decode(),
    }
    return [json.dumps(asked).encode()]


def make_wsgi() -> Callable[..., Iterable[bytes]]:
    """Build the application."""
    return wsgi


async def asgi(
    scope: Mapping[str, Any],
    receive: Callable[[], Awaitable[Mapping[str, Any]]],
    send: Callable[[Mapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer with what was asked."""
    assert scope["type"] == "http", "this application knows of nothing else"
    message = await receive()
    fields = {name.decode().replace("-", "_"): value.decode() for name, value in scope["headers"]}
    asked = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "type": fields.pop("content_type", None),
        "fields": fields,
        "body": message["body"].decode(),
    }
    headers = [(b"content-type", b"application/json"), (b"a", b"1"), (b"a", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    body = json.dumps(asked).encode()
    await send({"type": "http.response.body", "body": body[:5], "more_body": True})
    await send({"type": "http.response.body", "body": body[5:]})


class Asgi:
    """The same as an object."""

    async def __call__(self, *args: Any) -> None:
        """Answer with what was asked."""
        await asgi(*args)


NOTHING = None
