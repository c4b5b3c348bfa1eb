"""What each library does when nobody bends it: `python -m comparison.experiments`.

Reads experiments from standard input and writes what came of them to standard output, both as JSON.
It is a process of its own because Django is configured once for a process, and here by its
defaults.
"""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from string import Template
from typing import Any

import django
from django.conf import settings
from marshmallow import ValidationError

from comparison.chapters import Experiment
from comparison.source import ROOT

REFUSED = "refused: "
Namespace = dict[str, Any]


def run_all(experiments: list[Experiment]) -> list[dict[str, list[str]]]:
    """Run experiments, each for both libraries; there is a text for each input."""
    tasks = [
        {
            "mode": each.mode,
            "flask": each.flask,
            "drf": each.drf,
            "inputs": [
                Template(each.feed).substitute(input=text) if each.mode == "load" else text
                for text in each.inputs
            ],
        }
        for each in experiments
    ]
    done = subprocess.run(
        [sys.executable, "-m", "comparison.experiments"],
        cwd=ROOT,
        input=json.dumps(tasks),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"An experiment failed:\n{done.stderr}")
    results: list[dict[str, list[str]]] = json.loads(done.stdout)
    return results


def shown(value: Any) -> str:
    """Show a value as Python writes it; of a probe's only value, the value alone."""
    if isinstance(value, dict) and value.keys() == {"value"}:
        value = value["value"]
    if isinstance(value, dict):
        value = dict(value)
    return repr(value)


def told(messages: Any) -> str:
    """Show an error as it would be sent."""
    if isinstance(messages, dict) and messages.keys() == {"value"}:
        messages = messages["value"]
    if isinstance(messages, list) and len(messages) == 1:
        messages = messages[0]
    return REFUSED + (messages if isinstance(messages, str) else json.dumps(messages))


def load_marshmallow(space: Namespace, text: str) -> str:
    """Load JSON by a Schema."""
    try:
        return shown(space["Probe"]().load(json.loads(text)))
    except ValidationError as error:
        return told(error.messages)


def load_drf(space: Namespace, text: str) -> str:
    """Validate JSON by a Serializer."""
    serializer = space["Probe"](data=json.loads(text))
    if serializer.is_valid():
        return shown(serializer.validated_data)
    return told(json.loads(json.dumps(serializer.errors)))


def dump_marshmallow(space: Namespace, text: str) -> str:
    """Show a value by a Schema."""
    return shown(space["Probe"]().dump({"value": evaluated(text, space)}))


def dump_drf(space: Namespace, text: str) -> str:
    """Show a value by a Serializer."""
    return shown(dict(space["Probe"]({"value": evaluated(text, space)}).data))


def evaluated(text: str, space: Namespace) -> Any:
    """Evaluate an expression that a chapter has for an input."""
    return eval(text, space)  # noqa: S307 - the text is this project's own


def crash(error: Exception) -> str:
    """Show an error that a client would see as a 500."""
    return f"crashes: {type(error).__name__}: {str(error).partition(chr(10))[0]}"


def printed(space: Namespace, code: str) -> str:
    """Run code and return what it prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(code, space)  # noqa: S102 - as above
    return output.getvalue().rstrip("\n")


FEED: dict[tuple[str, str], Callable[[Namespace, str], str]] = {
    ("load", "flask"): load_marshmallow,
    ("load", "drf"): load_drf,
    ("dump", "flask"): dump_marshmallow,
    ("dump", "drf"): dump_drf,
}


def run(task: dict[str, Any], library: str) -> list[str]:
    """Run an experiment for one library."""
    space: Namespace = {"__name__": "__main__"}
    said = printed(space, task[library])
    if task["mode"] == "run":
        return [said]
    results = []
    for text in task["inputs"]:
        try:
            results.append(FEED[task["mode"], library](space, text))
        except Exception as error:  # noqa: BLE001 - whatever a library raises is its result
            results.append(crash(error))
    return results


def configure() -> None:
    """Set this process up with Django's defaults and a database in memory."""
    memory = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    # As `startproject` writes it; Django's own default is Chicago.
    settings.configure(
        DATABASES={"default": memory}, INSTALLED_APPS=["comparison.experiments"], TIME_ZONE="UTC"
    )
    django.setup()


def main() -> None:
    """Run what standard input asks for."""
    configure()
    tasks = json.load(sys.stdin)
    json.dump([{name: run(task, name) for name in ("flask", "drf")} for task in tasks], sys.stdout)


if __name__ == "__main__":
    main()
