"""Run a command on a new PostgreSQL database: `python -m contract_tests.with_postgresql COMMAND…`.

The command finds the database's URL in DATABASE_URL. A signal ends it, and then the server.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

from contract_tests.postgresql import running_postgresql


def main() -> int:
    """Run, and return the command's own exit status."""
    with running_postgresql() as new_database:
        environ = {**os.environ, "DATABASE_URL": new_database("lookalike")}
        with subprocess.Popen(sys.argv[1:], env=environ) as process:

            def end(number: int, _: FrameType | None) -> None:
                process.send_signal(number)

            signal.signal(signal.SIGTERM, end)
            return process.wait()


if __name__ == "__main__":
    sys.exit(main())
