"""What a WSGI server runs: `drf_api.wsgi:application`."""

import django
from django.core.handlers.wsgi import WSGIHandler
from django.db.backends.signals import connection_created

from drf_api.startup import configure

configure()
django.setup(set_prefix=False)

from drf_api.contract.database import limit_statements  # noqa: E402 - needs the settings
from drf_api.contract.parsing import ContractRequest  # noqa: E402 - as above


class Handler(WSGIHandler):
    """Django's handler, for requests as the contract reads them."""

    request_class = ContractRequest


connection_created.connect(limit_statements)
application = Handler()
