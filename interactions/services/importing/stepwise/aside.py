"""Steps of large imports in a process beside the worker, which ends with the job.

The worker's other threads index texts meanwhile: in one interpreter each would wait for the other
half of the time. And whatever memory a large file takes is given back.

Each step is one transaction of that process, together with the cursor of the job's row, and only
where the cursor is still what it was: so a piece counts once, even if another worker takes over.
"""

import ctypes
import gc
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from django.db import transaction

from adaptive_site.lib.processes.spawn import pool_of_one
from interactions.models import Job
from interactions.services.importing.plan import ImportPlan
from interactions.services.importing.stepwise import file_work, two_at_once
from interactions.services.importing.stepwise.file_work import SAVED, TakenOver
from projects.models import Project

# Less is done before the process has come up, which takes a second.
LARGE_BYTES, LARGE_PIECES = 8 * 1024 * 1024, 4
SECONDS_PER_STEP = 4.0

# Each thread takes memory of its own from glibc, and keeps what it had at most.
_MOST_ARENAS = -8  # M_ARENA_MAX
_c = ctypes.CDLL(None)

_pool: ProcessPoolExecutor | None = None  # of the worker
_users: set[int] = set()  # the jobs that it is kept for


def is_large(job: Job) -> bool:
    """Whether a job is worth a process of its own."""
    cursor = job.cursor
    if cursor.get("stage") == "reading":
        return bool(cursor["bytes"] > LARGE_BYTES)
    return bool(cursor.get("pieces", 0) > LARGE_PIECES)


def advance(job: Job) -> bool:
    """Have some steps done; `job` is then as they have left its row. Returns whether all are."""
    global _pool
    if _pool is None:
        _pool = pool_of_one(__name__, method="spawn")
        _pool.submit(begin)
    _users.add(job.id)
    try:
        is_over = _pool.submit(work, job.project_id, job.id, SECONDS_PER_STEP).result()
    except BrokenProcessPool:
        _pool = None
        raise
    job.refresh_from_db(fields=SAVED)
    return is_over


def end(job: Job) -> None:
    """End the process, unless another job goes on in it."""
    global _pool
    _users.discard(job.id)
    if _pool is not None and not _users:
        _pool.shutdown()
        _pool = None


def work(project_id: int, job_id: int, seconds: float) -> bool:
    """What the process does: steps of a job, for about so long; returns whether all are done."""
    _tidy()
    until = time.monotonic() + seconds
    project = Project.objects.get(id=project_id)
    while (job := _waiting(project, job_id)) is not None:
        plan = ImportPlan.of(job.arguments)
        if job.cursor["stage"] == "storing" and plan.target is not None:
            break  # what is read goes into a dataset, which is for others to do
        if job.cursor["stage"] == "storing" and not plan.is_dry_run:
            return two_at_once.store_some(job, plan, until=until)
        if _one_step(job, plan):
            return True
        if time.monotonic() > until:
            break
    return False


def _waiting(project: Project, job_id: int) -> Job | None:
    """The job as it is now, unless it has been cancelled."""
    jobs = Job.objects.in_project(project).under_way().select_related("project", "created_by")
    return jobs.filter(id=job_id, cancelled_by=None).first()


@transaction.atomic
def _one_step(job: Job, plan: ImportPlan) -> bool:
    before = job.cursor
    is_over = file_work.advance(job, plan)
    row = Job.objects.in_project(job.project).filter(id=job.id, cursor=before)
    if not row.update(**{name: getattr(job, name) for name in SAVED}):
        raise TakenOver("another worker has gone on with this job")
    return is_over


def begin() -> None:
    """Make the process ready: what is there from the beginning stays, and is looked at no more."""
    gc.set_threshold(100_000, 50, 100)
    gc.freeze()
    if hasattr(_c, "mallopt"):
        _c.mallopt(_MOST_ARENAS, 1)


def _tidy() -> None:
    """Give back what the steps before have left: it would be done by itself, but much later."""
    gc.collect()
    if hasattr(_c, "malloc_trim"):
        _c.malloc_trim(0)
