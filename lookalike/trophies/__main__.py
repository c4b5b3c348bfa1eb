"""Start a pair, and say how it differs: `python -m lookalike.trophies httpbin`.

What follows the name is handed to `lookalike diff`.
"""

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from lookalike.figures.pairs import Pair, StartError

HERE = Path(__file__).parent


def main() -> int:
    """Run; the exit status is that of `lookalike diff`."""
    names = sorted(path.parent.name for path in HERE.glob("*/pair.toml"))
    parser = argparse.ArgumentParser(prog="python -m lookalike.trophies", description=__doc__)
    parser.add_argument("name", choices=names, help="which pair")
    parser.add_argument("--stay", action="store_true", help="only start both servers, until Ctrl-C")
    given, rest = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    pair = Pair.read(HERE / given.name / "pair.toml")
    try:
        with pair.running() as (old, new):
            contract = pair.contract(old)
            print(f"{pair.about}\nold {old}\nnew {new}\nfile {contract}", flush=True)
            if given.stay:
                signal.pause()
            command = [sys.executable, "-m", "lookalike", "diff", old, new, "--openapi", contract]
            config = pair.folder / "lookalike.toml"
            options = ["--config", str(config)] if config.exists() else []
            return subprocess.run([*command, *options, *rest], check=False).returncode
    except StartError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
