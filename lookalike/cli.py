"""The command line. What takes long to import is imported by the command that needs it."""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeAlias

from lookalike import config, stories
from lookalike.accept import AcceptedError
from lookalike.config import ConfigError, Server, Settings
from lookalike.limits import EndedError
from lookalike.masking import Secrets
from lookalike.openapi import ContractError
from lookalike.preflight import PreflightError
from lookalike.stories import StoryError

ALIKE, DIFFERENT, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130

ABOUT = """\
Sends the same requests to two HTTP servers, and says how their answers differ. All it needs is
their addresses and an OpenAPI 3.0 or 3.1 file. Ids, times and tokens, which each server makes anew,
are recognised by what they do, and each later request is sent with each server's own.
"""

EXAMPLES = """\
examples:
  Compare a rewrite with the original; both serve the same API, on databases of their own:
    lookalike diff http://localhost:5000 http://localhost:8000

  The old server doesn't serve its OpenAPI file:
    lookalike diff http://localhost:5000 http://localhost:8000 --openapi openapi.yaml

  Requests need a token (for logins by password, form or cookie, see lookalike.toml below):
    lookalike diff OLD NEW --header "Authorization: Bearer $TOKEN"

  Look only, on servers that others use; or write to a host that is meant for it:
    lookalike diff https://api.example.com https://new.example.com --read-only
    lookalike diff http://old.test NEW --write-to old.test

  Tell what varies by itself from what differs, with a second instance of the old server:
    lookalike diff http://localhost:5000 http://localhost:8000 --twin-of-old http://localhost:5001

  In CI: a fixed seed, two minutes, results as JUnit and as a page:
    lookalike diff OLD NEW --seed 1 --seconds 120 --junit report.xml --html report.html

  Two Python applications, WSGI or ASGI, without a server:
    lookalike diff old_app:app new_app:app

  Is it fixed? And a difference that is intended:
    lookalike replay lookalike-findings/1.json
    lookalike accept lookalike-findings/2.json --reason "The new server says 422, as agreed"

exit status:
  0  alike: nothing differs but what was accepted
  1  different
  2  could not run, or nothing could be compared; one line says what to do
  130  stopped by Ctrl-C before a difference was found (with one: 1); what was found is reported
"""

CHECK_EXAMPLES = """\
examples:
  A server that serves its OpenAPI file, and one that doesn't:
    lookalike check http://localhost:8000
    lookalike check http://localhost:8000 --openapi openapi.yaml

  Some checks only, and all but some:
    lookalike check http://localhost:8000 --pack conditional --pack paging
    lookalike check http://localhost:8000 --pack=-robustness

  A page, and a badge with the score:
    lookalike check http://localhost:8000 --html report.html --badge badge.svg

exit status:
  0  all checks that apply passed
  1  a check failed
  2  could not run, or no operation succeeded; one line says what to do
  130  stopped by Ctrl-C before a check failed

Who signs in is written in lookalike.toml: see lookalike --help.
"""

CONFIGURATION = """\
lookalike.toml, in the folder where the command runs (or --config FILE), holds the same options, and
who signs in, and how:

  seconds = 120
  openapi = "openapi.yaml"

  [old]                                          # [new] alike
  headers = { "X-Tenant" = "$TENANT" }           # $NAME: from the environment, and secret

  [actors.sam]                                   # a token from a login
  login = { request = "POST /login", json = { username = "sam", password = "$PASSWORD" } }
  token = "/data/token"                          # where it is in the answer (JSON Pointer)
  headers = { Authorization = "Bearer {token}" } # where it goes

  [actors.fresh]                                 # a new user for each story
  register = { request = "POST /users", json = { username = "u{fresh}", password = "long enough" } }
  login = { request = "POST /login", json = { username = "u{fresh}", password = "long enough" } }
  token = "/token"

  [actors.admin]
  basic = ["admin", "$ADMIN_PASSWORD"]

  [actors.browser]                               # a form with a CSRF token, and a cookie
  page = "GET /login"
  csrf = "csrfmiddlewaretoken"                   # the form's hidden field
  login = { request = "POST /login", form = { username = "sam", password = "$PASSWORD" } }
  headers = { "X-CSRFToken" = "{cookie.csrftoken}" }
"""


CANT_RUN = (
    AcceptedError,
    ConfigError,
    ContractError,
    EndedError,
    PreflightError,
    StoryError,
    OSError,
)


class Option(NamedTuple):
    """An option of the command line; its name is that of the setting, with hyphens."""

    name: str
    help: str
    metavar: str | None = None
    kind: Callable[[str], Any] = str


