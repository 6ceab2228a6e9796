"""Jobs about datasets, begun: reading an upload, logging records as interactions."""

from uuid import UUID

from django.db import transaction

from interactions.models import Dataset, Job
from interactions.services.datasets.uploaded import logging_job, storing
from interactions.services.jobs.begin import begin
from interactions.services.uploads import parts
from projects.models import Project, User
from projects.services import audit
from projects.services.access import EDIT_DATASETS, Caller


@transaction.atomic
def begin_upload(
    project: Project, upload_id: UUID, *, name: str, key: str | None, caller: Caller
) -> Dataset:
    """A dataset that is read from an upload of the caller's whose parts are all here.

    Raises NotFound, or Invalid when a part is missing or the first line is broken; the upload is
    then as it was before.
    """
    upload = parts.take(caller, upload_id, project=project)
    dataset = storing.prepare(project, upload, name=name, key=key, by=caller.user)
    arguments = {
        "dataset": str(dataset.id),
        "upload": str(upload.id),
        "parts": upload.total_parts,
        "name": dataset.name,
    }
    dataset.job = begin(project, Job.Kind.UPLOAD, arguments, caller=caller)
    dataset.save(update_fields=["job"])
    return dataset


@transaction.atomic
def begin_logging(dataset: Dataset, *, by: User) -> Job:
    """Have a job log the records of a dataset as interactions, each once however often it is asked.

    Returns the job that is at it already, if there is one. Raises Forbidden to who may not write,
    and Invalid when nothing of the dataset could be logged.
    """
    project = dataset.project
    Caller(by).check_may(EDIT_DATASETS, project)
    logging_job.check(dataset)
    arguments = {"dataset": str(dataset.id), "name": dataset.name}
    mine = Job.objects.in_project(project).filter(
        kind=Job.Kind.LOG, arguments__dataset=str(dataset.id)
    )
    if (there := mine.under_way().first()) is not None:
        return there
    audit.record(project, actor=by, verb="dataset.logged", subject=dataset.key)
    return begin(project, Job.Kind.LOG, arguments, caller=Caller(by))
