"""What a WSGI server runs: `drf_api.wsgi:application`."""

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

from drf_api.contract.wire import wire
from drf_api.startup import configure

configure()
application = wire(get_wsgi_application())

from drf_api.contract.database import limit_statements  # noqa: E402 - needs the settings

connection_created.connect(limit_statements)
