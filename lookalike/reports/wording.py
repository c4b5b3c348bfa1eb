"""How what servers said is put into words, so that it does no harm where it is shown.

Secrets are masked first, then what a terminal or a page would act on is made visible, and what is
long is shortened last: half a secret would be one, too.
"""

import json
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from lookalike.comparison import ABSENT
from lookalike.findings import Finding, Run
from lookalike.places import Difference, Place

MOST_IN_LINE = 80  # characters of a value
MOST_IN_BODY = 4_000  # characters of a text of many lines
BEFORE = 20  # characters that are shown of what two texts begin with
LOOKED_AT = 200_000  # characters of two texts that are searched for where they differ
MARGIN = 50_000  # characters looked at beyond those, so that no secret is cut in two
ACTIVE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # categories that move, hide or reorder text, or are none

WHAT = {
    "value": "differs",
    "type": "has another type",
    "missing": "is on one side only",
    "order": "has another order",
    "length": "has another length",
    "white space": "has other white space",
    "member order": "has its members in another order",
    "notation": "is written in another way",
    "correspondence": "breaks a correspondence",
    "time": "is another time",
}


def visible(text: str) -> str:
    """Write characters that a terminal or page would act on as escapes; keep newlines and tabs.

    These are control characters, among them the escape sequences of terminals, what changes the
    direction of writing, and halves of surrogate pairs.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        escape(character)
        if character not in "\n\t" and unicodedata.category(character) in ACTIVE
        else character
        for character in text
    )


def escape(character: str) -> str:
    """Write a character as Python and JSON do."""
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the first plane


def shortened(text: str, most: int, left: int = 0) -> str:
    """Cut a long text, of which some is left out already, and say how much is."""
    if len(text) <= most:
        return text
    return f"{text[:most]}… ({len(text) - most + left:,} more characters)"


def equal(first: Sequence[Any], second: Sequence[Any]) -> int:
    """Count with how many equal characters or lines two begin."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((n for n, pair in pairs if pair[0] != pair[1]), min(len(first), len(second)))


def plural(count: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def further(finding: Finding) -> int:
    """Count how many more of its kind a finding stands for."""
    return len(finding.alike) + len(finding.further)


def end(run: Run) -> str:
    """Say in one line what a run found, and how it ended."""
    said = [plural(len(run.findings), "difference")]
    if alike := sum(map(further, run.findings)):
        said.append(f"{alike:,} more like these")
    if run.accepted:
        said.append(f"{len(run.accepted)} accepted")
    if run.unconfirmed:
        said.append(f"{len(run.unconfirmed)} unconfirmed")
    if run.hidden:
        said.append(f"{len(run.hidden)} not judged")
    ended = "" if run.ended == "finished" else f"; {run.ended}"
    return f"{', '.join(said)} in {plural(run.calls, 'call')}, {run.seconds:.0f} s{ended}"


def as_json(found: Any) -> str:
    """Write a value as JSON, or say that there is none."""
    if found is ABSENT:
        return "nothing"
    try:
        return json.dumps(found, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return repr(found)


class Wording:
    """Words for what servers said, without secrets."""

    def __init__(self, mask: Callable[[str], str]) -> None:
        self._mask = mask

    def safe(self, text: str) -> str:
        """Write a text without secrets, and without what would be acted on."""
        return visible(self._mask(text))

    def text(self, text: str, most: int = MOST_IN_BODY) -> str:
        """Write a text of many lines."""
        left = max(len(text) - most - MARGIN, 0)
        return shortened(self.safe(text[: most + MARGIN]), most, left)

    def line(self, text: str, most: int = MOST_IN_LINE) -> str:
        """Write a text in one line."""
        left = max(len(text) - most - MARGIN, 0)
        masked = self.safe(text[: most + MARGIN])
        return shortened(masked.replace("\n", "\\n").replace("\t", "\\t"), most, left)

    def value(self, found: Any) -> str:
        """Write a value as JSON, or say that there is none."""
        return self.line(as_json(found))

    def place(self, found: Place) -> str:
        """Say where in an answer a value stands."""
        kind = "" if found.part in {"status", "answer", "body"} else "header "
        return self.line(f"{kind}{found}", 200)

    def difference(self, found: Difference) -> str:
        """Say in one line what differs, without the operation."""
        old, new = self.apart(found.old, found.new)
        if found.what == "missing" and found.place.part != "body":
            old, new = ("nothing" if text == "null" else text for text in (old, new))
        what = WHAT.get(found.what, found.what)
        return f"{self.place(found.place)} {what}: old {old}, new {new}"

    def apart(self, old: Any, new: Any) -> tuple[str, str]:
        """Write two values; of long ones that begin alike, the part in which they differ."""
        texts = [self._mask(as_json(each)[:LOOKED_AT]) for each in (old, new)]
        start = equal(*texts) - BEFORE
        if start > 0 and max(map(len, texts)) > MOST_IN_LINE:
            texts = [f"…{text[start:]}" for text in texts]
        return self.line(texts[0]), self.line(texts[1])

    def found_on(self, finding: Finding) -> str:
        """Say on which operation a difference was found, and on how many others."""
        others = sorted({*finding.operations} - {finding.operation})
        if not others:
            return self.line(finding.operation, 200)
        also = others[0] if len(others) == 1 else plural(len(others), "other operation")
        return f"{self.line(finding.operation, 200)} and {self.line(also, 200)}"

    def headline(self, finding: Finding) -> str:
        """Say a finding in one line."""
        return f"{self.found_on(finding)}: {self.finding(finding)}"

    def finding(self, finding: Finding) -> str:
        """Say in one line what differs, and what was asked to see it, without the operation."""
        why = finding.story[-1].why if finding.story else ""
        said = self.difference(finding.difference)
        return f"{said} – {self.line(why, 200)}" if why else said
