"""What all servers under test have in common."""

import importlib
import inspect
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from lookalike.endings import Ending
from lookalike.http import Fields, Outcome, Request

MAX_BODY = 20_000_000  # bytes of an answer
TIMEOUT = 30  # seconds for a whole answer
IMPORT_PATH = re.compile(r"(?:(wsgi|asgi):)?([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)(\(\))?")

Application = Callable[..., Any]


class AddressError(ValueError):
    """An address at which no server can be."""


class Target(ABC):
    """Whatever answers requests; any number of threads may use one."""

    base_url: str
    host: str
    is_in_process: bool = False  # so that nothing goes over a wire
    ending: Ending | None = None  # of its paths, where it isn't the file's

    @abstractmethod
    def send(self, request: Request) -> Outcome:
        """Send a request, and wait for the whole answer."""

    @abstractmethod
    def close(self) -> None:
        """Hang up; a further request connects again."""

    def spelled(self, request: Request) -> Request:
        """Return a request with its path as this server wants it to end."""
        return self.ending(request) if self.ending else request

    @staticmethod
    def of(address: str, *, fields: Fields = ()) -> "Target":
        """Return what is at a URL or an import path; raise an AddressError if nothing can be.

        An import path is `package.module:application`, or with `()` at its end that of a function
        that makes one; `wsgi:` or `asgi:` before it says which, where that can't be seen.
        """
        from lookalike.targets import AsgiTarget, HttpTarget, WsgiTarget  # noqa: PLC0415 - a cycle

        match = IMPORT_PATH.fullmatch(address)
        if match is None:
            return HttpTarget(address, fields=fields)
        application = imported(match)
        if (match[1] or ("asgi" if is_asynchronous(application) else "wsgi")) == "asgi":
            return AsgiTarget(application, fields=fields)
        return WsgiTarget(application, fields=fields)


class Wrapper(Target):
    """A server behind something that watches its requests, or changes them."""

    def __init__(self, target: Target) -> None:
        self.base_url = target.base_url
        self.is_in_process = target.is_in_process
        self.host = getattr(target, "host", "")
        self.ending = target.ending
        self._target = target

    def send(self, request: Request) -> Outcome:
        """Send a request."""
        return self._target.send(request)

    def close(self) -> None:
        """Hang up."""
        self._target.close()


class InProcess(Target):
    """An application that is called without a socket."""

    def __init__(
        self,
        application: Application,
        *,
        fields: Fields = (),
        timeout: float = TIMEOUT,
        max_body: int = MAX_BODY,
    ) -> None:
        self.base_url = "http://localhost"
        self.is_in_process = True
        self.host = "localhost"
        self._application = application
        self._fields = fields
        self._timeout = timeout
        self._max_body = max_body


def imported(match: re.Match[str]) -> Application:
    """Import what an import path names, from the folder where the command runs, too."""
    _, module, names, is_factory = match.groups()
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found: Any = importlib.import_module(module)
        for name in names.split("."):
            found = getattr(found, name)
        application: Any = found() if is_factory else found
    except Exception as error:
        raise AddressError(
            f"{match[0]} can't be imported: {type(error).__name__}: {error}"
        ) from error
    if not callable(application):
        raise AddressError(f"{match[0]} is no application, but {type(application).__name__}")
    made: Application = application
    return made


def is_asynchronous(application: Application) -> bool:
    """Tell whether an application is one of ASGI, which is awaited."""
    return inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(
        getattr(application, "__call__", None)  # noqa: B004 - the method itself is asked
    )
