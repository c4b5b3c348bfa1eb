"""The operations on the server itself: its health, its contract and its problems in words."""

from typing import Any

from flask import Response, current_app
from sqlalchemy import select

from flask_api.core.database import db
from flask_api.core.headers import PUBLIC
from flask_api.core.parsing import IfNoneMatch, parameters
from flask_api.core.problems import PROBLEMS
from flask_api.core.problems import Problem as ProblemError
from flask_api.core.rendering import JSON, Resource, accepting, output
from flask_api.core.throttling import limited

YAML = "application/yaml"


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

    decorators = [limited, accepting(YAML)]

    @parameters(headers=IfNoneMatch)
    def get(self) -> Response:
        return output(current_app.config["CONTRACT"], YAML, headers=PUBLIC)


class Problem(Resource):
    """What a problem means, in words."""

    decorators = [limited, accepting("text/plain")]

    @parameters(headers=IfNoneMatch)
    def get(self, name: str) -> Response:
        if name not in PROBLEMS:
            raise ProblemError("not-found")
        kind = PROBLEMS[name]
        text = f"{kind.title}\n\n{kind.text}\n"
        return output(text.encode(), "text/plain; charset=utf-8", headers=PUBLIC)
