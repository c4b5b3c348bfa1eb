"""Functions and coroutines are called as Flask's documentation says."""

from dataclasses import dataclass

from flask import Flask

from flask_api.tuned import requests


def make_app() -> Flask:
    app = Flask("tried")

    @app.get("/nothing")
    def nothing() -> str:
        return "nothing"

    @app.get("/later")
    async def later() -> str:
        return "later"

    requests.init_app(app)
    return app


def test_coroutines_are_awaited() -> None:
    client = make_app().test_client()
    for _ in range(2):
        assert [client.get(path).text for path in ("/nothing", "/later")] == ["nothing", "later"]


def test_functions_are_looked_at_once() -> None:
    app = make_app()
    assert app.ensure_sync(make_app) is make_app
    assert app.ensure_sync(make_app) is make_app
    later = app.view_functions["later"]
    assert app.ensure_sync(later) is not later


@dataclass
class Hook:
    """Can neither be hashed nor, for want of a slot, be referred to weakly."""

    __slots__ = ("name",)
    name: str

    def __call__(self) -> str:
        return self.name


def test_callables_that_cannot_be_remembered() -> None:
    app = make_app()
    app.before_request(Hook("heard"))
    assert app.test_client().get("/nothing").text == "heard"


def test_what_an_application_has_of_its_own_stays() -> None:
    class Own(Flask):
        def ensure_sync(self, func: object) -> object:  # type: ignore[override]
            return func

    app = Own("own")
    requests.init_app(app)
    assert "ensure_sync" not in vars(app)
