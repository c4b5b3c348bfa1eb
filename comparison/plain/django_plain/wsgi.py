"""What a WSGI server runs, as `startproject` writes it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comparison.plain.django_plain.settings")

application = get_wsgi_application()
