"""The tests' own database: the same launcher, in `.test-data`, unless DATABASE_URL is set."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from adaptive_site.environment import read_environment
from adaptive_site.lib.postgres.server import LocalPostgres

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


@contextmanager
def running_database() -> Iterator[None]:
    """Have the database of the settings up; one that DATABASE_URL names is left alone."""
    environment = read_environment()
    if environment.DATABASE_URL:
        yield
        return
    home = environment.DATA_DIR / "postgres"
    with LocalPostgres(home, environment.ADAPTIVE_SITE_POSTGRES, FAST):
        yield
