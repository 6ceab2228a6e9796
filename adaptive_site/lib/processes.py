"""Child processes that end with their parent, and the account they run as."""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def end_with_parent(number: signal.Signals, parent: int) -> None:
    """Have the kernel send us `number` when the process `parent`, our parent, ends.

    Linux only; elsewhere it does nothing. The kernel watches the *thread* that forked us, so
    a parent must fork from its main thread. A parent that is gone already ends us at once.
    """
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number.value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def end_with_our_parent(number: signal.Signals) -> None:
    """Do `end_with_parent` for whoever our parent is now."""
    end_with_parent(number, os.getppid())


def ending_with_us(number: signal.Signals) -> Callable[[], None] | None:
    """Return what `Popen(preexec_fn=…)` needs for a child that gets `number` when we end.

    The library is loaded here: between fork and exec nothing may be imported or locked. It is
    set after the change of user, because that change clears it.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl

    def in_the_child() -> None:
        prctl(_PR_SET_PDEATHSIG, number.value, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return in_the_child


@dataclass(frozen=True)
class Account:
    """The operating system's user that PostgreSQL runs as."""

    uid: int
    gid: int

    @property
    def name(self) -> str:
        """The user's name, or its number where it has none."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return f"user {self.uid}"

    @property
    def is_ours(self) -> bool:
        """Whether this process already runs as this user."""
        return self.uid == os.geteuid()

    def popen_options(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess` run a command as this user."""
        if self.is_ours:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_reach(self, directory: Path) -> bool:
        """Say whether the mode bits let this user pass through every parent of `directory`.

        Access lists are not read: at worst a directory that could be reached counts as shut.
        """
        if self.is_ours:
            return True
        return all(self._may_pass(parent) for parent in directory.parents if parent.exists())

    def _may_pass(self, directory: Path) -> bool:
        status = directory.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        if status.st_gid == self.gid:
            return bool(status.st_mode & 0o010)
        return bool(status.st_mode & 0o001)


def database_account(data: Path) -> Account:
    """Choose who runs PostgreSQL on the directory `data`.

    We do, except as root, which PostgreSQL refuses: then the owner of `data` if it exists, else
    the user `postgres`, else `nobody`. No user is created.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and (status := data.stat()).st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise LookupError("this system has neither a user postgres nor a user nobody")
