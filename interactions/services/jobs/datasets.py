"""Jobs about datasets, begun: reading an upload, logging records as interactions."""

from uuid import UUID

from django.db import transaction

from interactions.models import Dataset, Job
from interactions.services.datasets import uploaded
from interactions.services.jobs.begin import begin
from interactions.services.uploads import parts
from projects.models import Project, User


@transaction.atomic
def begin_upload(
    project: Project, upload_id: UUID, *, name: str, key: str | None, by: User
) -> Dataset:
    """A dataset that is read from an upload of `by`'s whose parts are all here.

    Raises NotFound, or Invalid when a part is missing or the first line is broken; the upload is
    then as it was before.
    """
    upload = parts.take(by, upload_id)
    dataset = uploaded.prepare(project, upload, name=name, key=key, by=by)
    arguments = {"dataset": str(dataset.id), "upload": str(upload.id), "parts": upload.total_parts}
    dataset.job = begin(project, Job.Kind.UPLOAD, arguments, by=by)
    dataset.save(update_fields=["job"])
    return dataset
