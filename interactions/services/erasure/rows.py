"""Erasing interactions with what hangs on them."""

from functools import partial
from uuid import UUID

from interactions.models import Job
from interactions.services.editing.deletion import delete_together
from interactions.services.erasure.stepping import count
from interactions.services.erasure.targets import each

ERASED_AT_ONCE = 500


def erase_interactions(job: Job) -> bool:
    """Delete some interactions, not into a bin; those that are gone already are passed over."""
    return each(job, partial(_erase, job), at_once=ERASED_AT_ONCE)


def _erase(job: Job, ids: list[UUID]) -> None:
    gone = delete_together(job.project, ids)
    count(job, "interactions", gone.interactions)
    count(job, "values of feedback", gone.feedback)
    count(job, "comparisons", gone.comparisons)
