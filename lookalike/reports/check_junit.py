"""What came of checks as JUnit's XML: a test case for each check."""

from pathlib import Path
from xml.etree import ElementTree as ET

from lookalike.check import Checked, Watcher
from lookalike.checks.pack import Result
from lookalike.reports import About
from lookalike.reports.checks import MOST_IN_FAULT, end, said, told, where
from lookalike.reports.junit import CUT_OFF, clean
from lookalike.reports.wording import Wording


class CheckJunit(Watcher):
    """Writes JUnit's XML when all is done: a test case for each check."""

    def __init__(self, path: Path, about: About) -> None:
        path.touch()  # what can't be written is to be known before the work
        self._path = path
        self._about = about

    def ended(self, checked: Checked) -> None:
        tree = ET.ElementTree(document(checked, self._about))
        ET.indent(tree)
        tree.write(self._path, "utf-8", xml_declaration=True)


def document(checked: Checked, about: About) -> ET.Element:
    """Build the document: a check fails once for each fault, and one not applicable is skipped."""
    wording = Wording(about.mask)
    suite = ET.Element("testsuite", name=clean(f"lookalike {' '.join(about.servers.values())}"))
    properties = ET.SubElement(suite, "properties")
    settings = {**about.servers, "openapi": about.file, **about.settings, "ended": checked.ended}
    for name, value in settings.items():
        ET.SubElement(properties, "property", name=clean(name), value=clean(wording.safe(value)))
    for result in checked.results:
        check = result.check
        case = ET.SubElement(
            suite, "testcase", classname=f"lookalike.{check.pack}", name=check.name
        )
        for failure in result.failures:
            message = clean(f"{said(wording, failure)} ({where(wording, failure)})")
            element = ET.SubElement(case, "failure", type=check.pack, message=message)
            alone = Result(check, failures=[failure])
            element.text = clean("\n".join([*told(alone, about), check.link]))
        if result.state == "not applicable":
            ET.SubElement(case, "skipped", message=clean(wording.line(result.why, MOST_IN_FAULT)))
    if checked.ended in CUT_OFF:
        case = ET.SubElement(suite, "testcase", classname="lookalike", name="the whole run")
        ET.SubElement(case, "error", type="incomplete", message=checked.ended).text = end(checked)
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        suite.set(name, str(len([*suite.iter(tag)])))
    suite.set("skipped", str(len([*suite.iter("skipped")])))
    suite.set("time", f"{checked.seconds:.3f}")
    root = ET.Element("testsuites")
    root.append(suite)
    return root
