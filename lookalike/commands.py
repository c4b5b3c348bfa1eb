"""What each command does, once its settings are known; each returns the exit status."""

import io
import random
import sys
from contextlib import ExitStack
from pathlib import Path

from lookalike.client import Exchange
from lookalike.config import Settings
from lookalike.findings import Observer, Observers, Run
from lookalike.job import Job, prepare
from lookalike.masking import Secrets
from lookalike.reports import About

ALIKE, DIFFERENT, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


class SecretsOf(Observer):
    """Learns what is to be masked from what is sent and answered."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def exchange(self, exchange: Exchange) -> None:
        """Mask credentials of both servers."""
        for request, outcome in zip(exchange.requests, exchange.outcomes, strict=True):
            self._secrets.note(request, outcome)


def diff(settings: Settings) -> int:
    """Compare two servers."""
    from lookalike.diff import Options  # noqa: PLC0415 - generates requests, which loads a lot
    from lookalike.diff import diff as compare  # noqa: PLC0415 - as above

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
                seconds=settings.seconds,
                requests=settings.requests,
                rate=settings.rate,
                seed=seed,
                read_only=settings.read_only,
                write_to=settings.write_to,
                reset=job.reset,
            ),
            actors=job.actors,
            observer=observer,
            twin=job.targets.get("twin"),
        )
    return status(run)


def status(run: Run) -> int:
    """Return what a run's end means for whoever started it."""
    if run.findings:
        return DIFFERENT
    if run.ended == "interrupted":
        return INTERRUPTED
    if run.ended == "too many failures":
        return COULD_NOT_RUN
    return ALIKE


def reports(settings: Settings, job: Job, seed: int, stack: ExitStack) -> Observer:
    """Open all reports that were asked for."""
    from lookalike.reports.github import GithubReport  # noqa: PLC0415 - as in `diff`
    from lookalike.reports.jsonl import JsonLines  # noqa: PLC0415
    from lookalike.reports.junit import JunitReport  # noqa: PLC0415
    from lookalike.reports.page import HtmlReport  # noqa: PLC0415
    from lookalike.reports.terminal import Terminal  # noqa: PLC0415

    mask = settings.secrets.masked
    servers = {side: mask(each.base_url) for side, each in job.targets.items() if side != "twin"}
    about = About(job.contract, job.file, servers, {"seed": str(seed)}, mask)
    observers: list[Observer] = [SecretsOf(settings.secrets)]
    out = sys.stdout
    if settings.jsonl == "-":
        out = sys.stderr  # what a program reads is the only thing there
        observers.append(JsonLines(sys.stdout, about))
    elif settings.jsonl:
        path = Path(settings.jsonl)
        file = stack.enter_context(path.open("w", encoding="utf-8"))
        observers.append(JsonLines(file, about))
    progress = io.StringIO() if settings.quiet else sys.stderr
    observers.append(Terminal(about, out, progress, budget=settings.seconds))
    if settings.html:
        observers.append(HtmlReport(Path(settings.html), about))
    if settings.junit:
        observers.append(JunitReport(Path(settings.junit), about))
    if settings.github:
        observers.append(GithubReport(out, about))
    return Observers(*observers)
