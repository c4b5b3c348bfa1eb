"""The contract's own tests of the measured operations, for each peer.

What a peer doesn't serve, such as logging in, the Flask twin answers on the same database.
"""

import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from comparison.bench.programs import PROGRAMS, ROOT
from comparison.bench.servers import Server
from contract_tests.client import Answer, Request, send
from contract_tests.self_tests.faulty_server import Ask
from contract_tests.self_tests.faulty_server import serving as standing_in

ID = "[0-9a-f-]{36}"
SERVED = [
    re.compile(rf"(GET|POST) /api/todos|(GET|PATCH) /api/todos/{ID}"),
    re.compile(rf"GET /api/(health|products|products/summary|products/{ID})"),
    re.compile(rf"POST /api/products/{ID}/stock-adjustments"),
]
# What no measured request uses, the peers leave out.
LEFT_OUT = {"Idempotency-Key", "If-Match"}
OPERATIONS = (
    "get_todo",
    "create_todo",
    "update_todo",
    "get_product",
    "get_product_summary",
    "create_stock_adjustment",
)
# Pydantic checks a whole list or a whole body only once all of its parts are right, and FastAPI
# and Ninja check the body before the handler looks for what the path names.
BY_PYDANTIC = (
    "not (tags and wrong and each) and not (nothing and more)"
    " and not (create_todo and gives_all_errors) and not (adjustment and does_not_find)"
)


@pytest.mark.parametrize(
    ("peer", "chosen", "servers"),
    [
        (peer, chosen, PROGRAMS[peer].databases[-1])
        for peer, chosen in {
            "floor": "",
            "fastapi": BY_PYDANTIC,
            "ninja": BY_PYDANTIC,
            "fastapi_asyncpg": BY_PYDANTIC,
            "falcon_core": "",
        }.items()
    ],
    indirect=["servers"],
)
def test_the_contract_is_kept(peer: str, chosen: str, servers: dict[str, Server]) -> None:
    def answer(request: Request, ask: Ask) -> Answer:
        line = f"{request.method} {urlsplit(request.target).path}"
        if LEFT_OUT & {*request.headers} or not any(p.fullmatch(line) for p in SERVED):
            return ask(request)
        return send(f"http://127.0.0.1:{servers[peer].port}", request)

    with standing_in(f"http://127.0.0.1:{servers['flask_api'].port}", answer) as url:
        files = [f"contract_tests/operations/test_{name}.py" for name in OPERATIONS]
        options = ["-q", "--tb=short", "-p", "no:cacheprovider", "--base-url", url, "-k", chosen]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *files],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-3000:]
