"""The address of a server, parsed from `--base-url`; parts that can't be used are refused."""

import http.client
import re
import socket
import ssl
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

PREFIX = re.compile(r"(/[\w.~-]+)*")
PORTS = {"http": 80, "https": 443}


class AddressError(ValueError):
    """A URL names no server that can be asked, or more than its address."""


@dataclass(frozen=True)
class Address:
    """The address of a server, which may be one below a path of a proxy's."""

    scheme: str
    host: str
    port: int
    prefix: str  # of every path, such as "/shop"; or nothing

    @classmethod
    def of(cls, url: str) -> "Address":
        """Read a URL, or raise an AddressError that says in a line what is wrong with it."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise AddressError(f"{url}: {error}") from None
        if parts.scheme not in PORTS or not parts.hostname:
            raise AddressError(f"{url} is no http://host:port or https://host:port")
        if parts.username is not None or "?" in url or "#" in url:
            raise AddressError(f"{url}: leave out credentials, query and fragment")
        prefix = parts.path.rstrip("/")
        if not PREFIX.fullmatch(prefix):
            raise AddressError(f"{url}: {prefix} is no plain path")
        return cls(parts.scheme, parts.hostname, port or PORTS[parts.scheme], prefix)

    @property
    def url(self) -> str:
        """The URL, without a slash at its end."""
        return f"{self.scheme}://{self.authority}{self.prefix}"

    @property
    def authority(self) -> str:
        """Host and port, as they are in `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def client(self, timeout: float, source: tuple[str, int] | None) -> http.client.HTTPConnection:
        """Return what sends requests there; it connects with the first of them."""
        if self.scheme == "https":
            return http.client.HTTPSConnection(
                self.host, self.port, timeout=timeout, source_address=source, context=trusting()
            )
        return http.client.HTTPConnection(
            self.host, self.port, timeout=timeout, source_address=source
        )

    def connect(self, timeout: float) -> socket.socket:
        """Open a connection for bytes."""
        connection = socket.create_connection((self.host, self.port), timeout)
        if self.scheme == "https":
            return trusting().wrap_socket(connection, server_hostname=self.host)
        return connection


@cache
def trusting() -> ssl.SSLContext:
    """Return whom to trust: the system's authorities, or those in the file SSL_CERT_FILE."""
    return ssl.create_default_context()