def at_least_one(text: str) -> int:
    """Read a whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def above_zero(text: str) -> float:
    """Read a number above 0."""
    with suppress(ValueError):
        number = float(text)
        if 0 < number < float("inf"):
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")


CONTRACT = (
    Option(
        "openapi",
        "the OpenAPI file; else what the servers serve at the usual places, the old one first",
        "FILE|URL",
    ),
    Option(
        "include", "only operations such as 'GET /todos*', by name, path or operationId", "PATTERN"
    ),
    Option("exclude", "no operations such as 'DELETE *'", "PATTERN"),
)
WELL_FORMED = Option(
    "well-formed", "nothing that breaks a grammar: header fields, queries, //paths, bad UTF-8"
)
WRITE_TO = Option("write-to", "a host that may be written to, besides this machine", "HOST")
SAFETY = (Option("read-only", "send only GET, HEAD and OPTIONS"), WRITE_TO)
TIMEOUT = Option("timeout", "seconds to wait for an answer (30)", "N", above_zero)
BUDGETS = (
    Option("seed", "repeat a run: the seed is in each report", "N", int),
    Option("seconds", "stop after this time (60)", "N", above_zero),
    Option("requests", "stop after as many requests to each server", "N", at_least_one),
    Option("rate", "at most as many requests per second to each server", "N", above_zero),
    TIMEOUT,
)
RESET = Option(
    "reset", "a command that empties both servers; stories are then told from an empty start", "CMD"
)
ACCEPTED = Option("accepted", "the list of accepted differences (lookalike-accepted.toml)", "FILE")
COMPARING = (
    Option(
        "twin-of-old",
        "a second instance of the old server: how it differs from the old one is noise",
        "URL",
    ),
    Option("bytes", "compare how JSON is written, too: white space, order, form of numbers"),
    RESET,
    Option("har", "send the requests of a recording, too", "FILE"),
    ACCEPTED,
)
CHECKING = (
    Option("pack", "only these checks; --pack=-NAME leaves some out", "NAME"),
    Option("origin", "an origin that the server lets read its answers (CORS)", "URL"),
)
CONNECTION = (
    Option("ca", "certificates of the authorities to trust", "FILE"),
    Option("insecure", "check no certificates"),
)
REPORTS = (
    Option("save", "the folder for stories to replay (lookalike-findings)", "FOLDER"),
    Option("html", "write a page", "FILE"),
    Option("junit", "write JUnit XML", "FILE"),
    Option("jsonl", "write JSON Lines as it goes; - is standard output", "FILE"),
    Option("github", "print annotations for GitHub Actions"),
    Option("quiet", "print no progress"),
    Option("no-color", "print without colours, as with NO_COLOR"),
)
BADGE = Option("badge", "draw the score: an SVG picture, or .json for badge services", "FILE")
SETTINGS = {each.name: each for each in fields(Settings)}


class Parser(argparse.ArgumentParser):
    """Says what is wrong on one line, and where to read on."""

    def error(self, message: str) -> NoReturn:
        """Exit as all that can't run."""
        self.exit(COULD_NOT_RUN, f"{self.prog}: {message}. See {self.prog} --help\n")


# argparse has no public name for it.
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001


