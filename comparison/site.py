"""Makes the site: every page of it is a template, filled with what was found out."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import jinja2
from markupsafe import Markup

from comparison import (
    admin,
    align,
    counts,
    extensions,
    findings,
    highlight,
    patches,
    plots,
    previews,
    security,
)
from comparison.bench.environment import changes_since
from comparison.bench.model import Benchmark, Kind, Spread, TableGrowth
from comparison.bench.programs import PROGRAMS as MEASURED
from comparison.bench.render import KINDS as TABLES
from comparison.bench.verdict import DATABASES
from comparison.chapters import PARTS, Chapter, chapters
from comparison.claims import KINDS, Battery, batteries, claims, guide
from comparison.columns import Column, columns
from comparison.facts import Facts, benchmark
from comparison.findings import Found, Log
from comparison.ladder import rungs
from comparison.play.choices import choices
from comparison.source import ROOT, Excerpt, excerpt
from comparison.wire import look
from comparison.wire.page import address as slug
from comparison.wire.rows import FINDERS, NAMES, diffs
from comparison.wire.rows import rows as differences

TEMPLATES = Path(__file__).parent / "templates"
NAVIGATION = [
    ("index.html", "Five minutes"),
    ("index.html#serializers", "Serializers"),
    ("index.html#frameworks", "Frameworks"),
    ("wire-differences.html", "On the wire"),
    ("measurements.html", "Measurements"),
    ("ladder.html", "Ladder"),
    ("claims.html", "Claims"),
    ("add-one-field.html", "Add one field"),
    ("playground.html", "Playground"),
]
LABELS = {"flask": "Flask-RESTful, marshmallow, SQLAlchemy", "drf": "Django REST framework"}
SHORT = {
    "serializers": {"flask": "marshmallow", "drf": "DRF"},
    "frameworks": {"flask": "Flask", "drf": "Django"},
}
# Whose idiom each twin begins with.
COLUMN_OF = {"flask": "marshmallow", "drf": "drf"}
SUMMARY = (
    "One API, written twice: what Flask and Django, marshmallow and DRF, cost in code and speed."
)
PROGRAMS = {
    "floor": "the floor",
    "flask_api": "the Flask twin",
    "drf_api": "the Django twin",
    "flask_api_tuned": "the Flask twin, tuned",
    "drf_api_tuned": "the Django twin, tuned",
    "fastapi": "FastAPI, ORM",
    "ninja": "Django Ninja",
    "fastapi_asyncpg": "FastAPI, asyncpg",
    "falcon_core": "Falcon, Core",
}
WAYS = {"plain": "as documented", "twin": "the twin’s"}
LIBRARIES = (
    *("flask", "flask-restful", "marshmallow", "sqlalchemy", "django", "djangorestframework"),
)


def spread(value: Spread, digits: int) -> Markup:
    """Write a median with the middle half of the rounds."""
    median, low, high = (f"{each:,.{digits}f}" for each in (value.median, value.low, value.high))
    if value.rounds == 1:
        return Markup(median)  # noqa: S704 - a number
    return Markup('{} <span class="note">({}–{})</span>').format(median, low, high)


def cut(whole: Excerpt, most: int) -> Excerpt:
    """Show the first lines only of what is long; a link leads to the rest."""
    return replace(whole, lines=whole.lines[:most])


def shorten(text: str, most: int) -> str:
    """Keep the first lines of a long text, and say how many more there are."""
    lines = text.split("\n")
    if len(lines) <= most + 1:
        return text
    return "\n".join([*lines[:most], f"… {len(lines) - most} more lines"])


def headings(html: str) -> list[tuple[str, Markup]]:
    """List the second-level headings of a page that can be linked to."""
    found = re.findall(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', html)
    return [(anchor, Markup(title)) for anchor, title in found]  # noqa: S704 - of a page


def environment() -> jinja2.Environment:
    """Make what renders the templates: whatever is missing is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        chunk=highlight.chunk,
        code=highlight.code,
        cut=cut,
        headings=headings,
        numbered=highlight.numbered,
        prose=highlight.prose,
        shorten=shorten,
        slug=slug,
        spread=spread,
    )
    return made


def style() -> str:
    """Return the style sheet, with the columns' colours and what hides a column that is off."""
    rules = [(TEMPLATES / "style.css").read_text()]
    for column in columns():
        rules.append(f'[data-column="{column.name}"] {{ --accent: {column.colour}; }}\n')
        if column.is_hidden:
            off = f'body:not(:has(#column-{column.name}:checked)) [data-column="{column.name}"]'
            rules.append(f"{off} {{ display: none; }}\n")
    return "".join(rules)


def sentence(text: str) -> str:
    """Return a text's first sentence, without marks for code."""
    return " ".join(text.replace("`", "").split()).partition(". ")[0].removesuffix(".") + "."


