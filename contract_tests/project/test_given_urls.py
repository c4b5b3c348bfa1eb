"""URLs with `https://`, and with a path that a proxy strips, are honoured by all layers."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract_tests.address import Address
from contract_tests.client import Request
from contract_tests.conformance import test_conformance as conformance
from contract_tests.conftest import ROOT
from contract_tests.servers import database, environment, free_port, seeded, twins
from deploy.twins import TWINS, running

START_SECONDS = 60
needs_nginx = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")

NGINX = """
daemon off;
pid nginx.pid;
error_log stderr crit;
events {}
http {
    access_log off;
    client_body_temp_path temporary;
    proxy_temp_path temporary;
    fastcgi_temp_path temporary;
    uwsgi_temp_path temporary;
    scgi_temp_path temporary;
    server {
        listen 127.0.0.1:PLAIN;
        listen 127.0.0.1:SECURE ssl;
        ssl_certificate CERTIFICATE;
        ssl_certificate_key KEY;
        location /shop/v1/ {
            proxy_pass http://BEHIND/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
        }
    }
}
"""

# A part of each layer that asks given servers.
OPERATIONS = ["contract_tests/operations/test_list_todos.py"]
CONCURRENCY = ["contract_tests/concurrency", "-k", "key"]
METAMORPHIC = ["contract_tests/metamorphic", "-k", "writing", "--examples", "2"]
RAW_HTTP = [
    "contract_tests/raw_http",
    "-k",
    "order or test_conversation or test_stalled or test_refusal",
]


def layer_of(part: list[str]) -> str:
    """Return the folder that a part is from."""
    return part[0].split("/")[1]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for this machine, which certifies itself; its key is beside it."""
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([*command.split(), names, *files], check=True, capture_output=True)
    return folder / "certificate.pem"


@pytest.fixture(scope="module")
def secure(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a twin over TLS, without a proxy."""
    folder, port, twin = tmp_path_factory.mktemp("secure"), free_port(), TWINS[0]
    shutil.copy(seeded(twin), database(folder, twin))
    key = certificate.with_name("key.pem")
    tls = {"GUNICORN_CMD_ARGS": f"--certfile={certificate} --keyfile={key}"}
    with running(twin, port, environment(folder, twin) | tls):
        wait_for(port)
        yield f"https://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def below(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve a twin below a path of nginx, and return its URLs by their scheme."""
    folder = tmp_path_factory.mktemp("below")
    with (
        twins(folder, TWINS[1:]) as [twin],
        nginx(folder, twin.partition("://")[2], certificate) as ports,
    ):
        yield {scheme: f"{scheme}://127.0.0.1:{port}/shop/v1" for scheme, port in ports.items()}


@contextmanager
def nginx(folder: Path, behind: str, certificate: Path) -> Iterator[dict[str, int]]:
    """Run nginx before a server, and give its ports by their scheme."""
    ports = {"http": free_port(), "https": free_port()}
    text = NGINX
    for name, value in {
        "PLAIN": ports["http"],
        "SECURE": ports["https"],
        "CERTIFICATE": certificate,
        "KEY": certificate.with_name("key.pem"),
        "BEHIND": behind,
    }.items():
        text = text.replace(name, str(value))
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", "nginx.conf"]
    with subprocess.Popen(command) as server:
        try:
            wait_for(ports["http"])
            yield ports
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    """Return as soon as somebody listens on a port."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return Address.of(f"http://127.0.0.1:{port}").connect(1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def run(part: list[str], *base_urls: str) -> str:
    """Run a part of the suite, which is to pass, and return what it prints."""
    given = [f"--base-url={base_url}" for base_url in base_urls]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *part, *given],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:]
    return done.stdout


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the certificate, as somebody does who has an authority of their own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.parametrize("part", [OPERATIONS, CONCURRENCY, RAW_HTTP], ids=layer_of)
def test_layers_over_tls(part: list[str], secure: str, trusted: None) -> None:
    assert re.search(r"\b[1-9]\d* passed", run(part, secure))


@needs_nginx
@pytest.mark.parametrize("part", [OPERATIONS, CONCURRENCY, METAMORPHIC], ids=layer_of)
def test_layers_below_a_path(part: list[str], below: dict[str, str]) -> None:
    assert re.search(r"\b[1-9]\d* passed", run(part, below["http"]))


@needs_nginx
def test_over_tls_and_below_a_path(below: dict[str, str], trusted: None) -> None:
    assert re.search(r"\b[1-9]\d* passed", run(CONCURRENCY, below["https"]))


@needs_nginx
def test_schemathesis_over_tls_and_below_a_path(below: dict[str, str], trusted: None) -> None:
    status, report = conformance.run(
        below["https"], ["--phases", "examples", "--include-tag", "products"]
    )
    assert status == 0, report
    assert "No issues found" in report


@needs_nginx
def test_raw_requests_are_not_sent_below_a_path(below: dict[str, str]) -> None:
    assert "is below a path" in run(RAW_HTTP, below["http"])


def test_a_certificate_that_nobody_vouches_for_is_said_in_a_line(secure: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPERATIONS, "--base-url", secure],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert len(re.findall("^ERROR: .*certificate", done.stdout, re.MULTILINE)) == 1


def test_a_curl_line_has_the_whole_address() -> None:
    curl = Request("GET", "/api/todos").curl("https://here/shop")
    assert curl == "curl -i -X GET https://here/shop/api/todos"
