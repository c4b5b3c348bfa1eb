"""A run as one HTML page that needs nothing else: no address, no script to be read, no server."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from lookalike import coverage
from lookalike.comparison import UNCOMPARED
from lookalike.findings import Finding, Observer, Run
from lookalike.places import Place
from lookalike.reports import About
from lookalike.reports.story import Step, diff, steps
from lookalike.reports.wording import Wording, end

TEMPLATES = Path(__file__).parent / "templates"
OPEN = 10  # findings whose stories are shown from the start


class Shown(NamedTuple):
    """A finding as the page shows it."""

    number: str
    operation: str
    where: str  # in the file
    difference: str
    others: list[tuple[str, int]]  # operations, and how often the same was seen on each
    reason: str
    steps: list[Step]
    diff: list[str]
    alike: list["Shown"]  # more of its kind
    further: list[tuple[str, str]]  # operations and differences of its kind, not confirmed


class HtmlReport(Observer):
    """Writes the page when the work is done."""

    def __init__(self, path: Path, about: About) -> None:
        path.touch()  # what can't be written is to be known before the work
        self._path = path
        self._about = about
        self._notes: list[str] = []

    def note(self, text: str) -> None:
        self._notes.append(text)

    def ended(self, run: Run) -> None:
        self._path.write_text(page(run, self._about, self._notes), "utf-8")


def page(run: Run, about: About, notes: list[str]) -> str:
    """Render the page."""
    wording = Wording(about.mask)
    return rendered(
        "page.html",
        about,
        {"findings": "Differences", "coverage": "Coverage", "uncompared": "Not compared"},
        {"seed": run.seed, "calls": f"{run.calls:,}", "seconds": f"{run.seconds:.1f}"},
        end=end(run),
        accepted=[*shown(run.accepted, about, wording)],
        coverage=coverage.summary(about.contract, run.reached),
        findings=[*shown(run.findings, about, wording)],
        noise=noise(run.noise, wording),
        notes=notes,
        open=OPEN,
        run=run,
        unconfirmed=[(each.place.operation, wording.difference(each)) for each in run.unconfirmed],
        hidden=[
            (each.difference.place.operation, wording.difference(each.difference), each.since)
            for each in run.hidden
        ],
        uncompared=sorted(UNCOMPARED),
    )


def rendered(
    template: str,
    about: About,
    sections: Mapping[str, str],  # titles by anchor
    facts: Mapping[str, object],  # of the run, shown beside its settings
    **values: Any,
) -> str:
    """Render a template, with what all pages have."""
    styles, script = ((TEMPLATES / name).read_text() for name in ("page.css", "page.js"))
    return (
        environment(Wording(about.mask))
        .get_template(template)
        .render(
            about=about,
            facts={name: fact for name, fact in facts.items() if name not in about.settings},
            made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            script=Markup(script),  # noqa: S704 - our own
            # A policy that allows this script and these styles alone (CSP Level 3, section 6.7.3):
            # were anything not escaped, it still could neither run nor load.
            script_hash=hashed(script),
            sections={**sections, "run": "This run"},
            style_hash=hashed(styles),
            styles=Markup(styles),  # noqa: S704 - our own
            **values,
        )
    )


def environment(wording: Wording) -> jinja2.Environment:
    """Make what renders templates: all that is filled in is masked, made visible, and escaped."""

    def finalized(found: Any) -> Any:
        return wording.safe(str(found)) if not isinstance(found, Markup) else found

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=finalized,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def shown(findings: list[Finding], about: About, wording: Wording) -> Iterator[Shown]:
    """Prepare findings for the page."""
    for number, finding in enumerate(findings, 1):
        alike = [
            shown_one(f"{number}.{count}", each, about, wording)
            for count, each in enumerate(finding.alike, 1)
        ]
        yield shown_one(f"{number}", finding, about, wording)._replace(alike=alike)


def shown_one(number: str, finding: Finding, about: About, wording: Wording) -> Shown:
    """Prepare one finding."""
    return Shown(
        number,
        finding.operation,
        about.where(finding.operation),
        wording.finding(finding),
        [pair for pair in finding.operations.items() if pair[0] != finding.operation],
        finding.reason or "",
        steps(finding.exchanges, about),
        diff(finding, about),
        [],
        [(each.place.operation, wording.difference(each)) for each in finding.further],
    )


def noise(found: Mapping[Place, str], wording: Wording) -> list[tuple[str, str, str]]:
    """Prepare what varies by itself: operation and status, place, and how it was told."""
    return [
        (f"{place.operation} {place.status}", wording.place(place), how)
        for place, how in found.items()
    ]


def hashed(source: str) -> str:
    """Return the hash by which a policy allows an inline script or style."""
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