def name_of(column: Column, part: str) -> tuple[str, str]:
    """Return how a part of the site calls a column, and the version of what it shows."""
    if part == "serializers":
        return column.title, counts.version(column.distribution)
    framework = {"Django Ninja": "django-ninja"}.get(column.framework, column.framework.lower())
    return column.framework, counts.version(framework)


def commit() -> str:
    """Name the commit that the site is made from; `+` if files have changed since."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],  # noqa: S607 - by its name
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def made() -> dict[str, Any]:
    """Say of what, when and with what pages are made; every page's foot has it."""
    return {
        "commit": commit(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "versions": {name: counts.version(name) for name in LIBRARIES},
    }


class Site:
    """The pages, which are written into a folder."""

    def __init__(
        self, folder: Path, found: Sequence[Found], data: Benchmark | None, base_url: str = ""
    ) -> None:
        self.folder = folder
        self.base_url = f"{base_url.rstrip('/')}/" if base_url else ""
        self.index: list[dict[str, str]] = []
        self.found = found
        self.environment = environment()
        self.data = data
        self.facts = Facts(data, findings.agreement(found))
        self.changes = patches.changes()
        self.made = made()

    def write(self) -> None:
        """Write every page."""
        (self.folder / "style.css").write_text(style())
        shutil.copy(TEMPLATES / "site.js", self.folder)
        previews.draw("Flask or Django?", SUMMARY, self.folder / "preview.png")
        self.write_index()
        for number in range(len(self.found)):
            self.write_chapter(number)
        self.write_measurements()
        self.write_ladder()
        self.write_claims()
        self.write_wire()
        self.page(
            "add-one-field.html",
            "field.html",
            "Add one field",
            about="One new field in both twins: the exact changes, tested.",
            changes=self.changes,
        )
        self.page(
            "playground.html",
            "offline.html",
            "Playground",
            about="Your JSON, and what marshmallow, DRF and Pydantic make of it.",
            choices=choices(),
        )
        for path in self.sources:
            self.page(f"source/{path}.html", "source.html", path, excerpt=excerpt(path))
        # A script, since a page that is read from a folder may fetch nothing.
        pages = json.dumps(self.index, ensure_ascii=False, separators=(",", ":"))
        (self.folder / "index.js").write_text(f"window.pages = {pages};\n")

    @cached_property
    def sources(self) -> list[str]:
        """The files that pages may link to: both twins' modules and templates, and the contract."""
        folders = (*counts.TWINS, "comparison/idioms")
        kinds = ("*.py", "*.html")
        files = [
            path for folder in folders for kind in kinds for path in (ROOT / folder).rglob(kind)
        ]
        paths = [str(path.relative_to(ROOT)) for path in files if path.read_text().strip()]
        return ["openapi.yaml", *sorted(paths), *self.plain_sources]

    @cached_property
    def plain_sources(self) -> list[str]:
        """The files of the plain pair that say what each program does."""
        names = ("app", "urls", "models", "schemas", "serializers", "resources", "views")
        folders = (ROOT / "comparison" / "plain" / f"{program}_plain" for program in NAMES)
        paths = [folder / f"{name}.py" for folder in folders for name in names]
        return [str(path.relative_to(ROOT)) for path in paths if path.exists()]

    def page(
        self,
        address: str,
        template: str,
        title: str,
        *,
        about: str = "",
        pictured: str = "",
        **values: Any,
    ) -> None:
        """Write a page; one with a description of its own gets a preview image of its own.

        The image shows the description, or `pictured` in its place.
        """
        path = self.folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        if about:
            previews.draw(title.replace("`", ""), pictured or about, path.with_suffix(".png"))
        html = self.environment.get_template(template).render(
            title=title,
            about=about or SUMMARY,
            preview=address.replace(".html", ".png") if about else "preview.png",
            base_url=self.base_url,
            columns=columns(),
            here=address,
            up="../" * address.count("/"),
            navigation=NAVIGATION,
            made=self.made,
            data=self.data,
            aged=self.changes_since,
            facts=self.facts,
            ways=WAYS,
            **values,
        )
        path.write_text(html)

    @cached_property
    def changes_since(self) -> dict[str, int | None]:
        """How many commits have changed what was measured, by the commit that was measured."""
        commits = {each.commit for each in self.data.made} if self.data else set()
        return {commit: changes_since(commit) for commit in commits}

    def filled(self, text: str) -> str:
        """Put figures into a sentence."""
        template = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 - prose() escapes
        return template.from_string(text).render(facts=self.facts, field=patches.files_touched())

    def write_index(self) -> None:
        """Write the five minutes, and the contents."""
        filled = [{name: self.filled(text) for name, text in step.items()} for step in guide()]
        self.page(
            "index.html",
            "index.html",
            "Flask or Django?",
            guide=filled,
            parts=PARTS,
            chapters=[each.chapter for each in self.found],
            differences=len(differences()),
            breaking=[each for each in differences() if each.breaks],
        )

    def write_chapter(self, number: int) -> None:
        """Write a chapter, with links to its neighbours."""
        found = self.found[number]
        chapter = found.chapter
        same = [each for each in self.found if each.chapter.part == chapter.part]
        title, question = (each.replace("`", "") for each in (chapter.title, chapter.question))
        self.index.append(
            {
                "title": title,
                "question": question,
                "address": address(chapter),
                "words": words_of(chapter),
            }
        )
        self.page(
            address(chapter),
            "chapter.html",
            chapter.title,
            about=f"{question} {sentence(chapter.judgement)}",
            pictured=question,
            found=found,
            part=PARTS[chapter.part],
            abilities=admin.abilities() if chapter.name == "admin-site" else (),
            number=same.index(found) + 1,
            of=len(same),
            labels=LABELS,
            short=SHORT[chapter.part],
            names={each.name: name_of(each, chapter.part) for each in columns()},
            idioms=idioms(chapter),
            additions=additions(chapter),
            **self.speed(chapter),
            before=self.found[number - 1].chapter if number else None,
            after=self.found[number + 1].chapter if number + 1 < len(self.found) else None,
        )

    def speed(self, chapter: Chapter) -> dict[str, Any]:
        """Align the third ring's code, and look up what it brings."""
        if chapter.speed is None:
            return {"speed": None}
        name = chapter.speed.operation
        titles = {each.name: each.title for each in self.data.operations} if self.data else {}
        return {
            "speed": align.aligned(chapter.speed.excerpts),
            "operation": titles.get(name, name),
            "gains": {twin: self.facts.gain(twin, name) for twin in counts.TWINS},
        }

    def write_measurements(self) -> None:
        """Write the tables and plots of what was measured, and what is counted."""
        self.page(
            "measurements.html",
            "measurements.html",
            "Measurements",
            about="Flask or Django: which is faster, as documented and tuned, and by how much.",
            databases=DATABASES,
            sizes=counts.sizes(),
            total={twin: (counts.lines(twin), counts.files(twin)) for twin in counts.TWINS},
            names={twin: counts.names(twin) for twin in counts.TWINS},
            dependencies={
                "flask_api": counts.dependencies("flask"),
                "drf_api": counts.dependencies("drf"),
            },
            **measured(self),
        )

    def write_ladder(self) -> None:
        """Write what each rung of the twins' tuning does, keeps and brings."""
        climbs = self.data.ladder if self.data else []
        self.page(
            "ladder.html",
            "ladder.html",
            "The ladder",
            about="From documented to tuned: what each optimization gains, costs and promises.",
            rungs=rungs(),
            names=PROGRAMS,
            climbs={twin: [each for each in climbs if each.twin == twin] for twin in rungs()},
            climbed=list(dict.fromkeys(each.operation for each in climbs)),
            operations={each.name: each.title for each in self.data.operations}
            if self.data
            else {},
        )

    def write_wire(self) -> None:
        """Write what changes on the wire from Flask to Django."""
        shutil.copy(TEMPLATES / "wire.js", self.folder / "wire.js")
        looked, alike = look.look()
        areas = [(area, [*group]) for area, group in groupby(looked, lambda each: each.row.area)]
        self.page(
            "wire-differences.html",
            "wire.html",
            "What changes on the wire from Flask to Django",
            about=f"{len(looked)} differences that clients see when a service moves, each with the "
            "request, both responses and the lines that align them.",
            looked=looked,
            alike=alike,
            areas=areas,
            first=[each.row for each in looked if each.row.breaks],
            found=sum(each.row.found_by != "request" for each in looked),
            sources=self.plain_sources,
            names=NAMES,
            finders=FINDERS,
            diffs=diffs,
        )

    def write_claims(self) -> None:
        """Write the ledger."""
        self.page(
            "claims.html",
            "claims.html",
            "The claims ledger",
            about="What articles say about Flask and Django, measured, shown or left to taste.",
            ledger=[(each, self.filled(each.verdict)) for each in claims()],
            kinds=KINDS,
            versions=self.made["versions"],
            batteries=[battery_row(each) for each in batteries()],
            extensions=extensions.read(),
            security=security.TRIED,
        )


def address(chapter: Chapter) -> str:
    """Return where a chapter's page is."""
    return f"{chapter.part}/{chapter.name}.html"


def idioms(chapter: Chapter) -> tuple[dict[str, align.Listing], int]:
    """Align the idioms of a chapter, by column; return the number of rows, too."""
    shown = chapter.idioms
    listings, rows = align.aligned([[each] for each in shown.values()])
    return dict(zip(shown, listings, strict=True)), rows


def additions(chapter: Chapter) -> tuple[list[tuple[align.Listing, Mapping[str, int]]], int]:
    """Align the twins' code, mark what is not in the idioms, and count it."""
    listings, rows = align.aligned(chapter.excerpts)
    models = {"drf": chapter.models}
    marked = [
        align.marked(
            listing,
            [
                *(each for name, each in chapter.idioms.items() if name == column),
                *models.get(column, ()),
            ],
        )
        for listing, column in zip(listings, COLUMN_OF.values(), strict=True)
    ]
    return [(each, align.counted(each)) for each in marked], rows


def words_of(chapter: Chapter) -> str:
    """Return the words that a chapter is found by: its texts, and the names in its idioms."""
    texts = [chapter.title, chapter.question, chapter.judgement, *chapter.quotes.values()]
    code = [each.text for each in chapter.idioms.values()]
    return " ".join(sorted(set(re.findall(r"[^\W\d_][\w-]+", " ".join(texts + code).lower()))))


def battery_row(battery: Battery) -> tuple[Battery, str, int, int]:
    """Count a battery's lines, and look up which version of Flask's extension is installed."""
    return (
        battery,
        counts.version(battery.extension),
        counts.lines_of("flask_api", *battery.flask_files),
        counts.lines_of("drf_api", *battery.drf_files),
    )


def measured(site: Site) -> dict[str, Any]:
    """Prepare what the page of measurements plots."""
    data = site.data
    if data is None:
        return {}
    programs = {each.name: PROGRAMS.get(each.name, each.name) for each in data.programs}
    operations = {each.name: each.title for each in data.operations}

    def load_plot(database: str, kind: Kind) -> Markup:
        of_kind = {each.name for each in data.of_kind(kind)}
        groups: dict[str, dict[str, float]] = {}
        for each in data.loads:
            if each.database == database and each.program in of_kind:
                group = groups.setdefault(operations[each.operation], {})
                group[each.program] = each.throughput_ratio.median
        label = f"Throughput on {DATABASES[database]} as a share of the floor's, {kind}"
        return plots.bars(groups, programs, label)

    def growth_plot(growth: Sequence[Any], label: str, kind: Kind) -> Markup:
        of_kind = {each.name for each in data.programs if each.kind in {kind, "floor"}}
        lines: dict[str, list[tuple[float, float]]] = {}
        for each in growth:
            is_shown = not isinstance(each, TableGrowth) or each.place == "deep"
            if is_shown and each.program in of_kind:
                lines.setdefault(each.program, []).append((each.rows, each.p50_ms.median))
        label = f"{label}, {kind}: median milliseconds by number of rows"
        return plots.curves(lines, programs, label)

    def rows(items: Sequence[Any], kind: Kind, **chosen: str) -> list[Any]:
        """Choose what is of a kind, with the floor, and of what else is asked for."""
        of_kind = {each.name for each in data.programs if each.kind in {kind, "floor"}}
        return [
            each
            for each in items
            if each.program in of_kind
            and all(getattr(each, name) == value for name, value in chosen.items())
        ]

    measured_names = {each.program for each in data.loads}
    statement_counts: dict[str, dict[str, int]] = {}
    for each in data.statements:
        statement_counts.setdefault(each.operation, {})[each.program] = each.count
    return {
        "load_plot": load_plot,
        "rows": rows,
        "tables": TABLES,
        "missing": {
            kind: [
                PROGRAMS[name]
                for name, each in MEASURED.items()
                if each.kind == kind and name not in measured_names
            ]
            for kind in TABLES
        },
        "growth_plot": growth_plot,
        "growths": [
            ("page-growth", "A page by its number of rows", data.page_growth),
            (
                "table-growth",
                "A page of 50 products as the table grows (plotted: the deep page)",
                data.table_growth,
            ),
        ],
        "statement_counts": statement_counts,
        "titles": {
            "programs": programs,
            "operations": operations,
            "kinds": {each.name: each.kind for each in data.programs},
        },
    }


def build(
    output: Path, log: Log, only: Sequence[Chapter] | None = None, base_url: str = ""
) -> Path:
    """Make the site in a folder, and return its first page; what was there goes at the end.

    `base_url` is where it will be served; only with it do pages name their own address.

    Raises GoneError when a chapter shows what is no longer there, and DifferenceError when the
    twins answer a chapter's request differently.
    """
    found = findings.find(chapters() if only is None else only, log)
    output.parent.mkdir(parents=True, exist_ok=True)
    # Made beside it and put in its place whole, so that a failure leaves the old one.
    folder = Path(mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        Site(folder, found, benchmark(), base_url).write()
        folder.chmod(0o755)
        shutil.rmtree(output, ignore_errors=True)
        folder.rename(output)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    pages = sum(1 for _ in output.rglob("*.html"))
    log(f"{pages} pages: {output / 'index.html'}")
    return output / "index.html"
