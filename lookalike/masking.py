"""What nobody but its owner should read is masked in all that is printed or saved."""

import base64
import html
import json
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from lookalike.http import Answer, Fields, Outcome, Request
from lookalike.targets import Target, Wrapper
from lookalike.values import looks_made

MASK = "***"
SECRET_NAMES = re.compile(
    r"passw|passphrase|^pass$|secret|credential|api[-_]?key"
    r"|^((access|refresh|id|auth|session|bearer|csrf)[-_]?)?token$",
    re.IGNORECASE,
)
SECRET_FIELDS = re.compile(
    r"(proxy-)?authorization|(set-)?cookie|.*(token|secret|api-?key)", re.IGNORECASE
)
SCHEMES = {"basic", "bearer", "digest", "negotiate", "token"}
MIN_NOTED = 4  # characters; generated credentials may be shorter, and would mask half a report
MIN_INSIDE = 8  # characters of a secret that is masked inside longer words, too


class Secrets:
    """Texts to be masked, in whatever form they are written: plain, JSON, HTML, or in a URL."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()
        self.add(*texts)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._texts))

    def add(self, *texts: str) -> None:
        """Mask these texts from now on."""
        with self._lock:
            new = {text for text in texts if text} - self._texts
            if new:
                self._texts |= new
                self._pattern = None

    def add_field(self, name: str, value: str) -> None:
        """Mask the secret of a header field, if it is one that holds secrets."""
        lowered = name.lower()
        if not SECRET_FIELDS.fullmatch(lowered):
            return
        if lowered in {"cookie", "set-cookie"}:
            pairs = value.split(";") if lowered == "cookie" else [value.partition(";")[0]]
            self.add(*(pair.partition("=")[2].strip(' "') for pair in pairs))
        elif lowered.endswith("authorization"):
            scheme, _, credentials = value.partition(" ")
            lowered_scheme = scheme.lower()
            if not credentials and lowered_scheme not in SCHEMES:
                self.add(scheme)  # a token without a scheme
            self.add(credentials.strip())
            if lowered_scheme == "basic":
                self.add(password_of(credentials))
        else:
            self.add(value)

    def add_basic(self, user: str, password: str) -> str:
        """Mask a password; return the value of the header field (RFC 7617, section 2)."""
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.add(password, encoded)
        return f"Basic {encoded}"

    def add_url(self, url: str) -> None:
        """Mask the password of a URL's userinfo (RFC 3986, section 3.2.1)."""
        with suppress(ValueError):  # no URL: it will be said when the server is reached
            self.add(urlsplit(url if "://" in url else f"//{url}").password or "")

    def note(self, request: Request, outcome: Outcome) -> None:
        """Mask the credentials of a request and of its answer."""
        found = Secrets()
        fields: Fields = request.fields
        if isinstance(outcome, Answer):
            fields += outcome.fields
            if outcome.is_json:
                found.add(*tokens_of(outcome.body))
        for name, value in fields:
            found.add_field(name, value)
        self.add(*(text for text in found if len(text) >= MIN_NOTED))

    def masked(self, text: str) -> str:
        """Return a text with each secret masked."""
        with self._lock:
            if self._pattern is None and self._texts:
                self._pattern = pattern_of(self._texts)
            pattern = self._pattern
        return pattern.sub(MASK, text) if pattern else text


class Watched(Wrapper):
    """A server whose secrets are noted as they come, before anything can be said of them."""

    def __init__(self, target: Target, secrets: Secrets) -> None:
        super().__init__(target)
        self._secrets = secrets

    def send(self, request: Request) -> Outcome:
        """Send a request."""
        outcome = super().send(request)
        self._secrets.note(request, outcome)
        return outcome


def pattern_of(texts: Iterable[str]) -> re.Pattern[str]:
    """Build what finds secrets, the longest first; short ones only as whole words."""
    forms: set[str] = set()
    for text in texts:
        written = {
            text,
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            html.escape(text),
            quote(text, safe=""),
            quote_plus(text),
        }
        for form in written:
            escaped = re.escape(form)
            forms.add(escaped if len(text) >= MIN_INSIDE else rf"(?<!\w){escaped}(?!\w)")
    return re.compile("|".join(sorted(forms, key=len, reverse=True)))


def password_of(credentials: str) -> str:
    """Return the password inside credentials of the Basic scheme, or nothing."""
    try:
        return base64.b64decode(credentials).decode().partition(":")[2]
    except ValueError:
        return ""


def tokens_of(body: bytes) -> list[str]:
    """Return the random texts in a JSON body whose members' names say that they are secret."""
    found: list[str] = []

    def visit(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                visit(key, inner)
        elif isinstance(value, list):
            for inner in value:
                visit(name, inner)
        elif isinstance(value, str) and SECRET_NAMES.search(name) and looks_made(value):
            found.append(value)

    try:
        visit("", json.loads(body))
    except (ValueError, RecursionError):
        return []
    return found
