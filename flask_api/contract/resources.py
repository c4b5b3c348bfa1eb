"""The operations on the server itself: its health, its contract and its problems in words."""

from typing import Any

import orjson
from flask import Response
from sqlalchemy import select

from flask_api.contract.database import db
from flask_api.contract.errors import Problem as ProblemError
from flask_api.contract.headers import PUBLIC
from flask_api.contract.openapi import contract
from flask_api.contract.parameters import IfNoneMatch, parameters
from flask_api.contract.rendering import JSON, Resource, accepted, accepting, output
from flask_api.contract.throttling import limited

YAML = ("application/yaml", "application/openapi+yaml")
JSON_OR_OPENAPI = (JSON, "application/openapi+json")
NEGOTIATED = {**PUBLIC, "Vary": "Accept, Origin"}


class Health(Resource):
    """Whether the process is up."""

    decorators = [accepting(JSON)]  # not counted by the general limit

    @parameters(headers=IfNoneMatch)
    def get(self) -> Any:
        return {"status": "healthy"}


class Readiness(Resource):
    """Whether the server can serve."""

    decorators = [accepting(JSON)]  # as Health

    @parameters(headers=IfNoneMatch)
    def get(self) -> Any:
        db.session.execute(select(1))
        return {"status": "ready"}


class Contract(Resource):
    """The contract, byte for byte."""

    decorators = [limited, accepting(*YAML)]

    @parameters(headers=IfNoneMatch)
    def get(self) -> Response:
        body = contract().text
        return output(body, str(accepted(*YAML)), headers=NEGOTIATED)


class ContractAsJson(Resource):
    """The contract, for who reads no YAML."""

    decorators = [limited, accepting(*JSON_OR_OPENAPI)]

    @parameters(headers=IfNoneMatch)
    def get(self) -> Response:
        body = orjson.dumps(contract().document)
        return output(body, str(accepted(*JSON_OR_OPENAPI)), headers=NEGOTIATED)


class Problem(Resource):
    """What a problem means, in words."""

    decorators = [limited, accepting("text/plain")]

    @parameters(headers=IfNoneMatch)
    def get(self, name: str) -> Response:
        kind = contract().problem_types.get(name)
        if kind is None:
            raise ProblemError("not-found")
        text = f"{kind.title}\n\n{kind.text}\n"
        return output(text.encode(), "text/plain; charset=utf-8", headers=PUBLIC)
