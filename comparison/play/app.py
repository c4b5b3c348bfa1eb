"""The playground's pages: a form, what came of an input, and the site's others if it is built."""

import http.client
import json
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Flask, redirect, request, send_from_directory
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from comparison import site
from comparison.exchange import Server, indented
from comparison.play.arguments import MOST
from comparison.play.choices import LIBRARIES, Choice, choices, not_json
from comparison.play.plain import Error, Task, Verdict
from comparison.play.worker import TooLongError, Worker
from comparison.source import OUTPUT

HERE = "playground.html"
OWN_FILES = ("play.js", "site.js", "style.css")
NAMES = {"marshmallow": "flask_api", "drf": "drf_api"}
POLICY = "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'"


@dataclass(frozen=True)
class Playground:
    """What answers: the plain libraries, and both twins by their names."""

    worker: Worker
    twins: dict[str, Server]
    lock: Lock

    def strict(self, library: str, choice: Choice, text: str) -> Verdict:
        """Send an input to a twin."""
        server = self.twins[NAMES[library]]
        try:
            with self.lock:  # a server remembers what its last answer has taught
                answer = server.send(choice.ask, text)
        except (OSError, http.client.HTTPException) as error:
            return Verdict(crash=f"The twin did not respond: {error}")
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        value: Any = json.loads(answer.body)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            whole = {"pointer": "", "code": "", "detail": value["detail"]}
            found = [Error(**each) for each in value.get("errors", [whole])]
            return Verdict(errors=tuple(found), status=status)
        if not choice.is_whole:
            for token in choice.ask.show.split("/")[1:]:
                value = value[token]
        return Verdict(value=indented(value), status=status)

    def results(self, choice: Choice, text: str) -> dict[str, Any]:
        """Return what each library makes of an input: `plain` and `strict`, by library."""
        try:
            task = Task(choice.code, choice.fed(text), choice.model, choice.body(text))
            plain = self.worker.judge(task)
        except TooLongError:
            busy = f"took longer than {self.worker.seconds:.0f} s, or too much memory"
            plain = dict.fromkeys(choice.code, Verdict(crash=busy))
        strict = {name: self.strict(name, choice, text) for name in NAMES}
        if "strict_pydantic" in plain:
            strict["pydantic"] = plain.pop("strict_pydantic")
        return {"plain": plain, "strict": strict}


class Pages:
    """The pages; `folder` is where the rest of the site is, if it is built."""

    def __init__(self, playground: Playground, folder: Path) -> None:
        self.playground = playground
        self.folder = folder
        self.templates = site.environment()
        self.made = site.made()

    def page(self, template: str, title: str, status: int = 200, **values: Any) -> Response:
        """Make a page."""
        html = self.templates.get_template(template).render(
            title=title,
            about=site.SUMMARY,
            preview="preview.png",
            base_url="",
            here=HERE,
            up="",
            navigation=site.NAVIGATION,
            made=self.made,
            **values,
        )
        # Half of a surrogate pair, which an input may hold, is no UTF-8.
        return Response(html.encode(errors="backslashreplace"), status, mimetype="text/html")

    def refused(self, error: HTTPException) -> Response:
        """Say what Flask refuses by itself."""
        text = error.description or error.name
        return self.page("refused.html", error.name, error.code or 500, text=text)

    def try_out(self) -> Response:
        """Show the form, and what came of an input; of a request for a `part`, that alone."""
        known = choices()
        name = request.args.get("schema", next(iter(known)))
        if (choice := known.get(name)) is None:
            text = f"There is no schema {name[:40]!r}; choose one of: {', '.join(known)}."
            return self.page("refused.html", "No such schema", 404, text=text)
        given = request.args.get("body", choice.inputs[0])
        status, wrong = fault(given)
        return self.page(
            "results.html" if "part" in request.args else "play.html",
            "Playground",
            status,
            choices=known,
            choice=choice,
            given=given,
            wrong=wrong,
            results=None if wrong else self.playground.results(choice, given),
            libraries=LIBRARIES,
            most=MOST,
        )

    def rest(self, address: str) -> Response:
        """Send another page of the site, if it is built."""
        if address in OWN_FILES:
            return send_from_directory(site.TEMPLATES, address)
        if not self.folder.is_dir():
            text = "The rest of the site is not built yet: `make compare` builds it."
            return self.page("refused.html", "Not built yet", 404, text=text)
        return send_from_directory(self.folder, address)


def fault(given: str) -> tuple[int, str]:
    """Return a status, and what is wrong with an input, if anything is."""
    if len(given) > MOST:
        return 413, f"The input has {len(given):,} characters; the maximum is {MOST:,}."
    said = not_json(given)
    return 200, f"This is not JSON: {said}" if said else ""


def secured(response: Response) -> Response:
    """Let a page load nothing but what is served here."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def create_app(playground: Playground, folder: Path = OUTPUT) -> Flask:
    """Make the application."""
    app = Flask(__name__, static_folder=None)
    app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1", "[::1]"]
    pages = Pages(playground, folder)
    app.after_request(secured)
    app.register_error_handler(HTTPException, pages.refused)
    app.add_url_rule("/", view_func=lambda: redirect(HERE), endpoint="start")
    app.add_url_rule(f"/{HERE}", view_func=pages.try_out)
    app.add_url_rule("/<path:address>", view_func=pages.rest)
    return app
