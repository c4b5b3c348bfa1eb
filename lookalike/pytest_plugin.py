"""Fixtures for tests of two servers that should answer alike.

    def test_todos(lookalike_client):
        todo = lookalike_client.request("POST", "/todos", json={"title": "Buy milk"}, learn=True)
        assert todo.status == 201

With `learn`, the request is sent twice, so that ids which each server counts are known as its own.

The servers are named on the command line (`--lookalike-old`, `--lookalike-new`), in a
`lookalike.toml` (`--lookalike-config`), or by fixtures of the same names as here, in a conftest.py:

    @pytest.fixture(scope="session")
    def lookalike_old():
        return Target.of("shop.wsgi:application")
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # pytest imports this module in every run, so that it imports little
    from lookalike.actors import Actor
    from lookalike.client import DifferentialClient
    from lookalike.config import Settings
    from lookalike.evidence import Evidence
    from lookalike.openapi import Contract
    from lookalike.targets import Target

OPTIONS = {
    "old": "the old server: a URL, or an import path such as shop.wsgi:application",
    "new": "the new server",
    "twin-of-old": "a second instance of the old server: how it differs from the old one is noise",
    "openapi": "the OpenAPI file: a path or a URL",
    "config": "a lookalike.toml",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add options, none of which is anybody else's."""
    group = parser.getgroup("lookalike", "two servers, compared")
    for name, text in OPTIONS.items():
        group.addoption(f"--lookalike-{name}", metavar=name.upper(), help=text)
    group.addoption(
        "--lookalike-write-to",
        action="append",
        default=[],
        metavar="HOST",
        help="a host besides this machine that may be sent more than GET, HEAD and OPTIONS",
    )


@pytest.fixture(scope="session")
def lookalike_settings(pytestconfig: pytest.Config) -> "Settings":
    """Return what the options and the configuration file say."""
    from lookalike.config import ConfigError, Settings, read

    config = pytestconfig.getoption("--lookalike-config")
    try:
        settings = read(Path(config)) if config else Settings()
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    for side in ("old", "new"):
        if url := pytestconfig.getoption(f"--lookalike-{side}"):
            settings = replace(settings, **{side: replace(getattr(settings, side), url=url)})
    hosts = (*settings.write_to, *pytestconfig.getoption("--lookalike-write-to"))
    return replace(
        settings,
        twin_of_old=pytestconfig.getoption("--lookalike-twin-of-old") or settings.twin_of_old,
        openapi=pytestconfig.getoption("--lookalike-openapi") or settings.openapi,
        write_to=hosts,
    )


@pytest.fixture(scope="session")
def lookalike_old(lookalike_settings: "Settings") -> "Iterator[Target]":
    """Return the old server."""
    yield from _target("old", lookalike_settings.old.url, lookalike_settings)


@pytest.fixture(scope="session")
def lookalike_new(lookalike_settings: "Settings") -> "Iterator[Target]":
    """Return the new server."""
    yield from _target("new", lookalike_settings.new.url, lookalike_settings)


@pytest.fixture(scope="session")
def lookalike_twin(lookalike_settings: "Settings") -> "Iterator[Target | None]":
    """Return a second instance of the old server, if there is one."""
    if lookalike_settings.twin_of_old:
        yield from _target("old", lookalike_settings.twin_of_old, lookalike_settings)
    else:
        yield None


@pytest.fixture(scope="session")
def lookalike_contract(lookalike_settings: "Settings") -> "Contract | None":
    """Return the OpenAPI file, if one is named."""
    from lookalike import discovery
    from lookalike.openapi import ContractError
    from lookalike.targets import tls_context

    settings = lookalike_settings
    if not settings.openapi:
        return None
    context = tls_context(settings.old.ca or None, insecure=settings.old.insecure)
    try:
        return discovery.read(settings.openapi, context, settings.timeout)
    except ContractError as error:
        raise pytest.UsageError(f"{settings.openapi}: {error}") from None


@pytest.fixture(scope="session")
def lookalike_actors(lookalike_settings: "Settings") -> "Sequence[Actor]":
    """Return the actors of the configuration file, who sign in when they first ask."""
    from lookalike.job import new_salt

    salt = new_salt()
    return [actor.renewed(salt) for actor in lookalike_settings.actors]


@pytest.fixture(scope="session")
def lookalike_evidence() -> "Evidence":
    """Return what all tests learn of the servers."""
    from lookalike.evidence import Evidence

    return Evidence()


@pytest.fixture
def lookalike_client(  # noqa: PLR0913, PLR0917 - each part can be replaced
    lookalike_settings: "Settings",
    lookalike_old: "Target",
    lookalike_new: "Target",
    lookalike_twin: "Target | None",
    lookalike_contract: "Contract | None",
    lookalike_actors: "Sequence[Actor]",
    lookalike_evidence: "Evidence",
) -> "DifferentialClient":
    """Return a client of both servers, which knows no value of theirs yet."""
    from lookalike.client import DifferentialClient
    from lookalike.limits import LimitedTarget, Limits

    limits = Limits(write_to=lookalike_settings.write_to, failures=sys.maxsize)
    return DifferentialClient(
        LimitedTarget(lookalike_old, limits),
        LimitedTarget(lookalike_new, limits),
        lookalike_evidence,
        LimitedTarget(lookalike_twin, limits) if lookalike_twin else None,
        actors=lookalike_actors,
        contract=lookalike_contract,
    )


def _target(side: str, url: str, settings: "Settings") -> "Iterator[Target]":
    from lookalike.config import ConfigError
    from lookalike.job import over_network
    from lookalike.targets import IMPORT_PATH, AddressError, Target

    if not url:
        raise pytest.UsageError(
            f"no {side} server: name it with --lookalike-{side},"
            f" or write a fixture lookalike_{side}"
        )
    server = getattr(settings, side)
    try:
        if IMPORT_PATH.fullmatch(url):
            target = Target.of(url, fields=server.headers)
        else:
            target = over_network(replace(server, url=url), settings)
    except (AddressError, ConfigError) as error:
        raise pytest.UsageError(str(error)) from None
    with closing(target):
        yield target
