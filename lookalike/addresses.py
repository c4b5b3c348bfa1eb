"""Servers name themselves in links; what the new one says of itself is written as the old one's."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from lookalike.http import Answer, Outcome, Request

STRAY = "//the-old-server"  # what the new server calls the old one is no name of its own
AHEAD = r"(?=[/?#\"'\\<>\s;,)\]]|$)"  # what may follow an address in a text


class Renaming:
    """Writes one server's answers as if it were at the old server's address.

    `own` and `old` are base URLs. Where servers have different base paths, these are left out of
    links (`drops_path`), those without a host included. An answer in which the new server names
    the old one still differs.
    """

    def __init__(self, own: str, old: str, *, drops_path: bool = False) -> None:
        ours, theirs = urlsplit(own), urlsplit(old)
        self._names: list[tuple[re.Pattern[str], str]] = []
        if ours.netloc != theirs.netloc:
            self._name(f"//{theirs.netloc}", STRAY)
        if ours.path and drops_path:
            self._name(f"//{ours.netloc}{ours.path}", f"//{theirs.netloc}")
            relative = (
                rf"(?<=[\"'<]){re.escape(ours.path)}(?=[/?\"'>])|^{re.escape(ours.path)}(?=[/?]|$)"
            )
            self._names.append((re.compile(relative), ""))
        if ours.netloc != theirs.netloc:
            self._name(f"//{ours.netloc}", f"//{theirs.netloc}")

    def _name(self, own: str, old: str) -> None:
        for name, text in ((own, old), (escaped(own), escaped(old))):
            self._names.append((re.compile(re.escape(name) + AHEAD), text))

    def __call__(self, outcome: Outcome) -> Outcome:
        """Return an answer with its links written as the old server's."""
        if not isinstance(outcome, Answer) or not self._names:
            return outcome
        fields = tuple((name, self.text(value)) for name, value in outcome.fields)
        try:
            body = self.text(outcome.body.decode()).encode()
        except UnicodeDecodeError:
            body = outcome.body
        return replace(outcome, fields=fields, body=body)

    def text(self, text: str) -> str:
        """Rename in a text."""
        for pattern, name in self._names:
            text = pattern.sub(name.replace("\\", r"\\"), text)
        return text


def escaped(address: str) -> str:
    """Write an address as in JSON whose slashes are escaped."""
    return address.replace("/", r"\/")


def below(request: Request, base_url: str) -> Request:
    """Take the base path from a request for a link, which servers write with it."""
    path = urlsplit(base_url).path
    if path and re.match(rf"{re.escape(path)}(?=[/?]|$)", request.target):
        rest = request.target.removeprefix(path)
        return replace(request, target=rest if rest.startswith("/") else f"/{rest}")
    return request
