"""Forms, as HTML's are sent (HTML Living Standard, section 4.10.22): in one line, or in parts."""

import re
from collections.abc import Iterable, Sequence
from email import message_from_bytes
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"  # RFC 7578
BOUNDARY = "lookalike-5d1f0c3a8b"  # in no value that is sent


class File(NamedTuple):
    """The value of a part that is a file."""

    content: str
    name: str | None = "sample.txt"
    media_type: str = "text/plain"


Pairs = Sequence[tuple[str, str | File]]


def media_type_of(text: str) -> str:
    """Return a media type in lower case, without its parameters."""
    return text.partition(";")[0].strip().lower()


def is_form(media_type: str) -> bool:
    """Tell whether a media type is a form's."""
    return media_type_of(media_type) in {URLENCODED, MULTIPART}


def encoded(form: str, pairs: Pairs) -> bytes:
    """Write a form in one of both media types."""
    if form != MULTIPART:
        texts = [(name, each.content if isinstance(each, File) else each) for name, each in pairs]
        return urlencode(texts, errors="surrogatepass").encode()
    lines = []
    for name, value in pairs:
        lines += [f"--{BOUNDARY}", f'Content-Disposition: form-data; name="{in_quotes(name)}"']
        if isinstance(value, File):
            if value.name is not None:
                lines[-1] += f'; filename="{in_quotes(value.name)}"'
            if value.media_type:
                lines.append(f"Content-Type: {value.media_type}")
        lines += ["", value.content if isinstance(value, File) else value]
    return "\r\n".join([*lines, f"--{BOUNDARY}--", ""]).encode("utf-8", "surrogatepass")


def in_quotes(text: str) -> str:
    """Escape what would end a name, as browsers do."""
    return re.sub(r'[\r\n"]', lambda match: f"%{ord(match[0]):02X}", text)


def decoded(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Read the names and texts of a form; of what is none, nothing."""
    match media_type_of(content_type):
        case "application/x-www-form-urlencoded":
            return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        case "multipart/form-data":
            return [*parts(content_type, body)]
    return []


def parts(content_type: str, body: bytes) -> Iterable[tuple[str, str]]:
    """Yield the names and texts of a form's parts."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = message_from_bytes(head + body)
    for part in message.get_payload() if message.is_multipart() else ():
        if isinstance(part, str):
            continue
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            content = part.get_payload(decode=True)
            yield name, content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
