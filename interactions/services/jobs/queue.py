"""The queue of jobs, done by a worker step by step.

The table of jobs is the queue. Each step is a transaction under a lock of its own, not under the
row's, so that a job can be cancelled, and its page read, while a long step runs.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.models import Job
from interactions.services.erasure.stepping import RETRIED_BY
from interactions.services.jobs.kinds import kind_of
from projects.models import User
from projects.services.access import check_may_go_on

ATTEMPTS_PER_STEP = 5
CHANNEL = "bulk_actions"  # of NOTIFY: the thread that waits for bulk actions does jobs as well
_LOOKED_AT = 20  # jobs that others may be at
# Any number: with a job's id it names the lock under which that job's steps are done.
_LOCK = 0x0B5E

logger = logging.getLogger(__name__)


def do_some() -> int:
    """Do one step of the job whose turn it is; returns how many steps that was, 0 or 1.

    A step that fails is tried again a few times, but for a DomainError, which says that it can
    never be done: then the job has failed, and says why.
    """
    job: Job | None = None
    try:
        with transaction.atomic():
            job = _take()
            if job is None:
                return 0
            _step(job)
    except Exception as error:
        if job is None:  # the database is not there: nothing can be noted
            raise
        if not isinstance(error, DomainError):
            logger.exception("a step of the job %s failed", job.uuid)
        _note(job.id, error)
    return 1


def do_all(job: Job) -> Job:
    """Do all steps of a job now, as tests and small jobs want it; returns the job as it ended."""
    while job.is_under_way:
        try:
            with transaction.atomic():
                job = Job.objects.in_project(job.project).get(id=job.id)
                _step(job)
        except DomainError as error:
            _note(job.id, error)
        job = Job.objects.in_project(job.project).get(id=job.id)
    return job


def _take() -> Job | None:
    """The job that has waited longest and that no other worker is at; ours till the commit."""
    due = Job.objects.under_way().filter(next_at__lte=datetime.now(UTC)).order_by("next_at")
    for id in due.values_list("id", flat=True)[:_LOOKED_AT]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, id])
            (is_mine,) = cursor.fetchone()
        if is_mine:
            # Read again: another worker may have done a step in between.
            found = Job.objects.under_way().select_related("project", "created_by")
            return found.filter(id=id).first()
    return None


def _step(job: Job) -> None:
    if job.cancelled_by_id is not None:
        kind_of(job).cancelled(job)
        job.state, job.finished_at = Job.State.CANCELLED, datetime.now(UTC)
    else:
        _check_may(job, job.created_by, key_id=job.key_id)
        was = job.stage
        job.state = Job.State.RUNNING
        if kind_of(job).step(job):
            job.state, job.finished_at = Job.State.DONE, datetime.now(UTC)
        if job.started_at is None or job.stage != was:
            job.started_at = datetime.now(UTC)
    job.attempts, job.next_at, job.error, job.told = 0, datetime.now(UTC), "", {}
    _save(job)


def _save(job: Job) -> None:
    """All but who cancelled it, which may have been written during the step."""
    fields = (
        "state", "stage", "total", "done", "cursor", "result", "error", "attempts", "next_at",
        "started_at", "finished_at", "told",
    )  # fmt: skip
    job.save(update_fields=fields)


def _note(job_id: int, error: Exception) -> None:
    """Let it rest for a while that doubles; after some attempts it has failed."""
    with transaction.atomic():
        job = Job.objects.under_way().select_for_update().filter(id=job_id).first()
        if job is None:
            return
        job.attempts, job.told = job.attempts + 1, {}
        is_told = isinstance(error, DomainError)
        job.error = (str(error) if is_told else f"{type(error).__name__}: {error}")[:1000]
        job.next_at = datetime.now(UTC) + timedelta(seconds=2**job.attempts / 2)
        if is_told or job.attempts >= ATTEMPTS_PER_STEP:
            job.state, job.finished_at = Job.State.FAILED, datetime.now(UTC)
            _take_back(job)
        _save(job)


def _take_back(job: Job) -> None:
    """What a failed job did, as far as that can be done: it has failed in any case."""
    try:
        with transaction.atomic():
            kind_of(job).failed(job)
    except Exception:
        logger.exception("what the failed job %s did was not taken back", job.uuid)


def _check_may(job: Job, user: User, *, key_id: int | None = None) -> None:
    """Raise Forbidden, or Conflict, to who may not, or no longer, have such a job done."""
    check_may_go_on(user, key_id, [kind_of(job).PERMISSION], job.project)


def cancel(job: Job, *, by: User) -> None:
    """Have a job end at its next step; one that has ended stays as it is."""
    waiting = Job.objects.in_project(job.project).under_way().filter(id=job.id, cancelled_by=None)
    with transaction.atomic():
        waiting.update(cancelled_by=by, next_at=datetime.now(UTC))
        wake()


@transaction.atomic
def retry(job: Job, *, by: User) -> None:
    """Have a job that has failed go on where its cursor stands. Raises Invalid of any other.

    A kind whose `failed` takes everything back empties the cursor there, and so begins anew.
    Raises Forbidden to who may not have such a job done.
    """
    _check_may(job, by)
    now = datetime.now(UTC)
    failed = Job.objects.in_project(job.project).filter(id=job.id, state=Job.State.FAILED)
    cursor = job.cursor
    if job.kind == Job.Kind.ERASE:  # which may have failed for want of rights
        cursor = {**cursor, RETRIED_BY: by.id}
    if not failed.update(
        state=Job.State.WAITING,
        error="",
        attempts=0,
        next_at=now,
        finished_at=None,
        cursor=cursor,
    ):
        raise Invalid("expected a job that has failed", field="job")
    wake()


def wake() -> None:
    """Tell the workers of a job, once the transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
