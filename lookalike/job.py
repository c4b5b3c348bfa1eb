"""From settings to servers that answer, their OpenAPI file, and actors who are signed in."""

import importlib
import logging
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lookalike import discovery, preflight
from lookalike.actors import Actor
from lookalike.config import ConfigError, Reader, Server, Settings
from lookalike.openapi import Contract, ContractError
from lookalike.preflight import PreflightError
from lookalike.suggestion import suggest
from lookalike.targets import (
    AddressError,
    HttpTarget,
    Target,
    WsgiTarget,
    environment_proxies,
    is_loopback,
    tls_context,
)

IMPORT_PATH = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)(\(\))?")
NAMES = {"old": "OLD", "new": "NEW", "twin": "TWIN"}


@dataclass
class Job:
    """What has passed the preflight."""

    contract: Contract
    file: str  # where it is
    targets: Mapping[str, Target]  # by "old", "new" and "twin", of those that there are
    actors: Sequence[Actor] = ()
    notes: list[str] = field(default_factory=list)
    command: str = ""  # that empties all servers

    def reset(self) -> None:
        """Empty the servers, where there is a command for it; nobody is signed in then."""
        if self.command:
            run(self.command)
            for actor in self.actors:
                actor.forget()


def run(command: str) -> None:
    """Run a command of the user's in the system's shell, and see that it succeeds."""
    done = subprocess.run(  # noqa: S602 - which may use a shell's means
        command, shell=True, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise ConfigError(f"the reset command ended with status {done.returncode}: {said}")


def prepare(settings: Settings, sides: Sequence[str], stack: ExitStack) -> Job:
    """Reach the servers, find and read the file, and sign actors in; raise on the first failure."""
    servers = {side: getattr(settings, side) for side in sides}
    if settings.twin_of_old and "new" in sides:
        servers["twin"] = Server(
            settings.twin_of_old, settings.old.headers, settings.old.ca, settings.old.insecure
        )
    for side, server in servers.items():
        if not server.url:
            raise ConfigError(
                f"{NAMES[side]} has no address: name it on the command line, or in lookalike.toml"
            )
    for side, server in servers.items():
        if side != "old" and preflight.is_same(servers["old"].url, server.url):
            raise PreflightError(f"OLD and {NAMES[side]} are one server: {server.url}")
    targets = {side: target_of(server, settings) for side, server in servers.items()}
    for side, target in targets.items():
        stack.enter_context(closing(target))
        preflight.reach(NAMES[side], target)
    contract, file = contract_of(settings, targets["old"])
    path = discovery.base_path(contract)
    targets = {side: preflight.below(each, path, contract) for side, each in targets.items()}
    contract = contract.narrowed(settings.include, settings.exclude)
    job = Job(contract, file, targets, notes=[*proxies(targets)], command=settings.reset)
    job.reset()
    sign_in(settings, job)
    return job


def sign_in(settings: Settings, job: Job) -> None:
    """Sign in the actors of the settings, or of the file, where that shows how."""
    closed = [name for name, each in job.targets.items() if not may_write(each, settings)]
    named = {NAMES[side]: target for side, target in job.targets.items()}
    salt = f"{time.time_ns() // 10**6 % 10**10:x}"  # what earlier runs registered is taken
    job.actors = [actor.renewed(salt) for actor in settings.actors]
    if job.actors or closed:
        preflight.sign_in(named, job.actors, job.contract, may_write=not closed)
    else:
        job.actors = newcomers(named, job, settings, salt)
    preflight.succeed(named, job.actors, job.contract, job.notes.append)


def newcomers(
    targets: Mapping[str, Target], job: Job, settings: Settings, salt: str
) -> list[Actor]:
    """Return two new users, where the file shows how anybody registers and signs in.

    Two, as what one user may do with what is another's is worth comparing.
    """
    lines = suggest(job.contract)
    fields = {name.lower() for each in (settings.old, settings.new) for name, _ in each.headers}
    if "{fresh}" not in lines or "authorization" in fields:
        return []
    recipe = Reader(Path(), {}).settings(tomllib.loads(lines)).actors[0].recipe
    actors = [Actor(name, recipe, salt, settings.secrets) for name in ("me", "other")]
    try:
        preflight.sign_in(targets, actors, job.contract, may_write=True)
    except PreflightError as error:
        job.notes.append(f"Requests go without credentials, as no actor is known, and {error}.")
        return []
    steps = (recipe.register, recipe.login)
    taken = " and ".join(each.request for each in steps if each is not None)
    job.notes.append(
        f"No actor is configured, so two new users signed in by {taken}; to choose who does,"
        " write [actors] in lookalike.toml."
    )
    return actors


def may_write(target: Target, settings: Settings) -> bool:
    """Tell whether a server may be sent more than reading requests."""
    host = str(getattr(target, "host", ""))
    return not settings.read_only and (host in settings.write_to or is_loopback(host))


def proxies(targets: Mapping[str, Target]) -> Iterator[str]:
    """Yield a note where the environment sends requests elsewhere."""
    found = environment_proxies()
    if found and not all(is_loopback(getattr(each, "host", "")) for each in targets.values()):
        yield f"Requests go through a proxy, as the environment says: {', '.join(found.values())}."


def target_of(server: Server, settings: Settings) -> Target:
    """Return what a URL or an import path stands for."""
    if match := IMPORT_PATH.fullmatch(server.url):
        return application(match, server)
    try:
        return HttpTarget(
            server.url,
            fields=server.headers,
            timeout=settings.timeout,
            context=tls_context(server.ca or None, insecure=server.insecure),
        )
    except AddressError as error:
        raise ConfigError(str(error)) from None
    except OSError as error:
        raise ConfigError(f"--ca {server.ca}: {error}") from None


def application(match: re.Match[str], server: Server) -> Target:
    """Import a WSGI application, from the folder where the command runs, too."""
    module, names, is_factory = match.groups()
    logging.disable()  # what an application says of errors is not what is asked here
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found: Any = importlib.import_module(module)
        for name in names.split("."):
            found = getattr(found, name)
        return WsgiTarget(found() if is_factory else found, fields=server.headers)
    except Exception as error:  # noqa: BLE001 - whatever a module raises as it is imported
        raise ConfigError(
            f"{server.url} can't be imported: {type(error).__name__}: {error}"
        ) from None


def contract_of(settings: Settings, old: Target) -> tuple[Contract, str]:
    """Return the OpenAPI file, and where it is."""
    if settings.openapi:
        context = tls_context(settings.old.ca or None, insecure=settings.old.insecure)
        try:
            return discovery.read(settings.openapi, context, settings.timeout), settings.openapi
        except ContractError as error:
            raise ConfigError(f"{settings.openapi}: {error}") from None
    try:
        return discovery.find(old)
    except ContractError as error:
        raise ConfigError(f"{error}; name it with --openapi FILE or URL") from None
