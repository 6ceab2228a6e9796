"""Erasing interactions with what hangs on them."""

import time
from uuid import UUID

from interactions.models import ErasureTarget, Job
from interactions.services.editing.deletion import delete_together
from interactions.services.erasure.stepping import STEP_SECONDS, count, progress
from interactions.services.erasure.targets import spare_held

ERASED_AT_ONCE = 500


def erase_interactions(job: Job) -> bool:
    """Delete some interactions, not into a bin; those that are gone already are passed over."""
    place = progress(job)
    mine = ErasureTarget.objects.in_project(job.project).filter(job=job)
    if job.total is None:
        job.total = mine.count()
    ends = time.monotonic() + STEP_SECONDS
    while time.monotonic() < ends:
        later = mine.filter(interaction_id__gt=UUID(place["after"])) if "after" in place else mine
        some = later.order_by("interaction_id").values_list("interaction_id", flat=True)
        ids = list(some[:ERASED_AT_ONCE])
        if not ids:
            spare_held(job)  # what came under a hold since they were found
            return True
        gone = delete_together(job.project, ids)
        count(job, "interactions", gone.interactions)
        count(job, "values of feedback", gone.feedback)
        count(job, "comparisons", gone.comparisons)
        place["after"] = str(ids[-1])
        job.done += len(ids)
    return False
