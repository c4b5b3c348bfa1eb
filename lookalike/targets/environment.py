"""Where requests go, by this machine's settings."""

import os
import socket
import ssl
from collections.abc import Mapping
from urllib.request import getproxies, proxy_bypass


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself, by any of its addresses."""
    try:
        found = socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return host == "localhost"
    addresses = {str(address[4][0]) for address in found}
    return all(each.startswith("127.") or each == "::1" for each in addresses)


def tls_context(ca: str | None, *, insecure: bool) -> ssl.SSLContext:
    """Build what checks certificates: by the system's, or one's own authorities, or not at all."""
    context = ssl.create_default_context(cafile=ca)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def environment_proxies() -> Mapping[str, str]:
    """Return the proxies that the environment names, to be shown before anything is sent."""
    return {name: url for name, url in getproxies().items() if name in {"http", "https"}} or {
        key: value for key, value in os.environ.items() if key.lower() == "all_proxy"
    }


def proxy_for(scheme: str, host: str) -> str | None:
    """Return the proxy by which a host is reached, if any; this machine needs none."""
    if host == "localhost" or host.startswith("127.") or host == "::1" or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(scheme) or proxies.get("all")
