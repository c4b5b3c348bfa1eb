"""Sessions: logging in and out (Flask-Login), and which requests have one at all."""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask, Request, Response, flash, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import delete

from flask_api.config import Config
from flask_api.contract.database import db, transaction
from flask_api.web.models import LIFETIME, LoginSession

MAX_TARGET = 2048  # characters

login_manager = LoginManager()
# Would note in each session whether the client's address has changed, which nothing here asks for.
login_manager.session_protection = None


class PageSessions(SecureCookieSessionInterface):
    """Flask's sessions, for pages alone: the API and static files read no cookie and set none."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if has_session(request.path) else None


def is_api(path: str) -> bool:
    """Tell whether a path is for programs."""
    return f"{path}/".startswith("/api/")


def has_session(path: str) -> bool:
    """Tell whether a path's answer may depend on who has logged in."""
    return not is_api(path) and not path.startswith(("/static/", "/admin/static/"))


@login_manager.user_loader
def load_login(secret: str) -> LoginSession | None:
    """Find what the session's cookie names."""
    return LoginSession.find(secret)


@login_manager.unauthorized_handler
def ask_to_log_in() -> Response:
    """Send the visitor to the login page, and from there back to what they wanted to see."""
    target = url_for("web.login")
    if request.method in {"GET", "HEAD"}:
        target += f"?{urlencode({'next': request.full_path.removesuffix('?')})}"
    return see_other(target)


def see_other(target: str) -> Response:
    """Redirect after a POST, or to a page that comes first."""
    answer: Response = redirect(target, HTTPStatus.SEE_OTHER)  # type: ignore[assignment]
    answer.set_data(b"")  # a page of Werkzeug's own that no browser shows
    return answer


def is_own_path(target: str) -> bool:
    """Tell whether a browser that is sent there stays on this site.

    Browsers take a backslash for a slash, and leave out tabs and line feeds.
    """
    is_clean = target.isprintable() and "\\" not in target and len(target) <= MAX_TARGET
    return is_clean and target.startswith("/") and not target.startswith("//")


def log_in(login: LoginSession) -> None:
    """Begin a new session, in which nothing is left of the one before."""
    session.clear()
    session.permanent = True
    login_user(login)


@transaction()
def log_out() -> None:
    """End the session, here and for everybody who has a copy of the cookie."""
    if current_user.is_authenticated:
        db.session.execute(delete(LoginSession).where(LoginSession.id == current_user.id))
    logout_user()
    session.clear()


def leave(message: str) -> Response:
    """Show the catalogue to somebody who has just logged out."""
    flash(message)
    return see_other(url_for("web.catalogue"))


def init_app(app: Flask, config: Config) -> None:
    """Set up sessions, as cookies that nothing but pages are sent."""
    app.config.update(
        SESSION_COOKIE_NAME="flask_session",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.SECURE_COOKIES,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
    )
    app.session_interface = PageSessions()
    # Its context processor would load the user for each template, that of an outage's page, too.
    login_manager.init_app(app, add_context_processor=False)
