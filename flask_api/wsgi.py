"""The application for a WSGI server: `gunicorn flask_api.wsgi:app`."""

import sys

from flask_api.app import create_app
from flask_api.config import ConfigurationError

try:
    app = create_app()
except ConfigurationError as error:
    error.show()
    # gunicorn stops at this code ("App failed to load"); after another it would try forever.
    sys.exit(4)
