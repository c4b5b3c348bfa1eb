"""Prints what it takes to import a program and to have its first answer: `… <module>`."""

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from wsgiref.util import setup_testing_defaults


def main() -> None:
    """Import, ask, and print."""
    modules, memory = len(sys.modules), used_mib()
    began = time.process_time()
    app = import_module(sys.argv[1]).app
    environ: dict[str, object] = {"HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    body = b"".join(app(environ, lambda status, _headers: statuses.append(status)))
    if (statuses, body) != (["200 OK"], b"Hello, World!"):
        raise SystemExit(f"{sys.argv[1]} answers {statuses} {body!r}")
    print(
        json.dumps(
            {
                "cpu_ms": (time.process_time() - began) * 1000,
                "mib": used_mib() - memory,
                "modules": len(sys.modules) - modules,
            }
        )
    )


def used_mib() -> float:
    """Return the memory that this process has now, as Linux counts it (proc(5))."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
