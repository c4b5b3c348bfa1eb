"""The relay that replaces nginx alternates as nginx does."""

from contextlib import closing

import pytest

from contract_tests.client import Connection, Request
from contract_tests.fleet.relay import relaying
from deploy.twins import TWINS

pytestmark = pytest.mark.own_servers


@pytest.mark.parametrize(("one_request", "connections"), [(True, [3, 3]), (False, [1])])
def test_turns_by_request_or_by_connection(
    base_urls: list[str], *, one_request: bool, connections: list[int]
) -> None:
    names = [twin.name for twin in TWINS]
    addresses = {
        name: ("127.0.0.1", int(base_url.rpartition(":")[2]))
        for name, base_url in zip(names, base_urls, strict=True)
    }
    with relaying(addresses, one_request=one_request) as relay:
        port = relay.server_address[1]
        with closing(Connection(f"http://127.0.0.1:{port}")) as connection:
            for _ in range(6):
                connection.begin(Request("POST", "/api/todos", body=b"{}"))
                assert connection.finish().status == 401
    assert relay.served == dict(zip(names, connections, strict=False))
