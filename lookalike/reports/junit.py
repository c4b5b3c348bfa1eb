"""A run as JUnit's XML, which CI services show: a test case for each operation."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from lookalike import coverage
from lookalike.findings import Finding, Observer, Run
from lookalike.ranking import flat
from lookalike.reports import About
from lookalike.reports.story import told
from lookalike.reports.wording import Wording, end

# What XML 1.0 can't hold (section 2.2), not even as a reference.
NO_CHARACTERS = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CUT_OFF = {"interrupted", "too many failures"}


class Numbered(NamedTuple):
    """A finding with its number in all reports."""

    number: str
    finding: Finding


class JunitReport(Observer):
    """Writes the file when the work is done."""

    def __init__(self, path: Path, about: About) -> None:
        path.touch()  # what can't be written is to be known before the work
        self._path = path
        self._about = about

    def ended(self, run: Run) -> None:
        tree = ET.ElementTree(document(run, self._about))
        ET.indent(tree)
        tree.write(self._path, "utf-8", xml_declaration=True)


def document(run: Run, about: About) -> ET.Element:
    """Build the document, by the elements that all readers of the format know.

    An operation fails once for each finding; one that never succeeded is skipped, not passed; a
    run that was cut off is an error, so that it isn't taken for a whole one.
    """
    by_operation: dict[str, list[Numbered]] = defaultdict(list)
    for number, finding in flat(run.findings):
        by_operation[finding.operation].append(Numbered(number, finding))
    covered = {
        each.operation.name: each
        for each in coverage.summary(about.contract, run.reached).operations
    }
    suite = ET.Element("testsuite", name=clean(f"lookalike {' '.join(about.servers.values())}"))
    add_properties(suite, run, about)
    skipped = 0
    for name in dict.fromkeys([*covered, *by_operation]):
        case = add_case(suite, Wording(about.mask).safe(name))
        add_failures(case, by_operation[name], about)
        if name in covered and not covered[name].succeeded and not by_operation[name]:
            skipped += 1
            ET.SubElement(case, "skipped", message=f"never a success: {covered[name].seen}")
    is_cut_off = run.ended in CUT_OFF
    if is_cut_off:
        case = add_case(suite, "the whole run")
        ET.SubElement(case, "error", type="incomplete", message=run.ended).text = end(run)
    suite.attrib |= {
        "tests": str(len(suite.findall("testcase"))),
        "failures": str(len(flat(run.findings))),
        "errors": str(int(is_cut_off)),
        "skipped": str(skipped),
        "time": f"{run.seconds:.3f}",
    }
    root = ET.Element("testsuites")
    root.append(suite)
    return root


def add_properties(suite: ET.Element, run: Run, about: About) -> None:
    """Add the settings of a run, without secrets."""
    wording = Wording(about.mask)
    properties = ET.SubElement(suite, "properties")
    settings = {
        **about.servers,
        "openapi": about.file,
        **about.settings,
        "seed": str(run.seed),
        "ended": run.ended,
    }
    for name, value in settings.items():
        ET.SubElement(properties, "property", name=clean(name), value=clean(wording.safe(value)))


def add_case(suite: ET.Element, name: str) -> ET.Element:
    """Add a test case; `time` is demanded by some readers."""
    return ET.SubElement(suite, "testcase", classname="lookalike", name=clean(name), time="0")


def add_failures(case: ET.Element, findings: Sequence[Numbered], about: About) -> None:
    """Add a failure for each finding, with its story unless it is more of another one's kind."""
    wording = Wording(about.mask)
    for number, finding in findings:
        message = clean(wording.finding(finding))
        failure = ET.SubElement(case, "failure", type=finding.cause.what, message=message)
        first, is_further, _ = number.partition(".")
        lines = [f"more like difference {first}"] if is_further else told(finding, about)
        where = about.where(finding.operation)
        failure.text = clean("\n".join([f"difference {number}  {where}", *lines]))


def clean(text: str) -> str:
    """Leave out what XML can't hold."""
    return NO_CHARACTERS.sub("", text)
