"""The kinds of jobs by name, and what each of their modules offers."""

from typing import Protocol

from interactions.models import Job
from interactions.services.building import job as build
from interactions.services.datasets.changing import change_job, version_job
from interactions.services.datasets.uploaded import logging_job, reading_job
from interactions.services.erasure import job as erasing_job
from interactions.services.export.job import ExportJob
from interactions.services.filling import job as filling_job
from interactions.services.jobs.record_sources import record_source


class KindOfJob(Protocol):
    """Long work in steps; each step runs in a transaction that also saves the job.

    A step changes `stage`, `done`, `total`, `cursor` and `result` of the job, and nothing else of
    it. A stage that takes long begins with a step that only says so, for the page; a step that
    takes long tells how far it is (`job_watch.py`).
    """

    # What who began the job needs in its project, at every step.
    PERMISSION: str

    def step(self, job: Job) -> bool:
        """Do the next step; returns whether that was the last. A DomainError ends the job."""

    def cancelled(self, job: Job) -> None:
        """Take back what a cancelled job has done so far, or leave it where it may stay."""

    def failed(self, job: Job) -> None:
        """Take back what a failed job has done so far; `job.error` says why it failed.

        People may have it tried again from `job.cursor`: who takes all back empties that here.
        """

    def sentence(self, job: Job) -> str:
        """What is done, in words."""


KINDS_OF_JOB: dict[str, KindOfJob] = {
    Job.Kind.CHANGE: change_job,
    Job.Kind.VERSION: version_job,
    Job.Kind.UPLOAD: reading_job,
    Job.Kind.LOG: logging_job,
    Job.Kind.BUILD: build,
    Job.Kind.EXPORT: ExportJob(record_source),
    Job.Kind.IMPORT: filling_job,
    Job.Kind.ERASE: erasing_job,
}


def kind_of(job: Job) -> KindOfJob:
    """The module of the kind of a job."""
    return KINDS_OF_JOB[job.kind]
