"""What a machine lacks when it fails us: room on a disk, connections, its database."""

import errno

from django.db import DatabaseError, InterfaceError, OperationalError

from adaptive_site.lib.errors import DomainError

GONE = "the database does not answer"
FULL = "the disk of the database is full"
READ_ONLY = "the database takes no writes"
CROWDED = "the database has no connection left"
_DISKS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk's quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk fails",
}


class Unavailable(DomainError):
    """Something is missing that we cannot do without; it may be there again soon."""

    status = 503
    headers = {"Retry-After": "10"}


def reason(error: BaseException) -> str:
    """Why an error of the database or of a disk is an outage, in words; empty when it is none."""
    if isinstance(error, OSError):
        return _DISKS.get(error.errno or 0, "")
    if not isinstance(error, DatabaseError | InterfaceError):
        return ""
    said = str(error)
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state == "53100" or "No space left on device" in said:
        return FULL
    if state == "53300" or "too many clients" in said or "connection slots" in said:
        return CROWDED
    if state == "25006":  # what was the primary is a standby now
        return READ_ONLY
    # Of class 57P the server says it is going; without a state there was no server to say it.
    if state.startswith("57P") or state.startswith("08"):
        return GONE
    if isinstance(error, OperationalError | InterfaceError) and not state:
        return GONE
    return ""
