"""How good `lookalike` is: `python -m lookalike.figures equal --seeds 20`.

`equal`: pairs that are alike, in which nothing may be found, over many seeds. `first`: pairs that
differ, and the seconds until the first finding, from the start of the command. Pairs are files, as
lookalike/figures/pairs.py describes; `FILE#old` is a pair's old program against a second instance
of itself. Results are kept in equal.json and first.json; a run goes on where an earlier one ended.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lookalike.figures.pairs import Pair, StartError

HERE = Path(__file__).parent
TROPHIES = HERE.parent / "trophies"
KEPT = Path("build") / "figures"  # stories of what was found, to be replayed
FOREIGN = ("connexion/pair.toml#new", "json_server/pair.toml#old", "pydantic/pair.toml#new")
BOUND = 60.0  # seconds beside those that a run may last, before it counts as hung


def read(name: str) -> Pair:
    """Read a pair's file, or one of its sides."""
    path, _, side = name.partition("#")
    pair = Pair.read(Path(path))
    return pair.with_itself(side) if side else pair


def measured(pair: Pair, seed: int, seconds: float) -> dict[str, Any]:
    """Run `lookalike diff` on a pair once; say what it found, and when."""
    stories = KEPT / f"{pair.name.replace('#', '-')}-{seed}"
    with pair.running() as (old, new), TemporaryDirectory(prefix="figures-") as folder:
        lines = Path(folder) / "run.jsonl"
        command = [
            *pair.command(old, new),
            *("--seed", str(seed), "--seconds", str(seconds)),
            *("--jsonl", str(lines), "--quiet", "--save", str(stories)),
        ]
        began = time.monotonic()
        first: float | None = None
        with (
            (Path(folder) / "said").open("w+") as said,
            subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT) as process,
        ):
            try:
                while process.poll() is None and time.monotonic() - began < seconds + BOUND:
                    if (
                        first is None
                        and lines.exists()
                        and '"type": "finding"' in lines.read_text()
                    ):
                        first = round(time.monotonic() - began, 1)
                    time.sleep(0.2)
            finally:
                process.kill()
            said.seek(0)
            last_said = said.read()[-2000:]
        told = (
            [json.loads(line) for line in lines.read_text().splitlines()] if lines.exists() else []
        )
    end = next((each for each in told if each["type"] == "end"), None)
    if end is None:
        raise StartError(f"lookalike ended with {process.returncode}:\n{last_said}")
    kept = [each for head in end["ranked"] for each in (head["cause"], *head["alike"])]
    found = [
        f"{each['operation']}: {' '.join(each['cause'].values())}"
        for each in told
        if each["type"] == "finding" and each["reason"] is None and each["cause"] in kept
    ]
    return {
        "seed": seed,
        "exit": process.returncode,
        "findings": sorted({*found}),
        "unconfirmed": len(end["unconfirmed"]),
        "accepted": end["accepted"],
        "calls": end["calls"],
        "seconds": round(end["seconds"], 1),
        "first": first,
        "ended": end["ended"],
    }


def run(pairs: Sequence[Pair], seeds: Sequence[int], seconds: float, path: Path) -> int:
    """Measure each pair by each seed that wasn't before; return how many could not be run."""
    failed = 0
    for seed in seeds:  # all pairs by one seed first: what is interrupted knows something of each
        for pair in pairs:
            data: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
            rows = data.setdefault(pair.name, {"about": pair.about, "runs": []})["runs"]
            if any(row["seed"] == seed for row in rows):
                continue
            try:
                row = measured(pair, seed, seconds)
            except StartError as error:
                failed += 1
                print(f"{pair.name}, seed {seed}: {error}", flush=True)
                continue
            rows.append(row)
            path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
            found = row["findings"]
            print(
                f"{pair.name}, seed {seed}: {len(found)} found, {row['unconfirmed']} unconfirmed, "
                f"{row['calls']} calls, {row['seconds']} s; first {row['first']}",
                *found[:10],
                sep="\n  ",
                flush=True,
            )
    return failed


def main() -> int:
    """Run; 1 says that equal servers were told to differ, 2 that a pair could not be run."""
    parser = argparse.ArgumentParser(
        prog="python -m lookalike.figures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("figure", choices=("equal", "first"))
    parser.add_argument("pairs", nargs="*", metavar="FILE[#old|#new]", help="(foreign programs)")
    parser.add_argument("--seeds", type=int, default=20, metavar="N", help="0 to N - 1 (20)")
    parser.add_argument("--seconds", type=float, default=60, metavar="N", help="of a run (60)")
    parser.add_argument("--data", type=Path, help="the file of results")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    if given.figure == "equal":
        names = given.pairs or [str(TROPHIES / name) for name in FOREIGN]
    else:
        names = given.pairs or sorted(map(str, TROPHIES.glob("*/pair.toml")))
    path = given.data or HERE / f"{given.figure}.json"
    pairs = [*map(read, names)]
    failed = run(pairs, range(given.seeds), given.seconds, path)
    data = json.loads(path.read_text()) if path.exists() else {}
    wrong = [
        (name, row["seed"])
        for name in (pair.name for pair in pairs)
        for row in data.get(name, {"runs": []})["runs"]
        if given.figure == "equal" and row["findings"]
    ]
    print(
        f"{sum(len(each['runs']) for each in data.values())} runs; differences in {wrong or 'none'}"
    )
    return 2 if failed else 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
