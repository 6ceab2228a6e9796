"""A process of a pool ends with the one that started it, however that ends."""

import os
import subprocess
import sys
import time
from pathlib import Path

from adaptive_site.environment import ROOT

STARTING = """
import os, time
from adaptive_site.lib.processes.spawn import pool_of_one
pool = pool_of_one("os")  # whose process ends once nobody holds it
print(pool.submit(os.getpid).result(), flush=True)
time.sleep(600)
"""


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    settings = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "adaptive_site.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", STARTING],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        assert _is_running(process)
        parent.kill()
    deadline = time.monotonic() + 60
    while _is_running(process) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(process)


def _is_running(process: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True)
    return listed.stdout.strip() != b"" and not listed.stdout.startswith(b"Z")
