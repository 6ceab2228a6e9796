"""What the stages of an erasure share: how long a step is, where it stands, what it counted."""

from typing import Any

from interactions.models import Job
from projects.models import User

STEP_SECONDS = 2.0
# In `Job.cursor`: who had a failed erasure tried again, whose rights it has since.
RETRIED_BY = "retried_by"


class ErasureWaitsError(Exception):
    """Another job is at what shall be erased: the step is tried again a few times."""


def actor(job: Job) -> User:
    """Whose rights the job has: who began it, or who had it tried again."""
    if (id := job.cursor.get(RETRIED_BY)) is None:
        return job.created_by
    return User.objects.get(id=id)


def is_mask(job: Job) -> bool:
    """Whether words are masked, and nothing is erased."""
    return bool(job.arguments.get("mask"))


def progress(job: Job) -> dict[str, Any]:
    """Where the stage stands; changed in place."""
    found: dict[str, Any] = job.cursor.setdefault("place", {})
    return found


def count(job: Job, what: str, n: int) -> None:
    """Count so many more that were erased; what was counted first stands first."""
    counted = job.cursor.setdefault("counts", [])
    for one in counted:
        if one[0] == what:
            one[1] += n
            return
    counted.append([what, n])
