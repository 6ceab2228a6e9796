"""What is done behind the requests: compacting roll-ups, indexing, deleting what is too old.

The tables themselves say what is to be done, so nothing is lost with a process, nothing is done
twice, and several workers may run at once (each piece of work is one transaction under a lock of
its own). What people begin and watch (bulk actions) has a thread of its own, `bulk_thread.py`.
"""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from django.db import close_old_connections, connection

from adaptive_site.lib.processes.backoff import Backoff
from adaptive_site.lib.processes.signals import Stopping
from adaptive_site.work import waiting as work_waiting
from interactions.services.bulk import purge, queue
from interactions.services.datasets import bin, growing
from interactions.services.export import job_files
from interactions.services.images import store
from interactions.services.importing import pieces as import_pieces
from interactions.services.jobs import erasures_again
from interactions.services.jobs import queue as job_queue
from interactions.services.recording import renewed_previews
from interactions.services.retention import expiry, limits, monthly_bodies, removal
from interactions.services.rollups import compaction
from interactions.services.uploads import parts
from interactions.textindex import upkeep
from projects.models import Project
from projects.services.auditing import origin, sealing

APPLICATION = "adaptive-site worker"  # in pg_stat_activity, where `doctor` looks for it
LOOK_EVERY = 2.0  # seconds between two looks while there is nothing to do
SELDOM = 600.0  # seconds between two looks at what is not urgent at all
_NICE = 10

logger = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkerTask:
    """Work that is done in pieces of seconds.

    `do` does one piece and says how much that was; 0 when nothing is left. It is asked for each
    project in `waiting`, or where that is None once for all of them; `rest` seconds after it last
    did something at the earliest, and `every` seconds after it had nothing to do.
    """

    name: str
    waiting: Callable[[], Iterable[Project]] | None
    do: Callable[..., int]
    rest: float = 0
    every: float = 0


BULK_ACTIONS = WorkerTask("bulk actions", None, queue.do_some)
PEOPLES_JOBS = WorkerTask("jobs of people", None, job_queue.do_some)
JOBS = (
    WorkerTask("seals of the audit log", None, sealing.seal_some, every=sealing.SEAL_SECONDS),
    # Readers add what is not compacted yet, so there is no haste, and one pass for many costs less.
    WorkerTask("roll-ups", work_waiting.with_deltas, compaction.compact, rest=15),
    WorkerTask("text index", work_waiting.with_many_texts, upkeep.index_some),
    # Each time makes a segment, and small ones are merged later: not for every few.
    WorkerTask("rest of the text index", work_waiting.with_texts, upkeep.index_some, rest=120),
    WorkerTask("segments of texts", None, upkeep.merge_some, every=60),
    WorkerTask(
        "lines of earlier versions", work_waiting.with_old_lines, renewed_previews.renew_some
    ),
    WorkerTask("retention", limits.with_limit, expiry.expire_some, every=60),
    WorkerTask("erasures that a restore undid", None, erasures_again.take_up, every=SELDOM),
    WorkerTask("deleted projects", None, removal.remove_some, every=5),
    WorkerTask("what bulk actions keep for undoing", None, purge.purge_some, every=SELDOM),
    WorkerTask("growing datasets", None, growing.grow_some),
    WorkerTask("datasets in the bin", None, bin.purge_some, every=SELDOM),
    WorkerTask("months of bodies", None, monthly_bodies.keep_up, every=SELDOM),
    WorkerTask("uploads nobody finished", None, parts.expire_some, every=SELDOM),
    WorkerTask("what imports have read", None, import_pieces.sweep_some, every=SELDOM),
    WorkerTask("unused images", work_waiting.every_project, store.sweep, every=SELDOM),
    WorkerTask("old exports", work_waiting.every_project, job_files.remove_old, every=SELDOM),
)


class Worker:
    """Does every job for every project in turn, so that none holds up the others."""

    def __init__(self, jobs: Iterable[WorkerTask] = (BULK_ACTIONS, PEOPLES_JOBS, *JOBS)) -> None:
        self._jobs = tuple(jobs)
        self._next: dict[str, float] = {}
        self._backoff = Backoff()
        self.failures = 0
        self.is_ending = False  # then a piece that fails was cut short: not worth a word

    def run(self, stopping: Stopping) -> None:
        """Work until a signal ends it: raises StopRequested."""
        while True:
            stopping.check()
            close_old_connections()  # those that are broken, too
            if not self.round():
                time.sleep(LOOK_EVERY)

    def drain(self, stopping: Stopping | None = None) -> None:
        """Work until nothing is left to do, or what is left has failed; else as `run`."""
        while self.round():
            self._next.clear()
            if stopping is not None:
                stopping.check()

    def round(self) -> int:
        """Do one piece of each job for each project; return how many pieces there were."""
        return sum(self._do(job) for job in self._jobs)

    def _do(self, job: WorkerTask) -> int:
        if time.monotonic() < self._next.get(job.name, 0):
            return 0
        if job.waiting is None:
            pieces = int(self._ask(job.name, job.do, 0) > 0)
        else:
            nobody: Iterable[Project] = ()
            pieces = sum(
                self._ask(f"{job.name} of {project.key}", partial(job.do, project), 0) > 0
                for project in self._ask(job.name, partial(_listed, job.waiting), nobody)
            )
        self._next[job.name] = time.monotonic() + (job.rest if pieces else job.every)
        return pieces

    def _ask(self, what: str, question: Callable[[], T], otherwise: T) -> T:
        """The answer; `otherwise` when it fails, and for some time after it has failed."""
        if self.is_ending or self._backoff.is_resting(what):
            return otherwise
        try:
            answer = question()
        except Exception:
            if self.is_ending:
                return otherwise
            self.failures += 1
            logger.exception("%s failed; again in %.0f s", what, self._backoff.failed(what))
            return otherwise
        self._backoff.succeeded(what)
        return answer


def _listed(waiting: Callable[[], Iterable[Project]]) -> Iterable[Project]:
    return list(waiting())  # a query that fails, fails here


def prepare(stopping: Stopping) -> None:
    """Make this process a worker: polite, ended by a signal, known to the database by name.

    A signal ends the statement in progress, whose transaction then leaves nothing behind.
    """
    os.nice(_NICE)  # pages come first
    origin.be(origin.WORKER)
    stopping.listen((signal.SIGINT, signal.SIGTERM))
    connection.close()
    options = connection.settings_dict.setdefault("OPTIONS", {})
    options["application_name"] = APPLICATION
