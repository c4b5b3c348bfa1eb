"""A browser for the tests of the pages: it sends forms as they are shown, with their tokens."""

import re
from html import unescape
from typing import Any

from django.test import Client

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Browser(Client):
    """Django's client, which checks tokens as a server does and keeps the site's cookies."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(enforce_csrf_checks=True, SERVER_NAME="localhost", **defaults)

    def token(self, page: str) -> str:
        """Return the token of a page's forms."""
        found = TOKEN.search(self.get(page).content.decode())
        assert found, page
        return found[1]

    def submit(self, page: str, action: str = "", /, **fields: Any) -> Any:
        """Show a page and send its form, to another address if that is given."""
        return self.post(action or page, {"csrfmiddlewaretoken": self.token(page), **fields})

    def log_in(self, username: str, password: str = "", **fields: Any) -> Any:
        """Log in as one of the test's people."""
        password = password or f"{username}-password"
        return self.submit("/login", username=username, password=password, **fields)


def text(response: Any) -> str:
    """Return what a page says, as a reader sees it: without markup, each space one."""
    body = response.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def errors(response: Any) -> dict[str, list[str]]:
    """Return the errors beside each field; those above a form are under `""`."""
    body = response.content.decode()
    found = re.findall(r'<ul class="errors"(?: id="(\w+)-errors")?>(.*?)</ul>', body, re.DOTALL)
    return {
        name: [unescape(each) for each in re.findall(r"<li>(.*?)</li>", items, re.DOTALL)]
        for name, items in found
    }
