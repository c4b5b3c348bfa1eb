"""The tools that generate clients, and how each is used as its documentation says."""

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clients.processes import BUILD, HERE, run

CONTRACT = "../openapi.yaml"  # as seen from HERE, where the tools run


@dataclass(frozen=True)
class Client(ABC):
    """A tool that generates a client, `shop`, and the story that imports it."""

    name: str
    command: Sequence[str | Path]

    @property
    def folder(self) -> Path:
        return BUILD / self.name

    @property
    def stem(self) -> str:
        return self.name.replace("-", "_")

    @property
    @abstractmethod
    def story(self) -> Path: ...

    @abstractmethod
    def check(self) -> None:
        """Hold the story, and what is generated, to the type checker's strict mode."""

    @abstractmethod
    def tell(self, base_url: str, username: str) -> None:
        """Run the story against a server, as a new user of this name."""

    def generate(self) -> None:
        """Make the client anew, with nothing left of an earlier one."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        run(self.command)


class PythonClient(Client):
    """A client in Python."""

    @property
    def story(self) -> Path:
        return HERE / f"python/story_{self.stem}.py"

    def check(self) -> None:
        config = HERE / f"python/mypy_{self.stem}.ini"
        cache = BUILD / ".mypy_cache" / self.name
        run(
            ["mypy", "--config-file", config, "--cache-dir", cache, self.story],
            MYPYPATH=str(self.folder),
        )

    def tell(self, base_url: str, username: str) -> None:
        run(["python", self.story, base_url, username], PYTHONPATH=str(self.folder))


class TypeScriptClient(Client):
    """A client in TypeScript."""

    @property
    def story(self) -> Path:
        return HERE / f"typescript/story_{self.stem}.ts"

    def check(self) -> None:
        config = {
            "extends": f"{HERE}/tsconfig.json",
            "compilerOptions": {"typeRoots": [f"{HERE}/node_modules/@types"]},
            "files": [f"{self.story}"],
        }
        file = self.folder / "tsconfig.json"
        file.write_text(json.dumps(config))
        run(["tsc", "--project", file])

    def tell(self, base_url: str, username: str) -> None:
        bundle = self.folder / "story.mjs"
        if not bundle.exists():
            options = ("--bundle", "--platform=node", "--format=esm", "--log-level=warning")
            run(["esbuild", self.story, *options, f"--outfile={bundle}"])
        run(["node", bundle, base_url, username])


CLIENTS: tuple[Client, ...] = (
    PythonClient(
        "openapi-python-client",
        (
            *("openapi-python-client", "generate", "--path", CONTRACT, "--meta", "none"),
            *("--output-path", BUILD / "openapi-python-client" / "shop"),
        ),
    ),
    PythonClient(
        "openapi-generator-python",
        (
            *("openapi-generator-cli", "generate", "-i", CONTRACT, "-g", "python"),
            *("--package-name", "shop", "-o", BUILD / "openapi-generator-python"),
        ),
    ),
    PythonClient(
        "datamodel-code-generator",
        (
            *("datamodel-codegen", "--input", CONTRACT, "--input-file-type", "openapi"),
            *("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"),
            *(
                "--use-annotated",
                "--use-type-alias",
                "--strict-nullable",
                "--capitalise-enum-members",
            ),
            *("--deserialize-default-values", "enum", "--formatters", "builtin"),
            *("--output", BUILD / "datamodel-code-generator" / "shop.py"),
        ),
    ),
    TypeScriptClient(
        "openapi-fetch",
        (
            *("openapi-typescript", CONTRACT, "--default-non-nullable", "false"),
            *("--output", BUILD / "openapi-fetch" / "shop.ts"),
        ),
    ),
    TypeScriptClient(
        "hey-api",
        ("openapi-ts", "--input", CONTRACT, "--output", BUILD / "hey-api" / "shop"),
    ),
    TypeScriptClient("orval", ("orval", "--config", "orval.config.ts")),
    TypeScriptClient(
        "openapi-generator-typescript",
        (
            *("openapi-generator-cli", "generate", "-i", CONTRACT, "-g", "typescript-fetch"),
            *("-o", BUILD / "openapi-generator-typescript" / "shop"),
        ),
    ),
)
