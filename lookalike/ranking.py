"""Which findings a reader should see first, and which are more of what another one has shown.

What loses or refuses something comes before other values, these before header fields, and these
before order and form; among equals, what is seen on more operations comes first. A server that
writes one header field in its own way has as many causes as there are values: of findings of one
kind, the first stands for all, and the others are `alike`.
"""

import re
from collections.abc import Hashable, Iterable, Sequence

from lookalike.calls import oddity
from lookalike.findings import Cause, Finding
from lookalike.form import FORMS
from lookalike.places import Difference

ERROR = 400  # and above: RFC 9110, sections 15.5 and 15.6
STATUS, VALUE, FIELD, FORM = range(4)


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stand for all, the most serious first, each with those alike."""
    kinds: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(kind_of_finding(finding), []).append(finding)
    heads = []
    for alike in kinds.values():
        head, *others = sorted(alike, key=lambda each: -len(each.operations))
        head.alike = others
        heads.append(head)
    return sorted(heads, key=rank)


def rank(finding: Finding) -> tuple[int, int, int]:
    """Return what sorts findings: how serious they are, then how many operations show them."""
    every = [finding, *finding.alike]
    operations = {name for each in every for name in each.operations}
    count = sum(sum(each.operations.values()) for each in every)
    return weight(finding.difference), -len(operations), -count


def weight(difference: Difference) -> int:
    """Tell how serious a difference is, 0 most."""
    what, part = difference.what, difference.place.part
    if what == "order" or what in FORMS or is_form_of_time(difference):
        return FORM
    if part in {"status", "answer"} or (part == "body" and what in {"missing", "length"}):
        return STATUS
    return FIELD if part != "body" or is_message(difference) else VALUE


def kind_of_finding(finding: Finding) -> Hashable:
    """Return the kind of a finding."""
    why = finding.story[-1].why if finding.story else ""
    return kind_of_difference(finding.cause, finding.difference, why)


def kind_of_difference(cause: Cause, difference: Difference, why: str) -> Hashable:
    """Return what differences have in common of which one shows what all of them are about."""
    what, part = difference.what, difference.place.part
    if part in {"status", "answer"}:
        tried = oddity(why)
        return (part, cause.name, tried) if tried else cause
    if part != "body":
        return part
    if what == "order" or what in FORMS:
        return part, what
    if is_message(difference):
        return part, "message"
    if what == "missing":  # an envelope of other names: the first shows all of them
        return part, what, difference.place.operation, difference.place.pointer.rpartition("/")[0]
    return cause


def is_message(difference: Difference) -> bool:
    """Tell whether two refusals say the same in other words, as far as can be told."""
    are_texts = isinstance(difference.old, str) and isinstance(difference.new, str)
    return difference.place.status >= ERROR and difference.what == "value" and are_texts


def is_form_of_time(difference: Difference) -> bool:
    """Tell whether a time is written in another way: it may be the same."""
    old, new = difference.old, difference.new
    if difference.what != "time" or not (isinstance(old, str) and isinstance(new, str)):
        return False
    return len(old) != len(new) or re.sub(r"\d", "0", old) != re.sub(r"\d", "0", new)


def flat(findings: Sequence[Finding]) -> list[tuple[str, Finding]]:
    """Return findings with those that are alike behind each: 1, 2, 2.1, 2.2, 3."""
    numbered = []
    for number, finding in enumerate(findings, 1):
        numbered.append((f"{number}", finding))
        numbered += [(f"{number}.{n}", each) for n, each in enumerate(finding.alike, 1)]
    return numbered
