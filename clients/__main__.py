"""Generate clients from the contract with others' tools, and try them: `make clients`.

Each tool's client is generated into build/clients/, type-checked in strict mode, and runs the
README's walk against both twins, also through Prism, which validates every response. Then
Schemathesis is run as docs/clients.md says, and Prism validates requests and responses of all
operations.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from secrets import token_hex

from clients import prism, stock_schemathesis
from clients.generators import CLIENTS, Client
from clients.processes import ToolError, fresh_twins, tools
from deploy.twins import TWINS, ServerError, Twin

# What takes long begins first. Two at a time, as one alone leaves a core idle.
JUDGES = {"schemathesis": stock_schemathesis.check, "prism": prism.check}
AT_ONCE = 2

began = time.monotonic()


@dataclass
class Part:
    """A tool, and what became of each step with it."""

    name: str
    steps: Sequence[tuple[str, Callable[[], None]]]
    outcomes: dict[str, str] = field(default_factory=dict)

    def take(self) -> None:
        """Take the steps in turn; none makes sense after one that has failed."""
        for step, act in self.steps:
            try:
                act()
            except (ToolError, ServerError) as error:
                self.outcomes[step] = "FAILED"
                log(f"{self.name}: {step} FAILED\n{error}")
                return
            self.outcomes[step] = "ok"
            log(f"{self.name}: {step}")


def log(text: str) -> None:
    """Show what has been done, and when."""
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"[{minutes}:{seconds:02}] {text}", flush=True)


def client_part(client: Client, base_urls: Mapping[str, str]) -> Part:
    """Return what is done with a generated client; each story is a new user's."""
    stories = [
        (server, partial(client.tell, base_url, f"carol_{token_hex(8)}"))
        for server, base_url in base_urls.items()
    ]
    return Part(client.name, [("generate", client.generate), ("types", client.check), *stories])


def judge_part(name: str) -> Part:
    """Return what is done with a program that judges servers: it gets some for itself."""

    def judge(twin: Twin) -> None:
        with fresh_twins([twin]) as base_urls:
            JUDGES[name](base_urls[twin.name])

    return Part(name, [(twin.name, partial(judge, twin)) for twin in TWINS])


def chosen_parts(only: Sequence[str], stack: ExitStack) -> list[Part]:
    """Start what the chosen parts need, and return them."""
    found = [judge_part(name) for name in JUDGES if name in only]
    chosen = [client for client in CLIENTS if client.name in only]
    if chosen:
        log("Starting both twins, and Prism before each…")
        base_urls = dict(stack.enter_context(fresh_twins()))
        for name, base_url in [*base_urls.items()]:
            # Prism would refuse the nonsense of the walk itself, so only answers are validated.
            options = ("--validate-request=false",)
            base_urls[f"Prism, {name}"] = stack.enter_context(prism.before(base_url, *options))
        found += [client_part(client, base_urls) for client in chosen]
    return found


def take_all(only: Sequence[str]) -> list[Part]:
    """Take all steps of the chosen parts."""
    with ExitStack() as stack:
        todo = chosen_parts(only, stack)
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        try:
            for taken in as_completed([pool.submit(part.take) for part in todo]):
                taken.result()
        except BaseException:
            tools.stop()
            pool.shutdown(cancel_futures=True)
            raise
    return todo


def summary(done: Sequence[Part]) -> str:
    """Return a table with a row for each part, those with all steps first."""
    parts = sorted(done, key=lambda part: -len(part.steps))
    columns = [*dict.fromkeys(step for part in parts for step, _ in part.steps)]
    rows = [["", *columns]]
    rows += [[part.name, *(part.outcomes.get(column, "–") for column in columns)] for part in parts]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def main() -> int:
    """Do what is asked for; return 1 if anything has failed."""
    names = [*JUDGES, *(client.name for client in CLIENTS)]
    parser = argparse.ArgumentParser(
        prog="python -m clients",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        metavar="NAME",
        choices=names,
        action="append",
        help=f"do this part only; may be repeated: {', '.join(names)}",
    )
    only = parser.parse_args().only or names
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        todo = take_all(only)
    except (ToolError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        log("Stopped.")
        return 128 + signal.SIGINT
    print("\n" + summary(todo))
    return int(any("FAILED" in part.outcomes.values() for part in todo))


if __name__ == "__main__":
    sys.exit(main())
