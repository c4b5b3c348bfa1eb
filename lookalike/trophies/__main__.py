"""Start a pair, and say how it differs: `python -m lookalike.trophies httpbin`.

What follows the name is handed to `lookalike diff`. With `--replay` the stories that are kept of
the pair are told again instead.
"""

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from lookalike import stories
from lookalike.figures.pairs import Pair, StartError
from lookalike.replay import Verdict, replay
from lookalike.targets import HttpTarget

HERE = Path(__file__).parent


def tell_again(folder: Path, old: str, new: str) -> int:
    """Tell all stories of a pair on fresh servers; 0 says that each difference is still there."""
    verdicts = []
    for path in sorted((folder / "stories").glob("*.json")):
        told = replay(stories.read(path), HttpTarget(old), HttpTarget(new))
        print(f"{path.stem}: {told.verdict.text} {told.note}".rstrip(), flush=True)
        verdicts.append(told.verdict)
    return 0 if {*verdicts} == {Verdict.STILL_THERE} else 1


def main() -> int:
    """Run; the exit status is that of `lookalike diff`."""
    names = sorted(path.parent.name for path in HERE.glob("*/pair.toml"))
    parser = argparse.ArgumentParser(prog="python -m lookalike.trophies", description=__doc__)
    parser.add_argument("name", choices=names, help="which pair")
    parser.add_argument("--stay", action="store_true", help="only start both servers, until Ctrl-C")
    parser.add_argument("--replay", action="store_true", help="tell its stories again")
    given, rest = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    pair = Pair.read(HERE / given.name / "pair.toml")
    try:
        with pair.running() as (old, new):
            contract = pair.contract(old)
            print(f"{pair.about}\nold {old}\nnew {new}\nfile {contract}", flush=True)
            if given.stay:
                signal.pause()
            if given.replay:
                return tell_again(pair.folder, old, new)
            return subprocess.run([*pair.command(old, new), *rest], check=False).returncode
    except StartError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
