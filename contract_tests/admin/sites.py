"""How either twin's admin site is used: the same abilities, by pages of their own."""

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import httpx

from contract_tests.admin.forms import form_with, read, send, submit

SECONDS = 30  # a bound against hangs
STAFF = ("sam", "sam-demo-password")


@dataclass(frozen=True)
class Site:
    """An admin site at an address."""

    base_url: str
    database: Path

    tables: ClassVar[Mapping[str, str]]  # where each table's list is
    inactive: ClassVar[str]  # the filter of products that aren't active

    @contextmanager
    def browser(self, *credentials: str) -> Iterator[httpx.Client]:
        """Open a browser's window, and log in on the pages."""
        with httpx.Client(base_url=self.base_url, timeout=SECONDS) as browser:
            if credentials:
                username, password = credentials
                entered = submit(
                    browser, "/login", "password", username=username, password=password
                )
                assert entered.status_code == 303
            yield browser

    def listing(self, table: str, search: str = "") -> str:
        """Return the address of a list."""
        raise NotImplementedError

    def rows(self, browser: httpx.Client, table: str, query: str = "") -> list[dict[str, str]]:
        """Export a list as CSV."""
        raise NotImplementedError

    def act(self, browser: httpx.Client, table: str, name: str, *ids: str) -> None:
        """Do something to some rows: `activate`, `deactivate` or `delete`."""
        raise NotImplementedError

    def add(self, table: str) -> str:
        """Return the address of the form for a new row."""
        raise NotImplementedError

    def edit(self, table: str, key: str) -> str:
        """Return the address of a row."""
        raise NotImplementedError

    def move(self, browser: httpx.Client, key: str, **values: str) -> httpx.Response:
        """Move a product's stock by the form beside its history."""
        raise NotImplementedError

    def errors(self, page: httpx.Response) -> list[str]:
        """Return the fields that have errors beside them."""
        raise NotImplementedError


class FlaskSite(Site):
    """Flask-Admin's."""

    tables: ClassVar = {
        "users": "/admin/users/",
        "tokens": "/admin/tokens/",
        "products": "/admin/products/",
        "movements": "/admin/stock-adjustments/",
        "todos": "/admin/todos/",
        "keys": "/admin/idempotency-keys/",
    }
    inactive = "flt0_active_equals=0"

    def listing(self, table: str, search: str = "") -> str:
        return f"{self.tables[table]}?search={search}"

    def rows(self, browser: httpx.Client, table: str, query: str = "") -> list[dict[str, str]]:
        query = query.replace("q=", "search=")
        return parsed(browser.get(f"{self.tables[table]}export/csv/?{query}"))

    def act(self, browser: httpx.Client, table: str, name: str, *ids: str) -> None:
        page = browser.get(self.tables[table])
        form = form_with(page, "action")
        answer = send(browser, page, form, {"action": name, "rowid": [*ids]})
        assert answer.status_code == 302

    def add(self, table: str) -> str:
        return f"{self.tables[table]}new/"

    def edit(self, table: str, key: str) -> str:
        view = "details" if table == "todos" else "edit"
        return f"{self.tables[table]}{view}/?id={key}"

    def move(self, browser: httpx.Client, key: str, **values: str) -> httpx.Response:
        return submit(browser, self.edit("products", key), "delta", **values)

    def errors(self, page: httpx.Response) -> list[str]:
        groups = re.findall(r'<label for="(\w+)"(.*?)(?=<label|</fieldset>)', page.text, re.DOTALL)
        return [name for name, group in groups if "<li>" in group]


class DjangoSite(Site):
    """Django's."""

    tables: ClassVar = {
        "users": "/admin/accounts/user/",
        "tokens": "/admin/accounts/token/",
        "products": "/admin/products/product/",
        "movements": "/admin/products/stockadjustment/",
        "todos": "/admin/todos/todo/",
        "keys": "/admin/contract/idempotencykey/",
    }
    inactive = "active__exact=0"

    def listing(self, table: str, search: str = "") -> str:
        return f"{self.tables[table]}?q={search}"

    def rows(self, browser: httpx.Client, table: str, query: str = "") -> list[dict[str, str]]:
        page = browser.get(f"{self.tables[table]}?{query}")
        chosen = read(page).boxes.get("_selected_action", [])
        if not chosen:
            return []
        values = {"action": "export_csv", "select_across": "1", "_selected_action": chosen}
        return parsed(send(browser, page, form_with(page, "action"), values))

    def act(self, browser: httpx.Client, table: str, name: str, *ids: str) -> None:
        page = browser.get(self.tables[table])
        values: dict[str, Any] = {"action": name, "_selected_action": [*ids]}
        if name == "delete":
            values |= {"action": "delete_selected", "post": "yes"}
        assert send(browser, page, form_with(page, "action"), values).status_code == 302

    def add(self, table: str) -> str:
        return f"{self.tables[table]}add/"

    def edit(self, table: str, key: str) -> str:
        return f"{self.tables[table]}{key}/change/"

    def move(self, browser: httpx.Client, key: str, **values: str) -> httpx.Response:
        page = browser.get(self.edit("products", key))
        form = form_with(page, "sku")
        place = form.fields["stock_adjustments-INITIAL_FORMS"]
        named = {f"stock_adjustments-{place}-{name}": text for name, text in values.items()}
        return send(browser, page, form, named)

    def errors(self, page: httpx.Response) -> list[str]:
        rows = re.findall(
            r'<ul class="errorlist" id="id_([\w-]+)_error">.*?</ul>', page.text, re.DOTALL
        )
        return [name.rpartition("-")[2] for name in rows]


def parsed(answer: httpx.Response) -> list[dict[str, str]]:
    """Read an export; its columns are called as the models' fields."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    return [
        {name.lower().replace(" ", "_"): value for name, value in row.items()}
        for row in csv.DictReader(StringIO(answer.text, newline=""))
    ]


def text_of(page: httpx.Response) -> str:
    """Return what can be read on a page, with single spaces."""
    body = re.sub(r"<(script|head)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
