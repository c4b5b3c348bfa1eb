"""What processes have used, as Linux knows it."""

import time
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def parent_of(pid: int) -> int:
    """Return the process that has started another."""
    # The second field is a name in parentheses, which may hold anything.
    return int((PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()[1])


def tree(root: int) -> list[int]:
    """List a process and all that it has started, directly or not."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                children.setdefault(parent_of(int(entry.name)), []).append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended just now
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu_seconds(root: int) -> dict[int, float]:
    """Return the CPU time of a process and of all that it has started, by their ids."""
    found = {}
    for pid in tree(root):
        # A process's clock, to the nanosecond; see clock_getcpuclockid(3).
        with suppress(OSError):  # it has ended just now
            found[pid] = time.clock_gettime_ns((~pid << 3) | 2) / 1e9
    return found


def used_since(before: dict[int, float], root: int) -> float:
    """Return the CPU time used since; what has ended meanwhile, such as a vacuum, doesn't count."""
    return sum(seconds - before.get(pid, 0) for pid, seconds in cpu_seconds(root).items())


def memory_mib(pid: int) -> dict[str, float]:
    """Return a process's memory: `Rss`, `Pss`, and `Uss`, which nobody else shares."""
    found: dict[str, float] = {}
    for line in (PROC / f"{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, amount, *_ = line.split()
        found[name.removesuffix(":")] = int(amount) / 1024
    found["Uss"] = found["Private_Clean"] + found["Private_Dirty"]
    return found
