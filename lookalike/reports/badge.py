"""A score as a badge: a picture of our own, or the JSON that endpoints of badge services give."""

import json
from html import escape
from pathlib import Path

from lookalike.check import Checked, Watcher
from lookalike.checks.pack import Score

LABEL = "lookalike check"
# From the worst to the best share of passed checks; white text on each has a contrast above 4.5.
COLOURS = ((0.5, "red", "#b3261e"), (0.9, "orange", "#a24a00"), (1, "yellow", "#7a5f00"))
BEST, UNKNOWN = ("brightgreen", "#1b6e33"), ("lightgrey", "#5c636b")
HEIGHT, MARGIN = 20, 8
WIDTH = 6.6  # of an average character at 11 px


class Badge(Watcher):
    """Writes the badge when all is done: as JSON where the file is called so, else as SVG."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ended(self, checked: Checked) -> None:
        written = endpoint if self._path.suffix == ".json" else picture
        self._path.write_text(written(checked.score), "utf-8")


def message(score: Score) -> str:
    """Say a score in a few characters."""
    return f"{score.passed} of {score.applicable}" if score.applicable else "nothing to judge"


def colour(score: Score) -> tuple[str, str]:
    """Return a colour by its name among badge services, and as CSS has it."""
    if not score.applicable:
        return UNKNOWN
    share = score.passed / score.applicable
    return next(((name, code) for below, name, code in COLOURS if share < below), BEST)


def endpoint(score: Score) -> str:
    """Return what a badge service reads at an endpoint (schema version 1)."""
    name, _ = colour(score)
    badge = {"schemaVersion": 1, "label": LABEL, "message": message(score), "color": name}
    return json.dumps(badge) + "\n"


def picture(score: Score) -> str:
    """Draw the badge as SVG, which is read out as one sentence."""
    left, right = (round(len(text) * WIDTH) + 2 * MARGIN for text in (LABEL, message(score)))
    _, code = colour(score)
    said = escape(f"{LABEL}: {message(score)}")
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img">
  <title>{said}</title>
  <clipPath id="corners"><rect width="{left + right}" height="{HEIGHT}" rx="4"/></clipPath>
  <g clip-path="url(#corners)">
    <rect width="{left}" height="{HEIGHT}" fill="#30353b"/>
    <rect x="{left}" width="{right}" height="{HEIGHT}" fill="{code}"/>
  </g>
  <g fill="#fff" font-family="Verdana, 'DejaVu Sans', sans-serif" font-size="11" aria-hidden="true">
    <text x="{MARGIN}" y="14" textLength="{left - 2 * MARGIN}">{escape(LABEL)}</text>
    <text x="{left + MARGIN}" y="14" textLength="{right - 2 * MARGIN}">{message(score)}</text>
  </g>
</svg>
"""
