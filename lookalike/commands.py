"""What each command does, once its settings are known; each returns the exit status."""

import io
import random
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from lookalike import stories
from lookalike.accept import Accepted
from lookalike.accept import accept as add
from lookalike.config import ConfigError, Settings
from lookalike.findings import Observer, Observers, Reached, Run
from lookalike.job import Job, prepare, resume
from lookalike.limits import LimitedTarget, Limits
from lookalike.replay import replay as tell_again
from lookalike.reports import About, story
from lookalike.reports.wording import Wording
from lookalike.saving import Saver
from lookalike.telling import nothing

if TYPE_CHECKING:
    from lookalike.check import Watcher

SECONDS = 60.0  # of a comparison, which could go on for ever
SUCCESS = 2  # the first digit of statuses
ALIKE, DIFFERENT, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


def diff(settings: Settings) -> int:
    """Compare two servers."""
    from lookalike.diff import Options
    from lookalike.diff import diff as compare

    accepted = Accepted.read(Path(settings.accepted))
    with ExitStack() as stack:
        job = prepare(settings, ("old", "new"), stack)
        seed = random.randrange(10**6) if settings.seed is None else settings.seed  # noqa: S311 - no secret
        observer = reports(settings, job, seed, stack)
        for note in job.notes:
            observer.note(note)
        run = compare(
            job.contract,
            job.targets["old"],
            job.targets["new"],
            options=Options(
                seconds=settings.seconds or SECONDS,
                requests=settings.requests,
                rate=settings.rate,
                seed=seed,
                read_only=settings.read_only,
                write_to=settings.write_to,
                reset=job.reset if job.command else nothing,
                accepted=accepted,
                recordings=job.recordings,
                by_bytes=settings.bytes,
                well_formed=settings.well_formed,
            ),
            actors=job.actors,
            observer=observer,
            twin=job.targets.get("twin"),
        )
    return status(run)


def check(settings: Settings) -> int:
    """Hold one server against its file and the RFCs."""
    from lookalike.check import PackError, chosen
    from lookalike.check import check as judge

    try:
        chosen(settings.pack)
    except PackError as error:
        raise ConfigError(f"--pack: {error}") from None
    with ExitStack() as stack:
        job = prepare(settings, ("old",), stack)
        watcher = check_reports(settings, job, stack)
        limits = Limits(
            seconds=settings.seconds,
            requests=settings.requests,
            rate=settings.rate,
            is_reading_only=settings.read_only,
            write_to=settings.write_to,
            failures=sys.maxsize,  # checks of robustness may end connections
        )
        target = LimitedTarget(job.targets["old"], limits)
        for note in job.notes:
            sys.stderr.write(settings.secrets.masked(f"lookalike: {note}\n"))
        checked = judge(
            job.contract,
            target,
            actors=job.actors,
            packs=settings.pack,
            may_write=target.may_write,
            seed=settings.seed,
            watcher=watcher,
            origin=settings.origin,
        )
    if checked.ended == "interrupted" and checked.score.passed == checked.score.applicable:
        return INTERRUPTED
    return checked.exit_code


def replay(settings: Settings, path: Path) -> int:
    """Tell a saved story again."""
    saved = stories.read(path)
    with ExitStack() as stack:
        job = resume(settings, saved, stack)
        told = tell_again(
            saved, job.targets["old"], job.targets["new"], actors=job.actors, reset=job.reset
        )
    mask = settings.secrets.masked
    lines = [
        f"{path}: {saved.headline}",
        f"{told.verdict.text}{f': {told.note}' if told.note else ''}",
    ]
    if finding := told.finding(saved):
        about = About(
            job.contract,
            job.file,
            {side: each.base_url for side, each in job.targets.items()},
            mask=mask,
        )
        lines += ["", Wording(mask).headline(finding), *story.told(finding, about)]
    sys.stdout.write(mask("\n".join(lines)) + "\n")
    return told.verdict.status


def accept(settings: Settings, path: Path, reason: str, *, everywhere: bool) -> int:
    """Put the difference of a saved story into the list of those that are intended."""
    saved = stories.read(path)
    operations = () if everywhere else (saved.operation.name,)
    entry = add(Path(settings.accepted), saved.cause, reason, operations)
    sys.stdout.write(f"Accepted in {settings.accepted}: {entry}\n")
    return ALIKE


