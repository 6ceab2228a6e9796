"""Export jobs as people begin and find them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from adaptive_site.lib.errors import NotFound
from interactions.models import Job
from interactions.services.export.choices import FileChoices
from interactions.services.export.downloads import Exported
from interactions.services.jobs import begin as jobs
from interactions.services.jobs.record_sources import record_source
from projects.models import Project
from projects.services.access import Caller

JOBS_LOOKED_AT = 100
JOBS_SHOWN = 5


def begin(
    what: Exported,
    source: Mapping[str, Any],
    choices: FileChoices,
    *,
    image_address: str,
    caller: Caller,
) -> Job:
    """Put the job in the queue that makes the file; `source` is as `record_source` reads it."""
    choices.check()
    arguments = {
        "verb": what.verb,
        "subject": what.subject,
        "title": record_source(what.project, source).title,
        "source": dict(source),
        "choices": asdict(choices),
        "image_address": image_address,
    }
    return jobs.begin(what.project, Job.Kind.EXPORT, arguments, caller=caller)


def latest(what: Exported, *, caller: Caller) -> list[Job]:
    """The latest export jobs of it that the caller may see, newest first."""
    mine = Job.objects.in_project(what.project).select_related("created_by")
    recent = mine.filter(kind=Job.Kind.EXPORT).newest_first()[:JOBS_LOOKED_AT]
    found = [
        job
        for job in recent
        if (job.arguments.get("verb"), job.arguments.get("subject")) == (what.verb, what.subject)
        and jobs.may_see(job, what.project, caller)
    ]
    return found[:JOBS_SHOWN]


def left_file(project: Project, uuid: UUID, *, caller: Caller) -> dict[str, Any]:
    """Name, path, size, hash and media type of the file that a job has left. Raises NotFound."""
    job = jobs.known(project, uuid, caller=caller)
    file = job.result.get("file")
    if job.kind != Job.Kind.EXPORT or file is None:
        raise NotFound("the file of this job has not been made")
    return dict(file)
