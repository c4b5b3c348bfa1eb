"""An ASGI application (version 3.0 of the specification), without a socket."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from lookalike.http import Answer, Fields, NoAnswer, Outcome, Request, TooLargeError
from lookalike.targets.base import MAX_BODY, TIMEOUT, AddressError, Application, InProcess

Message = Mapping[str, Any]


class AsgiTarget(InProcess):
    """Runs an application in an event loop of its own, in a thread, from the first request on."""

    def __init__(
        self,
        application: Application,
        *,
        fields: Fields = (),
        timeout: float = TIMEOUT,
        max_body: int = MAX_BODY,
    ) -> None:
        super().__init__(application, fields=fields, timeout=timeout, max_body=max_body)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lifespan: Lifespan | None = None

    def send(self, request: Request) -> Outcome:
        """Run the application; what it raises before it has answered is no answer.

        Raises an AddressError if it doesn't start.
        """
        began = time.monotonic()
        loop = self._started()
        cycle = Cycle(self._scope(request), request.body or b"", self._max_body)
        future: Future[None] = asyncio.run_coroutine_threadsafe(
            asyncio.wait_for(cycle.run(self._application), self._timeout), loop
        )
        try:
            future.result()
        except TooLargeError:
            return NoAnswer("too large", f"more than {self._max_body:,} bytes")
        except TimeoutError:
            return NoAnswer("timed out", f"after {self._timeout:g} s")
        except Exception as error:  # noqa: BLE001 - a server survives all of these
            if not cycle.is_complete:
                return NoAnswer("raised", f"{type(error).__name__}: {error}")
        except BaseException:
            future.cancel()
            raise
        if cycle.status is None:
            return NoAnswer("raised", "nothing: no response was started")
        if not cycle.is_complete:
            return NoAnswer("closed", "in the middle of a body")
        body = b"" if request.method == "HEAD" else bytes(cycle.body)
        return Answer(cycle.status, cycle.fields, body, "", time.monotonic() - began)

    def close(self) -> None:
        """Shut the application down, and end the event loop."""
        with self._lock:
            loop, thread, self._loop = self._loop, self._thread, None
            if loop is None or thread is None:
                return
            if self._lifespan is not None:
                asyncio.run_coroutine_threadsafe(self._lifespan.end(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=run, args=(self._loop,), daemon=True, name="lookalike-asgi"
                )
                self._thread.start()
                self._lifespan = Lifespan(self._application, self._timeout)
                problem = asyncio.run_coroutine_threadsafe(
                    self._lifespan.begin(), self._loop
                ).result()
                if problem:
                    raise AddressError(f"the application doesn't start: {problem}")
            return self._loop

    def _scope(self, request: Request) -> dict[str, Any]:
        path, _, query = request.target.partition("?")
        own = {name.lower() for name, _ in request.fields}
        fields = [*request.fields, *(pair for pair in self._fields if pair[0].lower() not in own)]
        names = {name.lower() for name, _ in fields}
        if "host" not in names:
            fields.insert(0, ("Host", "localhost"))
        if request.body is not None and not names & {"content-length", "transfer-encoding"}:
            fields.append(("Content-Length", str(len(request.body))))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method.upper(),
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("ascii", "replace"),
            "query_string": query.encode("ascii", "replace"),
            "root_path": "",
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields
            ],
            "client": ("127.0.0.1", 0),
            "server": ("localhost", 80),
            "state": dict(self._lifespan.state) if self._lifespan else {},
        }


def run(loop: asyncio.AbstractEventLoop) -> None:
    """Run an event loop until it is stopped, then end what still runs in it."""
    asyncio.set_event_loop(loop)
    loop.run_forever()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


class Cycle:
    """One request, and what the application sends for it."""

    def __init__(self, scope: dict[str, Any], body: bytes, max_body: int) -> None:
        self.status: int | None = None
        self.fields: Fields = ()
        self.body = bytearray()
        self.is_complete = False
        self._scope = scope
        self._sent = body
        self._is_read = False
        self._max_body = max_body
        self._ended = asyncio.Event()

    async def run(self, application: Application) -> None:
        """Call the application once."""
        try:
            await application(self._scope, self._receive, self._send)
        except SystemExit as error:  # which would end the event loop
            raise RuntimeError(f"SystemExit: {error}") from error

    async def _receive(self) -> Message:
        if not self._is_read:
            self._is_read = True
            return {"type": "http.request", "body": self._sent, "more_body": False}
        await self._ended.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "http.response.start":
                self.status = message["status"]
                self.fields = tuple(
                    (bytes(name).decode("latin-1"), bytes(value).decode("latin-1"))
                    for name, value in message.get("headers", ())
                )
            case "http.response.body" if not self.is_complete:
                self.body += message.get("body", b"")
                if len(self.body) > self._max_body:
                    raise TooLargeError
                if not message.get("more_body", False):
                    self.is_complete = True
                    self._ended.set()
        await asyncio.sleep(0)  # an endless body must let a timeout come between


class Lifespan:
    """What runs before the first request, and after the last one (ASGI's lifespan protocol)."""

    def __init__(self, application: Application, timeout: float) -> None:
        self.state: dict[str, Any] = {}
        self._application = application
        self._timeout = timeout
        self._task: asyncio.Task[None] | None = None
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._outgoing: asyncio.Queue[Message] = asyncio.Queue()

    async def begin(self) -> str:
        """Start the application; return why it doesn't, if so. Many know of no such thing."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self.state}
        run: Callable[..., Awaitable[None]] = self._application
        self._task = asyncio.ensure_future(self._run(run, scope))
        answer = await self._told("lifespan.startup")
        if answer is not None and answer["type"] == "lifespan.startup.failed":
            return str(answer.get("message", "")) or "it says no more"
        if answer is None or answer["type"] != "lifespan.startup.complete":
            self._task.cancel()
        return ""

    async def end(self) -> None:
        """Let the application shut down."""
        if self._task is not None and not self._task.done():
            await self._told("lifespan.shutdown")
            self._task.cancel()

    async def _run(self, run: Callable[..., Awaitable[None]], scope: dict[str, Any]) -> None:
        with suppress(Exception, SystemExit):  # as an application does that has no lifespan
            await run(scope, self._incoming.get, self._send)

    async def _send(self, message: Message) -> None:
        await self._outgoing.put(message)
        await asyncio.sleep(0)  # as above

    async def _told(self, event: str) -> Message | None:
        """Send an event, and return what is answered; None where nothing is."""
        assert self._task is not None  # noqa: S101 - set where this is called
        await self._incoming.put({"type": event})
        answer = asyncio.ensure_future(self._outgoing.get())
        await asyncio.wait(
            {answer, self._task}, timeout=self._timeout, return_when=asyncio.FIRST_COMPLETED
        )
        if answer.done():
            return answer.result()
        answer.cancel()
        return None
