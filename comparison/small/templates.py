"""Prints the CPU milliseconds of rendering a table of a thousand rows, with either's templates."""

import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import django
from django.conf import settings
from django.template import engines
from flask import Flask

ROUNDS = 5
TEXT = (
    "<table>{% for row in rows %}<tr><td>{{ row.name }}</td>"
    "{% if row.stock %}<td>{{ row.stock }}</td>{% endif %}</tr>{% endfor %}</table>"
)
ROWS = [{"name": f"Mug <{number}>", "stock": number % 3} for number in range(1000)]


def cpu_ms(render: Callable[[], str]) -> float:
    """Return the median of a few rounds."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        render()
        found.append((time.process_time() - began) * 1000)
    return median(found)


def main() -> None:
    """Render, and print."""
    settings.configure(TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}])
    django.setup()
    values: dict[str, Any] = {"rows": ROWS}
    by_flask = Flask(__name__).jinja_env.from_string(TEXT)
    by_django = engines["django"].from_string(TEXT)
    if by_flask.render(values) != by_django.render(values):
        raise SystemExit("The templates give different pages.")
    print(
        json.dumps(
            {
                "flask": cpu_ms(lambda: by_flask.render(values)),
                "django": cpu_ms(lambda: by_django.render(values)),
            }
        )
    )


if __name__ == "__main__":
    main()
