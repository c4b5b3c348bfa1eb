"""Each file of one twin has its counterpart in the other, or a reason why not."""

from pathlib import Path

from contract_tests.conftest import ROOT

# How one framework's word for a concept is called in the other.
DJANGO_NAMES = {
    "app.py": "wsgi.py",
    "config.py": "settings.py",
    "routes.py": "urls.py",
    "schemas.py": "serializers.py",
    "resources.py": "views.py",
    "cli.py": "todos/management/commands/seed.py",
}

ONLY_IN_FLASK = {
    "web/admin.py": "Flask-Admin's views are in one module; Django looks for each app's admin.py",
    "web/login.py": "django.contrib.auth has its sessions; Flask-Login asks for code",
    "web/models.py": "Django has a table of sessions; Flask keeps them in signed cookies",
    "wsgi.py": "app.py has the factory; the server needs a module with an application besides",
}

ADMIN = "Django looks for it in each app; Flask-Admin's views are in web/admin.py"
ONLY_IN_DJANGO = {
    "accounts/admin.py": ADMIN,
    "accounts/admin_config.py": "Django's admin is an app, which settings name by a class",
    "accounts/backends.py": "Django logs in by a class that settings name",
    "accounts/hashers.py": "Django finds a password hasher by its class; Flask calls argon2-cffi",
    "accounts/management/commands/changepassword.py": "Django's own would leave tokens valid",
    "accounts/management/commands/createsuperuser.py": "as prune.py",
    "accounts/management/commands/prune.py": "a file for each command; Flask's are all in cli.py",
    "accounts/admin_site.py": "Django's admin has its own login; Flask-Admin has none",
    "contract/admin.py": ADMIN,
    "contract/browsers.py": "Django's sessions and messages are middleware, kept from the API here",
    "contract/models.py": "Django looks for an app's models here and nowhere else",
    "contract/request_ids.py": "Django imports the logging's filter before it knows the models",
    "contract/wire.py": "werkzeug reads chunked bodies, and sends no body with HEAD, 204 or 304",
    "environment.py": "Django's settings are a module, so what parses them is another",
    "manage.py": "Flask brings its command line along",
    "products/admin.py": ADMIN,
    "startup.py": "tools load Django's settings without a key, so the entries check it",
    "todos/admin.py": ADMIN,
    "web/templatetags/web.py": "Django's templates call no functions; Jinja2's do",
    "web/urls.py": "Flask's pages have their addresses beside them",
}


def modules(twin: str) -> set[str]:
    """Return a twin's modules, less tests, migrations, `tuned/` and empty package markers.

    What is slow differs between the frameworks, and so does what is done about it.
    """
    folder = ROOT / twin
    paths = [path.relative_to(folder) for path in folder.rglob("*.py")]
    return {
        str(path)
        for path in paths
        if path.name != "__init__.py" and not {"migrations", "tests", "tuned"} & {*path.parts}
    }


def in_django(path: str) -> str:
    """Return the path of a Flask module's counterpart."""
    name = Path(path).name
    if path in ONLY_IN_FLASK:
        return "nothing"
    return DJANGO_NAMES.get(path) or str(Path(path).with_name(DJANGO_NAMES.get(name, name)))


def test_each_module_of_flask_has_its_counterpart_or_a_reason() -> None:
    alone = {path for path in modules("flask_api") if in_django(path) not in modules("drf_api")}
    assert alone == {*ONLY_IN_FLASK}


def test_each_module_of_django_has_its_counterpart_or_a_reason() -> None:
    mirrored = {in_django(path) for path in modules("flask_api")}
    assert modules("drf_api") - mirrored == {*ONLY_IN_DJANGO}


def test_every_exception_gives_its_reason() -> None:
    assert all({**ONLY_IN_FLASK, **ONLY_IN_DJANGO}.values())


def test_both_twins_have_the_same_style_sheet() -> None:
    for name in ("style.css", "docs.css", "icon.svg"):
        flask, django = (
            (ROOT / twin / folder / name).read_bytes()
            for twin, folder in (("flask_api", "web/static"), ("drf_api", "web/static/web"))
        )
        assert flask == django, name
