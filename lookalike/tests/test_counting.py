"""What a run counts: each cause once, and neither what is accepted nor what follows from it."""

from datetime import date

from lookalike.accept import Accepted, Entry
from lookalike.diff import Options, diff
from lookalike.divergence import diverges
from lookalike.findings import Cause, Observer, Run
from lookalike.tests.notebook import CONTRACT, actor, pair


class Notes(Observer):
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def run(accepted: Accepted, notes: Notes) -> Run:
    """Hold a right server against one that takes six stars, and so has more notes in its lists."""
    options = Options(seconds=None, requests=1200, accepted=accepted)
    return diff(
        CONTRACT, *pair("one star more"), options=options, actors=[actor("ann")], observer=notes
    )


def test_what_is_accepted_and_what_follows_are_not_counted() -> None:
    first = run(Accepted(), Notes())
    assert first.accepted == []
    assert {finding.cause.part for finding in first.findings} == {"status"}
    for finding in first.findings:
        assert not any(map(diverges, finding.exchanges[:-1]))
    assert Cause("length", "body", "notes", "GET /notes") not in {
        finding.cause for finding in first.findings
    }

    today = date(2026, 11, 28)
    entries = [Entry(finding.cause, "Six is fine.", today) for finding in first.findings]
    other = Entry(Cause("missing", "vary", "", "new"), "Nobody caches.", today)
    notes = Notes()
    second = run(Accepted([*entries, other]), notes)
    causes = {finding.cause for finding in second.accepted}
    assert causes
    assert causes <= {entry.cause for entry in entries}
    assert {finding.reason for finding in second.accepted} == {"Six is fine."}
    assert not causes & {finding.cause for finding in second.findings}
    assert f"Accepted, but not seen in this run: {other}" in notes.said


def test_a_run_that_is_cut_off_misses_nothing() -> None:
    class Interrupting(Notes):
        def phase(self, name: str, total: int | None = None) -> None:
            raise KeyboardInterrupt

    notes = Interrupting()
    entry = Entry(Cause("missing", "vary", "", "new"), "Nobody caches.", date(2026, 11, 28))
    assert run(Accepted([entry]), notes).ended == "interrupted"
    assert notes.said == []
