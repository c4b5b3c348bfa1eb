"""The application and its parts."""

import logging
import sys
from http import HTTPStatus

from flask import Flask, Response, got_request_exception
from flask.logging import default_handler
from flask_migrate import Migrate
from werkzeug.exceptions import InternalServerError

from flask_api import cli, routes
from flask_api.config import Config
from flask_api.contract import caching, database, errors, etags, headers, openapi, throttling
from flask_api.contract.headers import REQUEST_ID_FILTER
from flask_api.web import pages


class Application(Flask):
    """Flask, but for its answers to OPTIONS and, while debugging, to faults."""

    def make_default_options_response(self) -> Response:
        response = super().make_default_options_response()
        response.status_code = HTTPStatus.NO_CONTENT
        response.headers["Allow"] = ", ".join(sorted(response.allow))
        return response

    def handle_exception(self, e: Exception) -> Response:
        """Answer a fault; Flask would show the debugger to every client, in production as well."""
        is_decided = self.testing or self.config["PROPAGATE_EXCEPTIONS"] is not None
        if is_decided or not self.debug or errors.is_for_debugger():
            return super().handle_exception(e)
        got_request_exception.send(self, _async_wrapper=self.ensure_sync, exception=e)
        self.log_exception(sys.exc_info())
        answer = self.handle_user_exception(InternalServerError(original_exception=e))
        return self.finalize_request(answer, from_error_handler=True)


def configure_logging(level: str) -> None:
    """Log what the application and its libraries say, each record with its request ID."""
    default_handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")
    )
    default_handler.addFilter(REQUEST_ID_FILTER)
    default_handler.setLevel(level)
    logging.getLogger().addHandler(default_handler)
    # Before Flask makes the logger, to which it adds this handler again if none takes its level.
    logging.getLogger("flask_api").setLevel(level)


def create_app(config: Config | None = None) -> Flask:
    """Make the application, configured by the environment unless told otherwise."""
    config = config or Config.from_environment()
    app = Application("flask_api", static_folder=None)
    configure_logging(config.LOG_LEVEL)
    app.config.from_object(config)
    app.debug = app.debug and config.APP_ENV == "development"  # whatever FLASK_DEBUG says
    openapi.init_app(app, config.OPENAPI_FILE)
    database.init_app(app, config)
    # Named by the package: in the path of the folder Alembic would take a % for an interpolation.
    Migrate(app, database.db, directory="flask_api:migrations")
    errors.init_app(app)
    headers.init_app(app)
    throttling.init_app(app, config)
    caching.init_app(app, config)
    etags.init_app(app)
    routes.init_app(app)
    cli.init_app(app)
    if config.PAGES_ENABLED:
        pages.init_app(app, config)
    if config.ADMIN_ENABLED:
        from flask_api.web import admin  # noqa: PLC0415 – takes long, and is seldom wanted

        admin.init_app(app)
    if config.TUNED:
        from flask_api import tuned  # noqa: PLC0415 – everything works without it

        tuned.init_app(app)
    return app