def parser() -> Parser:
    """Build the parser."""
    top = Parser(
        prog="lookalike",
        description=ABOUT,
        epilog=f"{EXAMPLES}\n{CONFIGURATION}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"lookalike {version()}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in (_diff, _check, _replay, _accept):
        add(commands)
    return top


def command(
    commands: Commands, name: str, arguments: str, text: str, epilog: str | None = None
) -> Parser:
    """Add a command."""
    made = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        usage=f"lookalike {name} [options] {arguments}",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument(
        "--config", type=Path, metavar="FILE", help=f"settings; else {config.FILE}, if there is one"
    )
    return made


def _diff(commands: Commands) -> None:
    diff = command(
        commands, "diff", "OLD NEW", "how two servers differ", f"{EXAMPLES}\n{CONFIGURATION}"
    )
    for name in ("old", "new"):
        diff.add_argument(
            name,
            nargs="?",
            metavar=name.upper(),
            help=f"the {name} server: its URL with the base path, or an application module:name",
        )
    options(diff, "what is asked", (*CONTRACT, WELL_FORMED))
    options(diff, "how it is compared", COMPARING)
    options(diff, "what is allowed", (*SAFETY, *BUDGETS))
    headers(options(diff, "how servers are reached", CONNECTION), ("", "old", "new"))
    options(diff, "reports", REPORTS)


def _check(commands: Commands) -> None:
    text = "how one server breaks its OpenAPI file and the RFCs that it claims"
    check = command(commands, "check", "URL", text, CHECK_EXAMPLES)
    check.add_argument("old", nargs="?", metavar="URL", help="the server: a URL, or module:name")
    options(check, "what is asked", (*CONTRACT, *CHECKING))
    budgets = tuple(each._replace(help=each.help.removesuffix(" (60)")) for each in BUDGETS)
    options(check, "what is allowed", (*SAFETY, *budgets))
    headers(options(check, "how the server is reached", CONNECTION), ("",))
    options(check, "reports", (*REPORTS[1:], BADGE))


def _replay(commands: Commands) -> None:
    text = "is a difference fixed, still there, or another one now?"
    replay = command(commands, "replay", "FILE [OLD NEW]", text)
    replay.add_argument("file", metavar="FILE", type=Path, help="a saved story")
    for name in ("old", "new"):
        replay.add_argument(name, nargs="?", metavar=name.upper(), help="in place of the saved one")
    reached = options(replay, "how servers are reached", (*CONNECTION, TIMEOUT, WRITE_TO, RESET))
    headers(reached, ("", "old", "new"))


def _accept(commands: Commands) -> None:
    text = "note that a difference is intended, and why"
    accept = command(commands, "accept", "FILE --reason TEXT", text)
    accept.add_argument("file", metavar="FILE", type=Path, help="a saved story")
    accept.add_argument(
        "--reason", required=True, help="why it is intended, for whoever reviews it"
    )
    accept.add_argument(
        "--everywhere", action="store_true", help="on all operations, not only on the story's own"
    )
    options(accept, "where to", (ACCEPTED,))


def options(
    parser: argparse.ArgumentParser, title: str, group: Sequence[Option]
) -> "argparse._ArgumentGroup":
    """Add a group of options, each of the kind that its setting has."""
    added = parser.add_argument_group(title)
    for option in group:
        name = option.name.replace("-", "_")
        kind = SETTINGS[name].type if name in SETTINGS else SERVER_KINDS[name]
        more: dict[str, Any] = {"dest": f"set_{name}", "default": None, "help": option.help}
        if kind is bool:
            more["action"] = "store_true"
        else:
            more |= {"metavar": option.metavar, "type": option.kind}
            if kind == tuple[str, ...]:
                more["action"] = "append"
                more["help"] += "; can be repeated"
        added.add_argument(f"--{option.name}", **more)
    return added


SERVER_KINDS = {each.name: each.type for each in fields(Server)}


def headers(group: "argparse._ArgumentGroup", names: Sequence[str]) -> None:
    """Add options for header fields, of both servers and of each."""
    for name in names:
        group.add_argument(
            f"--header-{name}" if name else "--header",
            dest=f"header_{name}",
            action="append",
            default=[],
            metavar="'Name: value'",
            help=f"send it with each request {f'to the {name} server' if name else ''}",
        )


def version() -> str:
    """Return the version of the installed distribution."""
    try:
        return metadata.version("lookalike")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Join the file's settings with those of the command line, which count more."""
    path = arguments.config or config.find(Path.cwd())
    if path is None and arguments.command == "replay":
        known = Path(stories.read(arguments.file).config)
        path = known if known.is_file() else None
    environ = config.NoEnvironment() if arguments.command == "accept" else os.environ
    settings = config.read(path, environ) if path else Settings()
    given: dict[str, Any] = {
        name.removeprefix("set_"): tuple(value) if isinstance(value, list) else value
        for name, value in vars(arguments).items()
        if name.startswith("set_") and value is not None
    }
    shared = {name: given.pop(name) for name in ("ca", "insecure") if name in given}
    for side in config.SERVERS:
        server: Server = replace(getattr(settings, side), **shared)
        lines = [*getattr(arguments, "header_", []), *getattr(arguments, f"header_{side}", [])]
        url = getattr(arguments, side, None) or server.url
        own = Server(url, tuple(map(config.header, lines)))
        settings.secrets.add_url(url)
        for name, value in own.headers:
            settings.secrets.add_field(name, value)
        given[side] = config.joined(server, own)
    return replace(settings, **given)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    parsed = parser().parse_args(arguments)
    if getattr(parsed, "set_no_color", None):
        os.environ["NO_COLOR"] = "1"
    try:
        return run(parsed)
    except KeyboardInterrupt:
        sys.stderr.write("lookalike: stopped\n")
        return INTERRUPTED
    except BrokenPipeError:  # whoever read has seen enough, and the run isn't at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN


def reason(error: Exception) -> str:
    """Say what went wrong, of a file without the number that the system has for it."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def cache_folder() -> Path:
    """Return where Hypothesis keeps its tables: else it leaves a folder wherever a run begins."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lookalike"


def run(parsed: argparse.Namespace) -> int:
    """Run a command; say on one line what keeps it from running."""
    secrets = Secrets()
    try:
        settings = settings_of(parsed)
        secrets = settings.secrets
        if "hypothesis" not in sys.modules:
            os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_folder()))
        from lookalike import commands

        match parsed.command:
            case "diff":
                return commands.diff(settings)
            case "check":
                return commands.check(settings)
            case "replay":
                return commands.replay(settings, parsed.file)
            case _:
                return commands.accept(
                    settings, parsed.file, parsed.reason, everywhere=parsed.everywhere
                )
    except BrokenPipeError:
        raise
    except CANT_RUN as error:
        sys.stderr.write(secrets.masked(f"lookalike: {reason(error)}\n"))
        return COULD_NOT_RUN
    except Exception:  # noqa: BLE001 - a fault of ours must not exit as a difference does
        sys.stderr.write(secrets.masked(traceback.format_exc()))
        return COULD_NOT_RUN
