"""Where the private PostgreSQL's socket is, and whether that place is ours."""

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from adaptive_site.lib.postgres.account import Account
from adaptive_site.lib.postgres.binaries import LocalPostgresError
from adaptive_site.lib.postgres.cluster import PORT

_LONGEST_SOCKET_PATH = 100
_SOCKET = f".s.PGSQL.{PORT}"


def runtime_directory(home: Path, account: Account) -> Path:
    """Return where the socket and the copied programs go: `home`, or a place under /tmp.

    The place follows from the path, so every process finds it whatever its TMPDIR.
    """
    socket = home / "socket" / _SOCKET
    if len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH and account.can_reach(socket):
        return home
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path("/tmp") / f"adaptive-site-{digest}"  # noqa: S108


def make_directory(directory: Path, mode: int) -> None:
    """Make a directory with exactly this mode, whatever the umask; leave an existing one."""
    if not directory.is_dir():
        directory.mkdir(mode=0o700, parents=True)
        directory.chmod(mode)


def check_runtime(runtime: Path, account: Account) -> None:
    """Refuse a place under /tmp that somebody else has made; one not there yet is fine.

    Once it is ours, the sticky bit of /tmp keeps it so. Raises LocalPostgresError.
    """
    for path, is_right, owners in (
        (runtime, stat.S_ISDIR, {0, os.geteuid(), account.uid}),
        (runtime / "socket", stat.S_ISDIR, {account.uid}),
        (runtime / "socket" / _SOCKET, stat.S_ISSOCK, {account.uid}),
    ):
        try:
            check_owner(path, is_right, owners)
        except FileNotFoundError:
            return


def check_owner(path: Path, is_right: Callable[[int], bool], owners: set[int]) -> None:
    """Raise LocalPostgresError unless `path` itself, no link, is of this kind and theirs."""
    status = path.lstat()
    if not is_right(status.st_mode) or status.st_uid not in owners:
        raise LocalPostgresError(
            f"{path} is in the way: it is not ours. Remove it, or set DATA_DIR to a shorter path "
            "that PostgreSQL's user can reach"
        )
