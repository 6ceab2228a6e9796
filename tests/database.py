"""The tests' own database: the same launcher, in `.test-data`, unless DATABASE_URL is set."""

import fcntl
import os
from itertools import count
from pathlib import Path

from adaptive_site.environment import read_environment

ROOT = Path(__file__).resolve().parent.parent / ".test-data"
# Nothing here outlives a crash of the machine, so nothing waits for the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_slot: int | None = None


def take_data_directory() -> Path:
    """Return a DATA_DIR that no other test run uses; the lock on it goes with this process.

    It is used again by the next run, so a cluster is made once for each run at the same time.
    """
    global _slot
    binaries = os.environ.get("ADAPTIVE_SITE_POSTGRES", "auto").strip("/").replace("/", "-")
    ROOT.mkdir(exist_ok=True)
    for number in count():
        directory = ROOT / f"{binaries}-{number}"
        _slot = os.open(f"{directory}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(_slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(_slot)
        else:
            return directory
    raise AssertionError("count() does not end")


def is_copied() -> bool:
    """Whether the tests' database is a copy of the one that sites of tests are copied from.

    Not where another PostgreSQL is named than the one those run on.
    """
    environment = read_environment()
    return not environment.DATABASE_URL and environment.ADAPTIVE_SITE_POSTGRES == "auto"
