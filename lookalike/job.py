"""From settings to servers that answer, their OpenAPI file, and actors who are signed in."""

import logging
import subprocess
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lookalike import discovery, har, locating, preflight
from lookalike.actors import Actor
from lookalike.calls import Call
from lookalike.config import ConfigError, Reader, Server, Settings
from lookalike.har import RecordingError
from lookalike.limits import LimitedTarget, Limits
from lookalike.login import Recipe
from lookalike.masking import Watched
from lookalike.openapi import Contract, ContractError
from lookalike.preflight import PreflightError, SharedDatabaseError
from lookalike.stories import Saved
from lookalike.suggestion import suggest
from lookalike.targets import (
    IMPORT_PATH,
    AddressError,
    HttpTarget,
    Target,
    environment_proxies,
    is_loopback,
    tls_context,
)

NEWCOMERS = ("me", "other")  # actors where none is configured
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
    recordings: Sequence[Sequence[Call]] = ()
    imported: Mapping[str, str] = field(default_factory=dict)  # import paths of applications

    @property
    def addresses(self) -> dict[str, str]:
        """By what each of the two servers can be reached again."""
        return {
            side: self.imported.get(side, target.base_url)
            for side, target in self.targets.items()
            if side != "twin"
        }

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
    names = NAMES if "new" in sides else {"old": "the server"}
    for side, server in servers.items():
        if not server.url:
            raise ConfigError(
                f"{names[side]} has no address: name it on the command line, or in lookalike.toml"
            )
    targets = {side: target_of(server, settings) for side, server in servers.items()}
    for side, server in servers.items():
        if side != "old" and preflight.is_same(servers["old"].url, server.url):
            raise PreflightError(f"OLD and {NAMES[side]} are one server: {server.url}")
    for side, target in targets.items():
        stack.enter_context(closing(target))
        preflight.reach(names[side], target)
    notes = [*proxies(targets)]
    contract, file = contract_of_either(settings, targets, notes)
    targets = {side: located(each, names[side], contract, notes) for side, each in targets.items()}
    narrowed = contract.narrowed(settings.include, settings.exclude)
    imported = {side: each.url for side, each in servers.items() if IMPORT_PATH.fullmatch(each.url)}
    job = Job(
        narrowed,
        file,
        targets,
        notes=notes,
        command=settings.reset,
        imported=imported,
    )
    job.reset()
    job.recordings = [recorded(path, narrowed, settings) for path in settings.har]
    sign_in(settings, job, contract, {names[side]: each for side, each in targets.items()})
    return job


def located(target: Target, name: str, contract: Contract, notes: list[str]) -> Target:
    """Return a server where its API is, as its paths end; note what isn't as the file has it."""
    found, is_guessed = locating.below(target, discovery.base_path(contract), contract)
    if is_guessed:
        notes.append(
            f"{name} has nothing of the file at {target.base_url}, but at {found.base_url}: it is"
            " asked there."
        )
    found.ending, answer = locating.ending(found, contract)
    if found.ending is not None:
        notes.append(
            f"{name} answers {answer}: it is asked by its own spelling, and how that differs from"
            " the file's is looked at once."
        )
    return found


