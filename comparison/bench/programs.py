"""The programs that are measured: the twins, the floor, and what people would pick instead."""

from dataclasses import dataclass, replace
from pathlib import Path

from comparison.bench.model import Kind

ROOT = Path(__file__).resolve().parents[2]
PEERS = "comparison/peers"
UVICORN = "uvicorn_worker.UvicornWorker"  # what uvicorn's documentation names for gunicorn


@dataclass(frozen=True)
class Program:
    """What there is to know about a program in order to serve and to count it.

    Those that are `idiomatic` are as their documentations teach; those that are `tuned` go further
    for speed, the twins with `TUNED=1`.
    """

    name: str
    title: str
    target: str  # for gunicorn
    sources: tuple[str, ...]  # files, or folders of modules, within the checkout
    worker_class: str | None = None  # where it isn't WSGI's
    kind: Kind = "idiomatic"
    is_twin: bool = False
    health: str = "/api/health"  # what is asked to know that it is up
    databases: tuple[str, ...] = ("postgresql", "sqlite")

    @property
    def environment(self) -> dict[str, str]:
        """The setting that switches a twin's tuning on or off, whatever it is here."""
        return {"TUNED": "1" if self.kind == "tuned" else ""}

    def files(self, root: Path = ROOT) -> list[Path]:
        """List the program's own modules, less tests, migrations and tuning that is off."""
        found: list[Path] = []
        for source in self.sources:
            path = root / source
            found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
        left_out = {"tests", "migrations"} | (set() if self.kind == "tuned" else {"tuned"})
        return [path for path in found if not left_out & {*path.relative_to(root).parts}]


def tuned(twin: Program) -> Program:
    """Return a twin with its tuning switched on."""
    title = f"{twin.title}, tuned"
    return replace(twin, name=f"{twin.name}_tuned", title=title, kind="tuned")


COMMON = (f"{PEERS}/contract.py",)
FASTAPI = (f"{PEERS}/fastapi_contract.py", f"{PEERS}/schemas.py", *COMMON)
FLASK = Program(
    "flask_api",
    "Flask-RESTful, marshmallow and SQLAlchemy",
    "flask_api.wsgi:app",
    ("flask_api",),
    is_twin=True,
)
DRF = Program(
    "drf_api",
    "Django REST framework",
    "drf_api.wsgi:application",
    ("drf_api",),
    is_twin=True,
)

PROGRAMS = {
    program.name: program
    for program in (
        Program(
            "floor",
            "bare WSGI, the raw driver and orjson",
            f"{PEERS}/floor:application".replace("/", "."),
            (
                f"{PEERS}/floor.py",
                f"{PEERS}/floor_checks.py",
                f"{PEERS}/floor_database.py",
                *COMMON,
            ),
            kind="floor",
        ),
        FLASK,
        DRF,
        tuned(FLASK),
        tuned(DRF),
        Program(
            "fastapi",
            "FastAPI and SQLAlchemy's ORM",
            f"{PEERS}/fastapi_peer:app".replace("/", "."),
            (*FASTAPI, f"{PEERS}/fastapi_peer.py", f"{PEERS}/tables.py"),
            worker_class=UVICORN,
        ),
        Program(
            "fastapi_asyncpg",
            "FastAPI and asyncpg",
            f"{PEERS}/fastapi_asyncpg:app".replace("/", "."),
            (*FASTAPI, f"{PEERS}/fastapi_asyncpg.py"),
            worker_class=UVICORN,
            kind="tuned",
            databases=("postgresql",),  # asyncpg knows no other
        ),
        Program(
            "falcon_core",
            "Falcon and SQLAlchemy's Core",
            f"{PEERS}/falcon_core:application".replace("/", "."),
            (
                f"{PEERS}/falcon_core.py",
                f"{PEERS}/floor_checks.py",
                f"{PEERS}/schemas.py",
                f"{PEERS}/tables.py",
                *COMMON,
            ),
            kind="tuned",
        ),
        Program(
            "ninja",
            "Django Ninja and Django's ORM",
            f"{PEERS}/ninja_peer:application".replace("/", "."),
            (
                f"{PEERS}/ninja_peer.py",
                f"{PEERS}/shop",
                f"{PEERS}/ninja_settings.py",
                f"{PEERS}/schemas.py",
                *COMMON,
            ),
        ),
    )
}
FLOOR = PROGRAMS["floor"]
# Of another API than these, and measured beside each other only.
PLAIN = {
    "flask": Program(
        "flask_plain",
        "Flask-RESTful, marshmallow and Flask-SQLAlchemy, as tutorials write it",
        "comparison.plain.flask_plain.app:create_app()",
        ("comparison/plain/flask_plain",),
        health="/products",
        databases=("sqlite",),
    ),
    "django": Program(
        "django_plain",
        "Django REST framework, as tutorials write it",
        "comparison.plain.django_plain.wsgi:application",
        ("comparison/plain/django_plain",),
        health="/products/",
        databases=("sqlite",),
    ),
}
