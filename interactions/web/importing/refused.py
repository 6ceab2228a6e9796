"""The records that an import refused, as a file."""

from collections.abc import AsyncIterator
from uuid import UUID

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_GET

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.errors import NotFound
from interactions.models import Job
from interactions.services.importing import pieces
from interactions.services.jobs import begin as jobs
from projects.services.access import CREATE
from projects.web.requests import ProjectRequest, in_project


@require_GET
@in_project(CREATE)
def refused(request: ProjectRequest, uuid: UUID) -> StreamingHttpResponse:
    """One refused record a line: its number, the member at fault, why, and the record."""
    job = jobs.known(request.project, uuid, caller=request.caller)
    if job.kind != Job.Kind.IMPORT or not job.result.get("refused"):
        raise NotFound("this import has refused nothing")
    response = StreamingHttpResponse(_stream(job), content_type="application/x-ndjson")
    name = f"refused-{str(job.uuid)[:8]}.jsonl"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


async def _stream(job: Job) -> AsyncIterator[bytes]:
    given = pieces.refused(job.uuid)
    while part := await in_database(next, given, None):
        yield part
