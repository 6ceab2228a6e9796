"""How far a long step of a job is, told while its transaction is open; and whether to go on."""

import time
from datetime import UTC, datetime
from typing import Protocol

from django.db import OperationalError, connection

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.time_limits import stop_if_late
from interactions.models import Job

TOLD_EACH = 0.5  # seconds


class StepCancelledError(Exception):
    """Somebody has cancelled the job while a step of it ran; what the step did is to be undone."""


class StepWatch(Protocol):
    """Called between two pieces of long work, so that it can be followed, and stopped: it raises.

    `what` is being done, `done` of `total` of it.
    """

    def __call__(self, what: str = "", done: int = 0, total: int | None = None) -> None: ...


def until_late(what: str = "", done: int = 0, total: int | None = None) -> None:
    """The watch of what a person waits for: raises TookTooLong when its time limit is over."""
    stop_if_late()


class JobWatch:
    """Writes how far a step of a job is where its page reads it, and stops when it is cancelled.

    `total` is of what is told without one. Written through a connection of its own: what the step
    writes is seen only when it ends.
    """

    def __init__(self, job: Job, *, total: int | None = None) -> None:
        self._job = job
        self._total = total
        self._what = ""
        self._since = ""
        self._looks_at = 0.0

    def __call__(self, what: str = "", done: int = 0, total: int | None = None) -> None:
        """Tell it, and look whether somebody has cancelled the job, not more often than needed."""
        if what != self._what:
            self._what, self._since = what, datetime.now(UTC).isoformat()
        elif time.monotonic() < self._looks_at:
            return
        if self._job.is_cancelled():
            raise StepCancelledError
        total = self._total if total is None else total
        _write(self._job, {"stage": what, "done": done, "total": total, "since": self._since})
        self._looks_at = time.monotonic() + TOLD_EACH


def _write(job: Job, told: dict[str, object]) -> None:
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
            cursor.execute(
                "UPDATE job SET told = %s WHERE project_id = %s AND id = %s",
                [exact_json.dumps(told).decode(), job.project_id, job.id],
            )
    except OperationalError:  # somebody else writes the job, or no connection is free: told later
        pass
    finally:
        beside.close()
