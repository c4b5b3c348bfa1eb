"""How extensions are kept is read from their releases."""

from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from comparison import extensions
from comparison.site import Site

METADATA = "Metadata-Version: 2.4\nName: Flask-Example\nVersion: 1.2.0\n"
STATUS = "Classifier: Development Status :: 4 - Beta\n"


def wheel(folder: Path, metadata: str, *years: int) -> Path:
    """Pack a wheel of files of these years."""
    path = folder / "flask_example-1.2.0-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        for year in years:
            archive.writestr(ZipInfo(f"flask_example/of_{year}.py", (year, 2, 2, 0, 0, 0)), "")
        about = ZipInfo("flask_example-1.2.0.dist-info/METADATA", (years[0], 2, 2, 0, 0, 0))
        archive.writestr(about, metadata)
    return path


@pytest.mark.parametrize(
    ("metadata", "years", "packed_on", "status"),
    [
        (METADATA + STATUS, (2019, 2024), "2024-02-02", "Beta"),
        (METADATA, (2020,), None, ""),  # as tools pack it that write no dates
    ],
)
def test_a_release_says_of_itself(
    tmp_path: Path, metadata: str, years: tuple[int, ...], packed_on: str | None, status: str
) -> None:
    found = extensions.read_wheel(wheel(tmp_path, metadata, *years))
    assert found == extensions.Release("Flask-Example", "1.2.0", packed_on, status, found.asked_on)
    assert found.asked_on


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    release = extensions.Release("Flask-Example", "1.2.0", None, "", "2026-11-27")
    extensions.write([release], tmp_path / "extensions.jsonl")
    assert extensions.read(tmp_path / "extensions.jsonl") == {"Flask-Example": release}


def test_an_extension_that_was_not_asked_about_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extensions, "read", dict)
    Site(tmp_path, [], None).write_claims()
    assert "not looked up yet" in (tmp_path / "claims.html").read_text()
