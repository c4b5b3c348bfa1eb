"""The operations on the server itself: its health, its contract and its problems in words."""

import orjson
from flask import Response
from flask.typing import ResponseReturnValue
from flask_restful import Resource
from sqlalchemy import select

from flask_api.contract.database import db
from flask_api.contract.errors import ProblemError
from flask_api.contract.headers import CACHE_PUBLIC
from flask_api.contract.openapi import contract
from flask_api.contract.parameters import parameters
from flask_api.contract.parsing import JSON
from flask_api.contract.rendering import accepting, api, negotiate
from flask_api.contract.throttling import limited

YAML = ("application/yaml", "application/openapi+yaml")
JSON_OR_OPENAPI = (JSON, "application/openapi+json")
TEXT = ("text/plain", "text/plain; charset=utf-8")
NEGOTIATED = {**CACHE_PUBLIC, "Vary": "Accept"}


class Health(Resource):
    """Whether the process is up."""

    decorators = [accepting(api.representations)]  # not counted by the general limit

    @parameters()
    def get(self) -> ResponseReturnValue:
        return {"status": "healthy"}


class Readiness(Resource):
    """Whether the server can serve."""

    decorators = [accepting(api.representations)]  # as Health

    @parameters()
    def get(self) -> ResponseReturnValue:
        db.session.execute(select(1))
        return {"status": "ready"}


class Contract(Resource):
    """The contract, byte for byte."""

    decorators = [limited, accepting(YAML)]

    @parameters()
    def get(self) -> Response:
        return Response(contract().text, headers=NEGOTIATED, mimetype=negotiate(YAML))


class ContractAsJSON(Resource):
    """The contract as JSON."""

    decorators = [limited, accepting(JSON_OR_OPENAPI)]

    @parameters()
    def get(self) -> Response:
        body = orjson.dumps(contract().document)
        return Response(body, headers=NEGOTIATED, mimetype=negotiate(JSON_OR_OPENAPI))


class Problem(Resource):
    """What a problem means, in words."""

    decorators = [limited, accepting(TEXT)]

    @parameters()
    def get(self, name: str) -> Response:
        problem = contract().problem_types.get(name)
        if problem is None:
            raise ProblemError("not-found")
        text = f"{problem.title}\n\n{problem.text}\n"
        return Response(text, headers=CACHE_PUBLIC, mimetype="text/plain")
