"""The folder in which a run leaves its findings, to be told again or accepted."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from lookalike import stories
from lookalike.findings import Observer, Run
from lookalike.ranking import flat
from lookalike.reports import About
from lookalike.reports.wording import Wording
from lookalike.stories import Saved, StoryError

NAME = re.compile(r"\d+(\.\d+)?\.json")


class Saver(Observer):
    """Writes a file for each finding when the work is done, with its number in the reports."""

    def __init__(
        self,
        folder: Path,
        about: About,
        addresses: Mapping[str, str],
        config: Path | None,
        say: Callable[[str], object],
    ) -> None:
        self._folder = folder
        self._about = about
        self._addresses = addresses  # of the servers, by "old" and "new"
        self._config = config
        self._say = say

    def ended(self, run: Run) -> None:
        self._remove_older()
        if not run.findings:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        wording = Wording(self._about.mask)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for number, finding in flat(run.findings):
            saved = Saved.of(
                finding,
                run.evidence,
                servers=self._addresses,
                config=str(self._config or ""),
                openapi=self._about.file,
                headline=wording.headline(finding),
                found=now,
            )
            path = self._folder / f"{number}.json"
            path.write_text(stories.dumps(saved, self._about.mask), "utf-8")
        self._say(
            f"To see whether one is fixed: lookalike replay {self._folder / '1.json'}\n"
            f"Where it is intended: lookalike accept {self._folder / '1.json'} --reason '…'\n"
        )

    def _remove_older(self) -> None:
        """Remove the stories of an earlier run, which have the same names."""
        for path in self._folder.glob("*.json"):
            if NAME.fullmatch(path.name) and is_story(path):
                path.unlink()


def is_story(path: Path) -> bool:
    """Tell whether a file is one that was written here."""
    try:
        stories.read(path)
    except StoryError:
        return False
    return True
