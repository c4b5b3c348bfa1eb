"""How much code each twin has for a concept."""

from dataclasses import dataclass
from pathlib import Path

from comparison.bench.code import count
from comparison.bench.programs import ROOT


@dataclass(frozen=True)
class Size:
    """The files of one concept in each twin, and their lines of code."""

    concept: str
    flask_files: list[str]
    flask_lines: int
    drf_files: list[str]
    drf_lines: int


# What `docs/architecture.md` pairs, by patterns within flask_api/ and within drf_api/.
CONCEPTS: dict[str, tuple[list[str], list[str]]] = {
    "entry": (["app.py", "wsgi.py"], ["wsgi.py", "manage.py", "startup.py"]),
    "settings": (["config.py"], ["settings.py", "environment.py"]),
    "routes": (["routes.py"], ["urls.py"]),
    "models": (["*/models.py"], ["*/models.py"]),
    "representation": (["*/schemas.py"], ["*/serializers.py"]),
    "filters": (["*/filters.py"], ["*/filters.py"]),
    "handlers": (["*/resources.py"], ["[!w]*/views.py"]),  # those of web/ are the pages'
    "fields": (["contract/strict.py"], ["contract/strict.py"]),
    "parsing": (
        ["contract/parsing.py", "contract/parameters.py"],
        ["contract/parsing.py", "contract/parameters.py"],
    ),
    "rendering and headers": (
        ["contract/rendering.py", "contract/headers.py"],
        [
            "contract/rendering.py",
            "contract/headers.py",
            "contract/request_ids.py",
            "contract/wire.py",
        ],
    ),
    "errors": (["contract/errors.py"], ["contract/errors.py"]),
    "authentication and permissions": (
        ["accounts/authentication.py", "contract/permissions.py"],
        ["accounts/authentication.py", "contract/permissions.py", "accounts/hashers.py"],
    ),
    "conditional requests": (["contract/etags.py"], ["contract/etags.py"]),
    "idempotency": (["contract/idempotency.py"], ["contract/idempotency.py"]),
    "pages": (["contract/pagination.py"], ["contract/pagination.py"]),
    "throttling": (["contract/throttling.py"], ["contract/throttling.py"]),
    "commands": (["cli.py"], ["*/management/commands/*.py"]),
    "admin site": (["web/admin.py"], ["*/admin.py", "*/admin_site.py", "*/admin_config.py"]),
    "caching": (["contract/caching.py"], ["contract/caching.py"]),
    "web pages": (
        ["web/forms.py", "web/login.py", "web/pages.py", "web/views.py"],
        ["web/forms.py", "web/pages.py", "web/urls.py", "web/views.py", "web/templatetags/*.py"],
    ),
}
LEFT_OUT = {"migrations", "tests", "tuned"}


def modules(twin: str, patterns: list[str]) -> list[Path]:
    """List a twin's modules that match, less empty ones."""
    folder = ROOT / twin
    found = {path for pattern in patterns for path in folder.glob(pattern)}
    return sorted(path for path in found if path.stat().st_size)


def size(concept: str, flask: list[Path], drf: list[Path]) -> Size:
    """Count the lines of two sets of modules."""
    names = [[str(path.relative_to(ROOT)) for path in paths] for paths in (flask, drf)]
    return Size(concept, names[0], count(flask), names[1], count(drf))


def measure_sizes() -> list[Size]:
    """Count every concept of the plain twins, and what belongs to none of them as the last one."""
    pairs = {
        concept: (modules("flask_api", flask), modules("drf_api", drf))
        for concept, (flask, drf) in CONCEPTS.items()
    }
    rest = []
    for place, twin in enumerate(("flask_api", "drf_api")):
        known = {path for pair in pairs.values() for path in pair[place]}
        rest.append(
            [
                path
                for path in modules(twin, ["**/*.py"])
                if path not in known and not LEFT_OUT & {*path.parts}
            ]
        )
    pairs["database and the rest"] = (rest[0], rest[1])
    return [size(concept, *pair) for concept, pair in pairs.items()]
