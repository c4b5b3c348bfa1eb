"""Where a server's OpenAPI file is: named, or at one of the usual places."""

import re
import ssl
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lookalike.http import Answer, NoAnswer, Request, first
from lookalike.openapi import Contract, ContractError
from lookalike.targets import AddressError, HttpTarget, Target

# What frameworks serve by default: FastAPI, Litestar, flask-smorest, APIFlask, Connexion,
# drf-spectacular, springdoc, Swashbuckle and .NET, NestJS, express-openapi, utoipa, huma.
PLACES = (
    "/openapi.json",
    "/openapi.yaml",
    "/openapi.yml",
    "/api/openapi.json",
    "/api/openapi.yaml",
    "/api/v1/openapi.json",
    "/v1/openapi.json",
    "/schema/openapi.json",
    "/api/schema/",
    "/schema/",
    "/v3/api-docs",
    "/api-docs/openapi.json",
    "/api-docs",
    "/api-json",
    "/docs/openapi.json",
    "/openapi/v1.json",
    "/swagger/v1/swagger.json",
    "/swagger.json",
    "/api/swagger.json",
    "/swagger.yaml",
)
PAGES = ("/docs", "/api/docs", "/api/docs/", "/swagger-ui", "/swagger", "/redoc", "/")
LINKS = (
    re.compile(
        r"""["']?\b(?:spec-?url|url|href|data-url)["']?\s*[:=]\s*["']([^"'\s]+)["']""",
        re.IGNORECASE,
    ),
)
SPECIFICATION = re.compile(r"openapi|swagger|schema|api-docs|spec", re.IGNORECASE)
MOST_REDIRECTS = 5
ACCEPT = ("Accept", "application/json, application/yaml;q=0.9, */*;q=0.8")
HTML = ("Accept", "text/html")


def read(source: str, context: ssl.SSLContext, timeout: float) -> Contract:
    """Read the file from a path or a URL; raise a ContractError where that can't be done."""
    if "://" not in source:
        return Contract.read(Path(source))
    for _ in range(MOST_REDIRECTS + 1):
        parts = urlsplit(source)
        try:
            target = HttpTarget(
                f"{parts.scheme}://{parts.netloc}", timeout=timeout, context=context
            )
        except AddressError as error:
            raise ContractError(str(error)) from None
        query = f"?{parts.query}" if parts.query else ""
        outcome = target.send(Request("GET", (parts.path or "/") + query, (ACCEPT,)))
        target.close()
        if isinstance(outcome, NoAnswer):
            raise ContractError(f"{outcome.why} {outcome.detail}".strip())
        location = first(outcome.fields, "location")
        if outcome.status in range(300, 400) and location:
            source = urljoin(source, location)
            continue
        if outcome.status != 200:  # noqa: PLR2004 - RFC 9110, section 15.3.1
            raise ContractError(f"the server answered {outcome.status} {outcome.reason}".strip())
        return Contract.parse(text_of(outcome))
    raise ContractError("redirected too often")


def find(target: Target, origin: Target | None = None) -> tuple[Contract, str]:
    """Look at a server's usual places, below its base path and at its root; say where it was.

    Raises a ContractError where there is none, or an older one.
    """
    older = ""
    for each in (target, origin):
        if each is None:
            continue
        for path in (*PLACES, *linked(each)):
            text = fetched(each, path)
            if text is None:
                continue
            try:
                return Contract.parse(text), each.base_url + path
            except ContractError as error:
                if re.search(r"""["']?swagger["']?\s*:\s*["']?2""", text):
                    older = f"{each.base_url}{path} is {error}"
    if older:
        raise ContractError(f"{older}; convert it to OpenAPI 3")
    raise ContractError(f"no OpenAPI file at the usual places ({', '.join(PLACES[:4])} …)")


def linked(target: Target) -> list[str]:
    """Return the paths of files that pages with documentation load."""
    found: dict[str, None] = {}
    for page in PAGES:
        text = fetched(target, page, HTML)
        for pattern in LINKS:
            for link in pattern.findall(text or ""):
                path = urljoin(page, link)
                if (
                    path.startswith("/")
                    and SPECIFICATION.search(path)
                    and not path.endswith((".js", ".css", ".png"))
                ):
                    found[path] = None
    return [*found]


def fetched(target: Target, path: str, accept: tuple[str, str] = ACCEPT) -> str | None:
    """Return the text that a server has at a path, following redirections within it."""
    for _ in range(MOST_REDIRECTS):
        outcome = target.send(Request("GET", path, (accept,)))
        if not isinstance(outcome, Answer):
            return None
        location = first(outcome.fields, "location")
        if outcome.status in range(300, 400) and location:
            there = urlsplit(urljoin(target.base_url + path, location))
            base = urlsplit(target.base_url)
            if there.netloc != base.netloc or not there.path.startswith(base.path):
                return None
            path = there.path.removeprefix(base.path) + (f"?{there.query}" if there.query else "")
            continue
        return text_of(outcome) if outcome.status == 200 else None  # noqa: PLR2004 - as above
    return None


def text_of(answer: Answer) -> str:
    """Return a body as text."""
    return answer.body.decode("utf-8-sig", "replace")


def base_path(contract: Contract) -> str:
    """Return the path below which the file says that its own paths are, of its first server."""
    servers = contract.raw.get("servers")
    if not isinstance(servers, list) or not servers or not isinstance(servers[0], dict):
        return ""
    url = str(servers[0].get("url", ""))
    variables = servers[0].get("variables")
    for name, variable in (variables if isinstance(variables, dict) else {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    path = urlsplit(url).path if "://" in url else f"/{url.strip('/')}"
    return "" if "{" in path else path.rstrip("/")