def status(run: Run) -> int:
    """Return what a run's end means for whoever started it."""
    if run.findings:
        return DIFFERENT
    if run.ended == "interrupted":
        return INTERRUPTED
    if run.ended == "too many failures":
        return COULD_NOT_RUN
    if not any(map(succeeded, run.reached.values())):
        sys.stderr.write(
            "lookalike: nothing succeeded on both servers; only errors were compared\n"
        )
        return COULD_NOT_RUN
    return ALIKE


def succeeded(reached: Reached) -> bool:
    """Tell whether an operation was a success on both servers (RFC 9110, section 15.3)."""
    return all(any(code // 100 == SUCCESS for code in codes) for codes in reached.statuses)


def reports(settings: Settings, job: Job, seed: int, stack: ExitStack) -> Observer:
    """Open all reports of two servers that were asked for."""
    from lookalike.reports.github import GithubReport
    from lookalike.reports.jsonl import JsonLines
    from lookalike.reports.junit import JunitReport
    from lookalike.reports.page import HtmlReport
    from lookalike.reports.terminal import Terminal

    about = about_of(settings, job, {"seed": str(seed)})
    streams = open_streams(settings, stack)
    observers: list[Observer] = [
        Terminal(about, streams.out, streams.progress, budget=settings.seconds or SECONDS)
    ]
    if streams.lines is not None:
        observers.append(JsonLines(streams.lines, about))
    if settings.html:
        observers.append(HtmlReport(Path(settings.html), about))
    if settings.junit:
        observers.append(JunitReport(Path(settings.junit), about))
    if settings.github:
        observers.append(GithubReport(streams.out, about))
    folder = Path(settings.save)
    observers.append(Saver(folder, about, job.addresses, settings.file, streams.out.write))
    return Observers(*observers)


def check_reports(settings: Settings, job: Job, stack: ExitStack) -> "Watcher":
    """Open all reports of one server that were asked for."""
    from lookalike.reports.badge import Badge
    from lookalike.reports.check_junit import CheckJunit
    from lookalike.reports.check_lines import CheckGithub, CheckLines
    from lookalike.reports.check_page import CheckPage
    from lookalike.reports.check_terminal import CheckTerminal
    from lookalike.reports.checks import Watchers

    about = about_of(settings, job, {})
    about = replace(about, servers={"server": about.servers["old"]})
    streams = open_streams(settings, stack)
    watchers: list[Watcher] = [
        CheckTerminal(about, streams.out, streams.progress, budget=settings.seconds)
    ]
    if streams.lines is not None:
        watchers.append(CheckLines(streams.lines, about))
    if settings.html:
        watchers.append(CheckPage(Path(settings.html), about))
    if settings.junit:
        watchers.append(CheckJunit(Path(settings.junit), about))
    if settings.badge:
        watchers.append(Badge(Path(settings.badge)))
    if settings.github:
        watchers.append(CheckGithub(streams.out, about))
    return Watchers(*watchers)


def about_of(settings: Settings, job: Job, shown: Mapping[str, str]) -> About:
    """Return what all reports have in common."""
    mask = settings.secrets.masked
    servers = {side: mask(each.base_url) for side, each in job.targets.items() if side != "twin"}
    return About(job.contract, job.file, servers, shown, mask)


class Streams(NamedTuple):
    """Where results, progress and JSON Lines are written."""

    out: TextIO
    progress: TextIO
    lines: TextIO | None


def open_streams(settings: Settings, stack: ExitStack) -> Streams:
    """Leave standard output to JSON Lines alone, where a program is to read them."""
    progress = io.StringIO() if settings.quiet else sys.stderr
    if settings.jsonl == "-":
        return Streams(sys.stderr, progress, sys.stdout)
    if not settings.jsonl:
        return Streams(sys.stdout, progress, None)
    path = Path(settings.jsonl)
    return Streams(sys.stdout, progress, stack.enter_context(path.open("w", encoding="utf-8")))
