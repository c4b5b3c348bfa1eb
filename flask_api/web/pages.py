"""What all pages have in common: their header fields, tokens against forgery, and error pages."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from marshmallow import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from flask_api.config import Config
from flask_api.contract import errors
from flask_api.contract.errors import ProblemError
from flask_api.contract.parameters import check_query
from flask_api.contract.parsing import MAX_BODY
from flask_api.contract.throttling import limited
from flask_api.web import login
from flask_api.web.login import has_session, is_api
from flask_api.web.views import SkuConverter, web

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
DOCS_CSP = CSP.replace(
    "img-src 'self'", "img-src 'self' data:; script-src 'self'; connect-src 'self'"
)
FORGED = "This form has expired or was sent from another site. Reload the page and try again."
FILES = {"admin.static", "web.static", "web.swagger_ui"}

csrf = CSRFProtect()


def finalize_page(response: Response) -> Response:
    """Add what every page carries; what it has in common with the API is added later."""
    is_file = request.endpoint in FILES and response.status_code < HTTPStatus.BAD_REQUEST
    if is_file or is_api(request.path):
        return response
    response.vary.add("Cookie")
    # With `no-referrer` browsers would send `Origin: null` with a form.
    response.headers["Referrer-Policy"] = "same-origin"
    is_docs = request.endpoint == "web.docs" and response.status_code == HTTPStatus.OK
    response.headers.setdefault("Content-Security-Policy", DOCS_CSP if is_docs else CSP)
    return response


@web.before_request
def admit() -> None:
    """Hold visitors to the general limit, and refuse forged forms; static files are for all."""
    if has_session(request.path) and request.method != "OPTIONS":
        check_request()


@limited
def check_request() -> None:
    """Refuse what can't be read, and forms that aren't of this site's pages and session."""
    check_query(request)
    if request.method == "POST":
        read_form()
        csrf.protect()
        refuse_other_origins()


def read_form() -> None:
    """Read the body's fields, up to the limit that the API has."""
    request.max_content_length = request.max_form_memory_size = MAX_BODY
    try:
        _ = request.form
    except HTTPException:
        raise
    except Exception:  # noqa: BLE001 – each server has exceptions of its own for broken chunks
        raise ProblemError("malformed-body") from None


def refuse_other_origins() -> None:
    """Refuse what a page of another site has sent, even with a token."""
    here, origin = request.host_url, request.headers.get("Origin")
    sender = f"{origin}/" if origin else request.referrer
    if sender and not sender.startswith(here):
        raise CSRFError


class ForgeryError(ProblemError):
    """The problem `forbidden`, whose own words are about staff."""

    def __init__(self) -> None:
        super().__init__("forbidden")
        self.type = self.type._replace(detail=FORGED)


def as_page(handle: Callable[[Any], HTTPException]) -> Callable[[Any], Any]:
    """Answer with a page where the contract's handler would answer a person with JSON."""

    def handler(error: Exception) -> Any:
        answer = ForgeryError() if isinstance(error, CSRFError) else handle(error)
        if not isinstance(answer, ProblemError) or is_api(request.path):
            return answer
        try:
            return show_problem(answer)
        except SQLAlchemyError as failure:  # of looking up who is logged in
            return show_problem(errors.handle_database_error(failure))

    return handler


def show_problem(problem: ProblemError) -> tuple[str, int, Mapping[str, str]]:
    """Render a problem; nobody is looked up when the server or its database fails."""
    status = problem.type.status
    is_bare = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    page = render_template("web/error.html", problem=problem.type, is_bare=is_bare)
    return page, status, problem.headers


def init_app(app: Flask, config: Config) -> None:
    """Add the pages."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,  # the API reads no cookie, so it has nothing to protect
        WTF_CSRF_HEADERS=[],
        WTF_CSRF_SSL_STRICT=False,  # would ask for `Referer`, which needn't be sent with `Origin`
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
    )
    csrf.init_app(app)
    login.init_app(app, config)
    app.jinja_env.globals["current_user"] = current_user  # looked up where a template asks
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["sku"] = SkuConverter
    app.register_blueprint(web)
    app.after_request(finalize_page)
    app.register_error_handler(HTTPException, as_page(errors.handle_http_exception))
    app.register_error_handler(ValidationError, as_page(errors.handle_validation_error))
    app.register_error_handler(SQLAlchemyError, as_page(errors.handle_database_error))
