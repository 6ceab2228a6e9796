"""The job that makes a version of many records: their digest and figures take a while.

Nobody changes the draft meanwhile (`drafts.check_open`), and nothing of the version is written
before the end: cancelled or failed it leaves nothing.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

from interactions.models import Dataset, Job
from interactions.services.datasets import create, drafts, edit_words, versions
from interactions.services.job_watch import JobWatch, StepCancelledError
from projects.services.access import EDIT_DATASETS

PERMISSION = EDIT_DATASETS


def arguments(dataset: Dataset, note: str) -> dict[str, Any]:
    """What a job is begun with."""
    return {
        "dataset": str(dataset.id),
        "name": dataset.name,
        "note": note,
        "records": dataset.records,
    }


def sentence(job: Job) -> str:
    """What is done, in words."""
    return f"Make a version of “{job.arguments['name']}”"


def step(job: Job) -> bool:
    """Say what is done; then do it, in one step that tells how far it is."""
    dataset = _dataset(job)
    if not job.stage:
        drafts.check_idle(drafts.lock(dataset), but=job)
        job.stage, job.total, job.done = drafts.FREEZING, dataset.records, 0
        return False
    with suppress(StepCancelledError):
        made = versions.freeze(
            dataset, by=job.created_by, note=job.arguments["note"],
            watch=JobWatch(job, total=dataset.records),
        )  # fmt: skip
        job.done = made.records
        job.result = {
            "dataset": str(dataset.id),
            "words": f"Version {made.number} has {edit_words.counted(made.records)} and does not"
            " change any more.",
            "address": f"datasets/{dataset.key}/versions/",
            "open": "See the versions",
        }
        return True
    return False


def cancelled(job: Job) -> None:
    """Nothing was written."""


def failed(job: Job) -> None:
    """Nothing was written; tried again it begins anew."""
    job.stage, job.done = "", 0


def _dataset(job: Job) -> Dataset:
    return create.known(job.project, UUID(job.arguments["dataset"]))
