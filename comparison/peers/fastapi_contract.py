"""What the programs on FastAPI have in common: the contract around their operations."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, APIRouter

from comparison.peers import contract, schemas
from comparison.peers.contract import ProblemError


class ContractRequest(Request):
    """A request whose body is read strictly."""

    async def json(self) -> Any:
        """Decode the body; FastAPI wraps what is raised here, see `http_error`."""
        return contract.decoded_body(await self.body())


class ContractRoute(APIRoute):
    """A route whose answers are complete: FastAPI's way to see a whole response."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            given = request.headers
            contract.check_request(given.get("host", ""), given.get("accept", ""))
            if request.method != "GET":  # otherwise FastAPI takes it for no JSON at all
                contract.check_media_type(request.method, given.get("content-type", ""))
            response = await handler(ContractRequest(request.scope, request.receive))
            names = {"cache-control": "Cache-Control", "location": "Location", "link": "Link"}
            more = {names[k]: v for k, v in response.headers.items() if k in names}
            return complete(request, response.status_code, bytes(response.body), more)

        return answer


def complete(request: Request, status: int, body: bytes, more: dict[str, str]) -> Response:
    """Make a response with the contract's header fields."""
    condition = request.headers.get("if-none-match") if request.method == "GET" else None
    sent_id = request.headers.get("x-request-id", "")
    status, body, fields = contract.headers(status, body, sent_id, condition, more)
    response = Response(body, status)
    response.raw_headers = [(name.encode(), value.encode("latin-1")) for name, value in fields]
    return response


def problem_answer(request: Request, problem: ProblemError) -> Response:
    """Answer a problem."""
    return complete(request, problem.status, problem.body(request.url.path), problem.headers)


def invalid(request: Request, error: RequestValidationError) -> Response:
    """Answer what Pydantic has found."""
    return problem_answer(request, schemas.problems(error.errors()))


def http_error(request: Request, error: HTTPException) -> Response:
    """Answer what FastAPI finds by itself."""
    if isinstance(error.__cause__, ProblemError):
        return problem_answer(request, error.__cause__)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = {*(error.headers or {}).get("Allow", "").split(", "), "OPTIONS"}
        allow |= {"HEAD"} if "GET" in allow else set()
        return problem_answer(
            request, ProblemError("method-not-allowed", Allow=", ".join(sorted(allow)))
        )
    return problem_answer(request, ProblemError("not-found"))


def check_condition(if_none_match: Annotated[str | None, Header()] = None) -> None:
    """Check `If-None-Match`."""
    if errors := contract.check_condition(if_none_match):
        raise ProblemError("invalid-parameters", *errors)


def no_parameters(request: Request) -> None:
    """Refuse a query where there is none."""
    errors = [contract.parameter_error(n, "unknown_parameter") for n in request.query_params]
    if errors:
        raise ProblemError("invalid-parameters", *errors)


def check_id(value: str) -> UUID:
    """Take an id in canonical form."""
    if not contract.ID.fullmatch(value):
        raise ProblemError("not-found")
    return UUID(value)


def path_id(name: str) -> Any:
    """Read an id from the path."""

    def read(value: Annotated[str, Path(alias=name)]) -> UUID:
        return check_id(value)

    return Depends(read)


READ = [Depends(check_condition), Depends(no_parameters)]


def make_app(**settings: Any) -> FastAPI:
    """Make an application that answers errors as the contract does."""
    app = FastAPI(redirect_slashes=False, openapi_url=None, **settings)
    app.exception_handler(ProblemError)(problem_answer)
    app.exception_handler(RequestValidationError)(invalid)
    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.BAD_REQUEST):
        app.exception_handler(status)(http_error)
    return app


def make_router() -> APIRouter:
    """Make the router of the contract's operations."""
    return APIRouter(prefix="/api", route_class=ContractRoute)
