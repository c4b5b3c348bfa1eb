"""A twin with some rungs of its tuning, in a process of its own: `… <twin> [<rung> …]`.

Reads an operation's name and a number of requests from each line of standard input, sends as many
to the application by WSGI, and writes the CPU seconds of one to standard output.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import cycle
from typing import Any

from werkzeug.test import EnvironBuilder, run_wsgi_app

from comparison.bench.operations import OPERATIONS, Operation, Request


def flask_application(rungs: set[str]) -> Any:
    """Make the Flask twin; a rung that is left out is replaced by what does nothing."""
    tuned = import_module("flask_api.tuned")
    instead: dict[str, tuple[Any, str, Any]] = {
        "serializing": (tuned, "serialize", import_module("marshmallow").Schema._serialize),  # noqa: SLF001 – what it replaces
        "reading": (tuned, "ReadingSession", type("Plain", (), {})),
        "requests": (tuned.requests, "init_app", lambda _app: None),
        "connections": (tuned, "trust_recent", lambda _engine: None),
    }
    for name, (owner, attribute, nothing) in instead.items():
        if name not in rungs:
            setattr(owner, attribute, nothing)
    return import_module("flask_api.wsgi").app


def drf_application(rungs: set[str]) -> Any:
    """Make the Django twin; what the rungs that are left out have replaced is put back."""
    application = import_module("drf_api.wsgi").application
    for replacement in import_module("drf_api.tuned.apps").replacements():
        replacement.remove()
    for name in rungs:
        for replacement in import_module(f"drf_api.tuned.{name}").REPLACED:
            replacement.install()
    return application


APPLICATIONS: dict[str, Callable[[set[str]], Any]] = {
    "flask_api": flask_application,
    "drf_api": drf_application,
}


def environ(request: Request) -> dict[str, Any]:
    """Write a request as WSGI has it."""
    path, _, query = request.target.partition("?")
    builder = EnvironBuilder(
        path=path,
        query_string=query,
        method=request.method,
        headers=[("Host", "localhost"), *request.headers],
        data=None if request.body is None else json.dumps(request.body),
        content_type=None if request.body is None else "application/json",
    )
    return builder.get_environ()


def known(application: Any, operation: Operation) -> list[Request]:
    """List an operation's requests, with the entity tags of earlier answers if it needs them."""
    requests = operation.requests()
    if not operation.is_conditional:
        return requests
    tags = [run_wsgi_app(application, environ(each))[2]["ETag"] for each in requests]
    return [
        replace(each, headers=(*each.headers, ("If-None-Match", tag)))
        for each, tag in zip(requests, tags, strict=True)
    ]


def cpu_seconds(application: Any, environs: Sequence[dict[str, Any]], status: int) -> float:
    """Return the CPU time of one request of several; raises ValueError for another status."""
    began = time.process_time()
    for each in environs:
        _, found, _ = run_wsgi_app(application, each, buffered=True)
        if not found.startswith(str(status)):
            raise ValueError(f"{found} in place of {status} for {each['PATH_INFO']}")
    return (time.process_time() - began) / len(environs)


def main() -> None:
    """Answer what standard input asks for."""
    twin, *rungs = sys.argv[1:]
    os.environ["TUNED"] = "1"
    application = APPLICATIONS[twin]({*rungs})
    operations = {operation.name: operation for operation in OPERATIONS}
    requests = {
        name: cycle(known(application, operation)) for name, operation in operations.items()
    }
    for line in sys.stdin:
        name, number = json.loads(line)
        environs = [environ(next(requests[name])) for _ in range(number)]
        seconds = cpu_seconds(application, environs, operations[name].status)
        print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    main()
