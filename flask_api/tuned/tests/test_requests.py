"""Sessions and coroutines work as Flask's documentation says."""

from dataclasses import dataclass

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface

from flask_api.tuned import requests


def make_app(*, tuned: bool) -> Flask:
    app = Flask("tried")
    app.secret_key = "for this test"

    @app.get("/nothing")
    def nothing() -> str:
        return "nothing"

    @app.get("/count")
    async def count() -> str:
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    @app.get("/look")
    def look() -> str:
        return str(session.get("count"))

    @app.get("/forget")
    def forget() -> str:
        session.clear()
        return "forgotten"

    app.before_request(lambda: None)
    if tuned:
        requests.init_app(app)
    return app


def told(app: Flask, *paths: str, without_cookies: bool = False) -> list[object]:
    """Tell all of the answers but what a signature depends on, the time."""
    client = app.test_client(use_cookies=not without_cookies)
    answers = [client.get(path) for path in paths]
    return [
        (
            answer.text,
            answer.vary.to_header(),
            [line.partition("=")[0] for line in answer.headers.getlist("Set-Cookie")],
        )
        for answer in answers
    ]


PATHS = ("/nothing", "/look", "/count", "/nothing", "/count", "/look", "/forget", "/look")


def test_sessions() -> None:
    for _ in range(2):
        assert told(make_app(tuned=True), *PATHS) == told(make_app(tuned=False), *PATHS)
    found = told(make_app(tuned=True), *PATHS, without_cookies=True)
    assert found == told(make_app(tuned=False), *PATHS, without_cookies=True)


def test_a_cookie_that_is_no_session() -> None:
    for tuned in (True, False):
        client = make_app(tuned=tuned).test_client()
        client.set_cookie("session", "forged")
        assert client.get("/look").text == "None"


def test_without_a_key_there_are_no_sessions() -> None:
    app = make_app(tuned=True)
    app.secret_key = None
    assert app.test_client().get("/nothing").text == "nothing"
    assert app.test_client().get("/count").status_code == 500


def test_functions_are_looked_at_once() -> None:
    app = make_app(tuned=True)
    assert app.ensure_sync(make_app) is make_app
    assert app.ensure_sync(make_app) is make_app
    count = app.view_functions["count"]
    assert app.ensure_sync(count) is not count


@dataclass
class Hook:
    """Can neither be hashed nor, for want of a slot, be referred to weakly."""

    __slots__ = ("name",)
    name: str

    def __call__(self) -> str:
        return self.name


def test_callables_that_cannot_be_remembered() -> None:
    app = make_app(tuned=True)
    app.before_request(Hook("heard"))
    assert app.test_client().get("/nothing").text == "heard"


def test_what_an_application_has_of_its_own_stays() -> None:
    class Sessions(SecureCookieSessionInterface):
        pass

    class Own(Flask):
        session_interface = Sessions()

        def ensure_sync(self, func: object) -> object:  # type: ignore[override]
            return func

    app = Own("own")
    requests.init_app(app)
    assert type(app.session_interface) is Sessions
    assert "ensure_sync" not in vars(app)
