"""The plain pair: both programs do what an API of todos and products is for, and end cleanly."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from openapi_spec_validator import validate

from comparison.plain.rows import PRODUCTS
from comparison.source import ROOT

FOLDER = ROOT / "comparison" / "plain"
PROGRAMS = ("flask", "django")
ALICE = ("alice", "alice-demo-password")
BOB = ("bob", "bob-demo-password")
PRODUCT = {"sku": "CUP", "name": "Cup", "price": 3.5, "categories": [1]}


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "comparison.plain", *arguments],
        cwd=ROOT,
        env={"TMPDIR": str(folder), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run both, and expect that a signal ends them and that nothing is left."""
    folder = tmp_path_factory.mktemp("plain")
    with started(folder, "--flask-port", "0", "--django-port", "0") as process:
        assert process.stdout
        yield dict(process.stdout.readline().strip().split(": ") for _ in PROGRAMS)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")
    assert not [*folder.iterdir()]


@pytest.fixture(params=PROGRAMS)
def api(request: pytest.FixtureRequest, urls: dict[str, str]) -> Iterator["Api"]:
    with httpx.Client(base_url=urls[request.param]) as client:
        yield Api(client, "/" if request.param == "django" else "")


class Api:
    """Sends requests to one of the two, each with the paths that it has."""

    def __init__(self, client: httpx.Client, slash: str) -> None:
        self.client = client
        self.slash = slash

    def __call__(self, line: str, status: int, **arguments: object) -> object:
        method, path = line.split(" ", 1)
        path, mark, query = path.partition("?")
        response = self.client.request(
            method,
            f"{path}{self.slash}{mark}{query}",
            **arguments,  # type: ignore[arg-type]
        )
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def listed(self, line: str, **arguments: object) -> list[dict[str, object]]:
        """Return the rows of a page, whatever the framework calls them."""
        page = self(line, 200, **arguments)
        assert isinstance(page, dict)
        rows: list[dict[str, object]] = page.get("items") or page.get("results") or []
        return rows


def test_products_are_created_read_changed_and_deleted(api: Api) -> None:
    made = api("POST /products", 201, json=PRODUCT)
    assert isinstance(made, dict)
    assert (made["name"], float(made["price"]), made["categories"]) == ("Cup", 3.5, [1])
    path = f"/products/{made['id']}"
    assert api(f"GET {path}", 200) == made
    assert api(f"PATCH {path}", 200, json={"stock": 7}) == {**made, "stock": 7}
    changed = api(f"PUT {path}", 200, json={**PRODUCT, "name": "Cup, white", "categories": []})
    assert changed == {**made, "stock": 7, "name": "Cup, white", "categories": []}
    api(f"DELETE {path}", 204)
    api(f"GET {path}", 404)


def test_products_are_listed_page_by_page_and_found(api: Api) -> None:
    first, second = api.listed("GET /products"), api.listed("GET /products?page=2")
    assert [each["sku"] for each in first + second] == [each["sku"] for each in PRODUCTS]
    assert len(first) == 10
    assert {each["sku"] for each in api.listed("GET /products?search=mug")} == {
        "MUG-RED",
        "MUG-BLUE",
    }
    assert len(api.listed("GET /products?category=1")) == 3
    assert [each["name"] for each in api.listed("GET /categories")] == ["kitchen", "garden"]


def test_todos_have_tags_and_items(api: Api) -> None:
    given = {"title": "Order", "tags": ["a", "b"], "items": [{"text": "one"}], "product": 1}
    made = api("POST /todos", 201, json=given, auth=ALICE)
    assert isinstance(made, dict)
    assert {name: made[name] for name in ("title", "tags", "product")} == {
        "title": "Order",
        "tags": ["a", "b"],
        "product": 1,
    }
    assert [(each["text"], each["done"]) for each in made["items"]] == [("one", False)]
    path = f"/todos/{made['id']}"
    changed = api(f"PATCH {path}", 200, json={"items": [{"text": "two", "done": True}]}, auth=ALICE)
    assert isinstance(changed, dict)
    assert [(each["text"], each["done"]) for each in changed["items"]] == [("two", True)]
    assert changed["tags"] == ["a", "b"]
    api(f"DELETE {path}", 204, auth=ALICE)


def test_todos_are_their_owners_alone(api: Api) -> None:
    mine = api.listed("GET /todos", auth=ALICE)
    assert [each["title"] for each in mine] == ["Restock the mugs"]
    for method in ("GET", "DELETE"):
        api(f"{method} /todos/{mine[0]['id']}", 404, auth=BOB)
    assert api.client.get(f"/todos{api.slash}").status_code in (401, 403)


def test_new_users_sign_in(api: Api) -> None:
    made = api("POST /users", 201, json={"username": "carol", "password": "a good password"})
    assert isinstance(made, dict)
    assert "password" not in made
    assert api.listed("GET /todos", auth=("carol", "a good password")) == []


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started(tmp_path, "--flask-port", "0", "--django-port", str(port)) as process:
            _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"django can't have port {port}" in errors
    assert "--django-port" in errors
    assert not [*tmp_path.iterdir()]


def test_help_names_the_options_and_their_variables() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "comparison.plain", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for word in ("--flask-port", "PLAIN_FLASK_PORT", "--django-port", "alice-demo-password"):
        assert word in said


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_can_be_read_in_ten_minutes(program: str) -> None:
    files = [*(FOLDER / f"{program}_plain").glob("*.py")]
    assert 0 < sum(len(path.read_text().splitlines()) for path in files) <= 400


def test_the_openapi_file_is_valid_and_names_the_paths_of_both() -> None:
    contract = yaml.safe_load((FOLDER / "openapi.yaml").read_text())
    validate(contract)
    routes = re.findall(r'"(/[a-z]+[^"]*)"', (FOLDER / "flask_plain" / "app.py").read_text())
    assert {re.sub(r"<int:\w+>", "{id}", each) for each in routes} == {*contract["paths"]}
