"""The operating system's user that PostgreSQL runs as."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
