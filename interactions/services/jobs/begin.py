"""Jobs as people begin, find and list them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.errors import NotFound
from interactions.models import Job
from interactions.services.jobs.queue import wake
from projects.models import Project
from projects.services.access import MANAGE, Caller


@transaction.atomic
def begin(project: Project, kind: str, arguments: Mapping[str, Any], *, caller: Caller) -> Job:
    """Put a job in the queue; its arguments have been checked.

    It may do what the caller may, at every step: who came with an API key, what that permits.
    """
    now = datetime.now(UTC)
    job = Job.objects.create(
        project=project,
        kind=kind,
        arguments=dict(arguments),
        created_by=caller.user,
        key=caller.key,
        created_at=now,
        next_at=now,
    )
    wake()
    return job


def known(project: Project, uuid: UUID, *, caller: Caller) -> Job:
    """A job of the caller's, or for owners anybody's. Raises NotFound."""
    found = Job.objects.in_project(project).select_related("created_by").filter(uuid=uuid).first()
    if found is None or not may_see(found, project, caller):
        raise NotFound("there is no such job in this project")
    found.project = project
    return found


def listed(
    project: Project, *, caller: Caller, before: int | None = None, limit: int = 50
) -> list[Job]:
    """The newest jobs: the caller's own; for owners of the project everybody's."""
    jobs = Job.objects.in_project(project).select_related("created_by")
    if not caller.may(MANAGE, project):
        jobs = jobs.filter(created_by=caller.user)
    if before is not None:
        jobs = jobs.filter(id__lt=before)
    found = list(jobs.newest_first()[:limit])
    for job in found:
        job.project = project
    return found


def may_see(job: Job, project: Project, caller: Caller) -> bool:
    """Whether the caller began the job, or manages its project."""
    return job.created_by_id == caller.user.id or caller.may(MANAGE, project)
