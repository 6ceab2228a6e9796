"""Databases that have all tables: made once, then copied, for migrating takes five seconds.

Sites of tests are such copies, and the database of each worker. A first start, a dump of an
earlier version and a migration have databases of their own.
"""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adaptive_site.environment import ROOT, read_environment
from adaptive_site.lib.postgres.server import LocalPostgres
from tests.database import FAST, is_copied
from tests.database import ROOT as KEPT
from tests.sites import Site

# What the tables depend on, and which PostgreSQL it is.
_MADE_FROM = ("*/migrations/*.py", "requirements-dev.lock")


def migrated_site(data: Path, *, is_durable: bool = False) -> Site:
    """A site in `data` that has not been started yet, on a database without rows.

    Unless it is to be durable nothing in it waits for the disk.
    """
    with _made() as cluster:
        copy = _copied(cluster, data / "postgres")
    if not is_durable:
        with (copy / "postgresql.auto.conf").open("a") as settings:
            settings.writelines(f"{name} = {value}\n" for name, value in FAST.items())
    return Site(data)


@contextmanager
def running_database() -> Iterator[None]:
    """Have the database of the settings up; one that DATABASE_URL names is left alone."""
    environment = read_environment()
    if environment.DATABASE_URL:
        yield
        return
    home = environment.DATA_DIR / "postgres"
    if is_copied():
        _copied_once(home)
    with LocalPostgres(home, environment.ADAPTIVE_SITE_POSTGRES, FAST):
        yield


def _copied_once(home: Path) -> None:
    """Have `home` hold a copy, which the next run uses again unless a migration came."""
    with _made() as cluster:
        note, of = home / "copy-of", cluster.parents[1].name
        if not note.exists() or note.read_text() != of:
            note.unlink(missing_ok=True)
            shutil.rmtree(home / "data", ignore_errors=True)
            _copied(cluster, home)
            note.write_text(of)


def _copied(cluster: Path, home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    copy = home / "data"
    subprocess.run(["cp", "-a", str(cluster), str(copy)], check=True)  # -a: its owner, too
    return copy


@contextmanager
def _made() -> Iterator[Path]:
    """The data directory that is copied, not in use, made anew if it is of an earlier version."""
    KEPT.mkdir(exist_ok=True)
    digest = hashlib.sha256()
    for file in sorted(file for pattern in _MADE_FROM for file in ROOT.glob(pattern)):
        digest.update(file.read_bytes())
    home = KEPT / f"migrated-{digest.hexdigest()[:16]}"
    with (KEPT / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "made").exists():
            for old in KEPT.glob("migrated-*"):
                shutil.rmtree(old)
            with LocalPostgres(home / "postgres", server=FAST):
                done = Site(home).run("migrate", "--verbosity=0")
                assert done.returncode == 0, done.stderr
            (home / "made").touch()
        yield home / "postgres" / "data"
