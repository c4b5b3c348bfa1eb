"""Runs `.ci/browser/pages.mjs`, which visits the pages in Debian's Chromium."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.twins import ROOT

BROWSER = ROOT / ".ci" / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
SECONDS = 850  # a bound against hangs; a busy machine takes minutes
NEEDED = [
    pytest.mark.own_servers,
    pytest.mark.browser,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no Chromium at {CHROMIUM}"),
    pytest.mark.skipif(
        not (BROWSER / "node_modules").exists(), reason="`npm ci --prefix .ci/browser` was not run"
    ),
]


def visit(*arguments: str) -> Any:
    """Return what the visitors have found."""
    node = shutil.which("node")
    assert node, "Node.js comes with the dev set"
    done = subprocess.run(
        [node, BROWSER / "pages.mjs", *arguments],
        env={**os.environ, "CHROMIUM": CHROMIUM},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