def recorded(path: str, contract: Contract, settings: Settings) -> Sequence[Call]:
    """Read a recording; whoever asked there is asked for by the actors, in their order."""
    actors = [actor.name for actor in settings.actors] or NEWCOMERS
    try:
        found = har.read(contract, Path(path).read_text("utf-8"), actors)
    except (RecordingError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    if not found.calls:
        raise ConfigError(f"{path}: no request in it is of an operation of the file")
    return found.calls


def resume(settings: Settings, saved: Saved, stack: ExitStack) -> Job:
    """Reach the servers of a saved story, or others, and find its actors."""
    limits = Limits(write_to=settings.write_to)
    targets: dict[str, Target] = {}
    told = contract_of_story(saved)
    for side in ("old", "new"):
        server: Server = getattr(settings, side)
        url = server.url or saved.servers.get(side, "")
        target = target_of(replace(server, url=url), settings)
        stack.enter_context(closing(target))
        preflight.reach(NAMES[side], target)
        if IMPORT_PATH.fullmatch(url):  # has no path of its own
            contract = contract_of(settings, target, saved.openapi)[0]
            target, _ = locating.below(target, discovery.base_path(contract), contract)
        target.ending, _ = locating.ending(target, told)
        targets[side] = LimitedTarget(target, limits)
    job = Job(told, saved.openapi, targets, command=settings.reset)
    job.reset()
    salt = new_salt()
    job.actors = [actor.renewed(salt) for actor in settings.actors]
    if not job.actors and any(call.actor for call in saved.calls):
        recipe = registering(contract_of(settings, targets["old"], saved.openapi)[0])
        job.actors = [Actor(name, recipe, salt) for name in NEWCOMERS] if recipe else []
    return job


def contract_of_story(saved: Saved) -> Contract:
    """Return as much of the file as a story knows."""
    paths: dict[str, dict[str, Any]] = {}
    for call in saved.calls:
        parameters = [
            {"in": "path", "name": name, "example": value} for name, value in call.path.items()
        ]
        operation = {"parameters": parameters}
        paths.setdefault(call.operation.path, {})[call.operation.method.lower()] = operation
    return Contract({"openapi": "3.1.0", "paths": paths})


def new_salt() -> str:
    """Return a text that no earlier run had: what that one registered is taken."""
    return f"{time.time_ns() // 10**6 % 10**10:x}"


def sign_in(settings: Settings, job: Job, whole: Contract, named: Mapping[str, Target]) -> None:
    """Sign in the actors of the settings, or of the whole file, where that shows how."""
    limits = Limits(is_reading_only=settings.read_only, write_to=settings.write_to)
    may_write = all(map(limits.may_write, job.targets.values()))
    salt = new_salt()
    job.actors = [actor.renewed(salt) for actor in settings.actors]
    if job.actors or not may_write:
        preflight.sign_in(named, job.actors, job.contract, may_write=may_write)
    else:
        job.actors = newcomers(named, job, settings, registering(whole), salt)
    try:
        preflight.succeed(named, job.actors, job.contract, job.notes.append, may_write=may_write)
    except PreflightError as error:
        raise PreflightError("\n".join([*job.notes, str(error)])) from None


def newcomers(
    targets: Mapping[str, Target], job: Job, settings: Settings, recipe: Recipe | None, salt: str
) -> list[Actor]:
    """Return two new users, where there is a recipe by which anybody registers and signs in.

    Two, as what one user may do with what is another's is worth comparing.
    """
    fields = {name.lower() for each in (settings.old, settings.new) for name, _ in each.headers}
    if recipe is None or "authorization" in fields:
        return []
    # What they do by themselves is no secret, and their tokens are noted as they come.
    actors = [Actor(name, recipe, salt) for name in NEWCOMERS]
    try:
        preflight.sign_in(targets, actors, job.contract, may_write=True)
    except SharedDatabaseError:
        raise
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


def registering(contract: Contract) -> Recipe | None:
    """Return a recipe by which anybody registers and signs in, if the file shows one."""
    lines = suggest(contract)
    if "{fresh}" not in lines:
        return None
    return Reader(Path(), {}).settings(tomllib.loads(lines)).actors[0].recipe


def proxies(targets: Mapping[str, Target]) -> Iterator[str]:
    """Yield a note where the environment sends requests elsewhere."""
    found = environment_proxies()
    if found and not all(is_loopback(getattr(each, "host", "")) for each in targets.values()):
        yield f"Requests go through a proxy, as the environment says: {', '.join(found.values())}."


def target_of(server: Server, settings: Settings) -> Target:
    """Return what a URL or an import path stands for."""
    is_imported = IMPORT_PATH.fullmatch(server.url)
    target = application(server) if is_imported else over_network(server, settings)
    return Watched(target, settings.secrets)


def over_network(server: Server, settings: Settings) -> Target:
    """Return what a URL stands for; a user and password in it are Basic credentials."""
    fields, url = server.headers, server.url
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigError(f"{url!r} is no URL: {error}") from None
    if parts.username is not None:
        url = url.replace(f"{parts.netloc.rpartition('@')[0]}@", "", 1)
        user, password = unquote(parts.username), unquote(parts.password or "")
        fields = (*fields, ("Authorization", settings.secrets.add_basic(user, password)))
    try:
        context = tls_context(server.ca or None, insecure=server.insecure)
        return HttpTarget(url, fields=fields, timeout=settings.timeout, context=context)
    except AddressError as error:
        raise ConfigError(str(error)) from None
    except OSError as error:
        raise ConfigError(f"--ca {server.ca}: {error.strerror or error}") from None


def application(server: Server) -> Target:
    """Import a WSGI or ASGI application."""
    logging.disable()  # what an application says of errors is not what is asked here
    try:
        return Target.of(server.url, fields=server.headers)
    except AddressError as error:
        raise ConfigError(str(error)) from None


def contract_of(settings: Settings, old: Target, known: str = "") -> tuple[Contract, str]:
    """Return the OpenAPI file, and where it is."""
    source = settings.openapi or known
    if source and not source.startswith(f"{old.base_url}/"):
        context = tls_context(settings.old.ca or None, insecure=settings.old.insecure)
        try:
            return discovery.read(source, context, settings.timeout), source
        except ContractError as error:
            raise ConfigError(f"{source}: {error}") from None
    try:
        return found_on(old, settings.old, settings)
    except ContractError as error:
        raise ConfigError(f"{error}; name it with --openapi FILE or URL") from None


def contract_of_either(
    settings: Settings, targets: Mapping[str, Target], notes: list[str]
) -> tuple[Contract, str]:
    """Return the OpenAPI file of the old server, or else the new one's, with a note.

    A rewrite often has the first file: Flask serves none, FastAPI does by itself.
    """
    try:
        return contract_of(settings, targets["old"])
    except ConfigError:
        if settings.openapi or "new" not in targets:
            raise
        try:
            contract, file = found_on(targets["new"], settings.new, settings)
        except ContractError:
            pass
        else:
            notes.append(f"OLD serves no OpenAPI 3 file at the usual places, NEW does: {file}.")
            return contract, file
        raise


def found_on(target: Target, server: Server, settings: Settings) -> tuple[Contract, str]:
    """Look for the file on a server, and at the root of its host; raise a ContractError."""
    there = urlsplit(target.base_url)
    if not there.path:
        return discovery.find(target)
    root = f"{there.scheme}://{there.netloc}"
    with closing(over_network(replace(server, url=root), settings)) as origin:
        return discovery.find(target, origin)
