"""How Flask's extensions are kept: what the newest release of each says of itself.

`python -m comparison extensions` asks pip's index, and keeps the answers in docs/data.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from email.parser import BytesParser
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from comparison.source import ROOT

DATA = ROOT / "docs" / "data" / "extensions.jsonl"
# What tools that build alike each time write in place of a date.
NO_DATES = {date(1980, 1, 1), date(2016, 1, 1), date(2020, 2, 2)}


@dataclass(frozen=True)
class Release:
    """The newest release of a distribution on the day on which it was asked for."""

    name: str
    version: str
    packed_on: str | None  # the date of the newest file in it, if it has dates
    status: str  # its development status, in its own words; may be empty
    asked_on: str


def newest(name: str) -> Release:
    """Fetch the newest release of a distribution, and read what it says of itself."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--only-binary=:all:", "--dest", folder, name], check=True)  # noqa: S603 - the command is made here
        [wheel] = Path(folder).glob("*.whl")
        return read_wheel(wheel)


def read_wheel(wheel: Path) -> Release:
    """Read the metadata of a wheel, and the dates of what is in it."""
    with ZipFile(wheel) as archive:
        files = archive.infolist()
        [about] = [each for each in files if each.filename.endswith(".dist-info/METADATA")]
        metadata = BytesParser().parsebytes(archive.read(about))
    last = max(date(*each.date_time[:3]) for each in files)
    classifiers = metadata.get_all("Classifier") or []
    statuses = [each for each in classifiers if each.startswith("Development Status")]
    return Release(
        name=metadata["Name"],
        version=metadata["Version"],
        packed_on=None if last in NO_DATES else str(last),
        status=statuses[0].rpartition(" - ")[2] if statuses else "",
        asked_on=str(datetime.now(UTC).date()),
    )


def ask(names: list[str]) -> list[Release]:
    """Ask for the newest release of each."""
    return [newest(name) for name in names]


def write(found: list[Release], path: Path = DATA) -> None:
    """Keep what was found."""
    lines = [json.dumps(asdict(each), ensure_ascii=False) for each in found]
    path.write_text("".join(f"{line}\n" for line in lines))


def read(path: Path = DATA) -> dict[str, Release]:
    """Return what was found, by the distribution's name."""
    found = [Release(**json.loads(line)) for line in path.read_text().splitlines()]
    return {release.name: release for release in found}
