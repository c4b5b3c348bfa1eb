"""Finding a server's OpenAPI file, and where its paths begin."""

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from lookalike import discovery
from lookalike.config import ConfigError, Server, Settings
from lookalike.job import contract_of, over_network, prepare
from lookalike.openapi import Contract, ContractError
from lookalike.targets import WsgiTarget

FILE = {"openapi": "3.1.0", "info": {}, "paths": {"/todos": {"get": {}}}}
Pages = Mapping[str, tuple[str, str]]  # status and text, or place, by path


class Site:
    """Has pages."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        status, text = self.pages.get(environ["PATH_INFO"], ("404 Not Found", "nothing"))
        start(status, [("Location", text)] if status.startswith("3") else [])
        return [text.encode()]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(application: Any) -> Iterator[str]:
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    ("pages", "where"),
    [
        ({"/openapi.json": ("200 OK", json.dumps(FILE))}, "/openapi.json"),
        ({"/openapi.yaml": ("200 OK", "openapi: 3.0.3\npaths: {/: {get: {}}}")}, "/openapi.yaml"),
        ({"/v3/api-docs": ("200 OK", json.dumps(FILE))}, "/v3/api-docs"),
        (
            {
                "/api/schema/": ("301 Moved", "/files/schema"),
                "/files/schema": ("200 OK", json.dumps(FILE)),
            },
            "/api/schema/",
        ),
        (
            {
                "/docs": ("200 OK", "<script>SwaggerUIBundle({url: '/v7/openapi.json'})</script>"),
                "/v7/openapi.json": ("200 OK", json.dumps(FILE)),
            },
            "/v7/openapi.json",
        ),
        (
            {
                "/redoc": ("200 OK", '<redoc spec-url="my-spec.yaml"></redoc><a href="/spec.css">'),
                "/my-spec.yaml": ("200 OK", json.dumps(FILE)),
            },
            "/my-spec.yaml",
        ),
        (
            {
                "/openapi.json": ("200 OK", "<html>a page for every path</html>"),
                "/swagger.json": ("200 OK", json.dumps(FILE)),
            },
            "/swagger.json",
        ),
    ],
)
def test_the_usual_places(pages: Pages, where: str) -> None:
    contract, found = discovery.find(WsgiTarget(Site(pages)))
    assert found == f"http://localhost{where}"
    assert len(contract.operations) == 1


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ({}, "no OpenAPI file at the usual places (/openapi.json,"),
        (
            {"/swagger.json": ("200 OK", '{"swagger": "2.0"}')},
            "swagger.json is not an OpenAPI 3.0 or 3.1 file: its version is 2.0; convert it",
        ),
        ({"/openapi.json": ("302 Found", "/openapi.json")}, "no OpenAPI file"),
        ({"/openapi.json": ("302 Found", "http://elsewhere.test/openapi.json")}, "no OpenAPI file"),
    ],
)
def test_no_file_is_said(pages: Pages, said: str) -> None:
    with pytest.raises(ContractError) as error:
        discovery.find(WsgiTarget(Site(pages)))
    assert said in str(error.value)


def test_a_file_by_its_path_or_url(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(FILE))
    context = ssl.create_default_context()
    pages = {"/moved": ("302 Found", "/api?x=1"), "/api": ("200 OK", json.dumps(FILE))}
    with served(Site(pages)) as url:
        for source in (str(path), f"{url}/api", f"{url}/moved"):
            assert discovery.read(source, context, 10).raw == FILE
        with pytest.raises(ContractError, match="404"):
            discovery.read(f"{url}/other", context, 10)
    with pytest.raises(ContractError, match="refused"):
        discovery.read(f"{url}/api", context, 10)
    with pytest.raises(ContractError, match="no http"):
        discovery.read("ftp://example.test/api", context, 10)


@pytest.mark.parametrize(
    ("servers", "path"),
    [
        (None, ""),
        ([], ""),
        ([{"url": "/"}], ""),
        ([{"url": "/api/v1/"}], "/api/v1"),
        ([{"url": "api"}], "/api"),
        ([{"url": "https://example.com"}], ""),
        ([{"url": "https://example.com/api"}, {"url": "/other"}], "/api"),
        ([{"url": "{scheme}://x/{v}", "variables": {"v": {"default": "v2"}}}], ""),
        ([{"url": "https://x/{v}", "variables": {"v": {"default": "v2"}}}], "/v2"),
        ([{"url": "/{unknown}"}], ""),
        ("no list", ""),
    ],
)
def test_where_paths_begin(servers: Any, path: str) -> None:
    assert discovery.base_path(Contract({**FILE, "servers": servers})) == path


def test_the_root_is_looked_at_below_a_base_path() -> None:
    pages = {"/openapi.json": ("200 OK", json.dumps(FILE))}
    with served(Site(pages)) as url:
        settings = Settings(old=Server(f"{url}/api"))
        target = over_network(settings.old, settings)
        assert contract_of(settings, target)[1] == f"{url}/openapi.json"
        target.close()


def test_the_new_servers_file_is_taken_where_the_old_one_has_none() -> None:
    pages = {"/openapi.json": ("200 OK", json.dumps(FILE)), "/todos": ("200 OK", "[]")}
    with served(Site({"/todos": pages["/todos"]})) as old, served(Site(pages)) as new:
        settings = Settings(old=Server(old), new=Server(new))
        with ExitStack() as stack:
            job = prepare(settings, ("old", "new"), stack)
        assert job.file == f"{new}/openapi.json"
        assert job.notes[0] == (
            f"OLD serves no OpenAPI 3 file at the usual places, NEW does: {new}/openapi.json."
        )
        named = replace(settings, openapi=f"{new}/none.json")
        with ExitStack() as stack, pytest.raises(ConfigError, match="answered 404"):
            prepare(named, ("old", "new"), stack)
