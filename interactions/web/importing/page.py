"""The page of imports: where a file is dropped, and the files and imports there are."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.models import Job, Upload
from interactions.services.importing.formats.recognised import IMPORT_FORMATS
from interactions.services.jobs import begin as jobs
from interactions.services.uploads import parts
from interactions.web.jobs.shown import ShownJob
from projects.models import Project
from projects.services.access import CREATE, Caller
from projects.web.requests import ProjectRequest, in_project, project_page

PART_BYTES = 5 * 1024 * 1024
JOBS_LOOKED_AT, JOBS_SHOWN = 200, 10


@dataclass
class ImportPage:
    """The page: limits, files on their way in, and what was imported last."""

    caller: Caller
    project: Project
    error: str = ""

    formats = IMPORT_FORMATS
    part_bytes = PART_BYTES
    days_kept = parts.UNFINISHED_FOR.days

    @property
    def max_bytes(self) -> int:
        """How large a file may be."""
        return int(settings.MAX_UPLOAD_BYTES)

    @property
    def max_form_bytes(self) -> int:
        """How large a file may be that comes without a script."""
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

    @cached_property
    def uploads(self) -> list[Upload]:
        """The caller's files that are here, or on their way, the newest first."""
        return parts.waiting(self.caller.user, self.project)

    @cached_property
    def jobs(self) -> list[ShownJob]:
        """The caller's last imports; of owners everybody's."""
        listed = jobs.listed(self.project, caller=self.caller, limit=JOBS_LOOKED_AT)
        found = [job for job in listed if job.kind == Job.Kind.IMPORT]
        return [ShownJob(job) for job in found[:JOBS_SHOWN]]


@require_http_methods(["GET", "HEAD", "POST"])
@in_project(CREATE)
def imports(request: ProjectRequest) -> HttpResponse:
    """The page; POST takes a small file from browsers without scripts."""
    shown = ImportPage(request.caller, request.project)
    if request.method == "POST":
        try:
            made = _taken(request)
        except DomainError as error:
            shown.error = str(error)
            context = {"page": shown}
            return project_page(request, "importing/page.html", context, status=error.status)
        where = {"key": request.project.key, "id": made.id}
        return HttpResponseRedirect(reverse("import-file", kwargs=where), status=303)
    return project_page(request, "importing/page.html", {"page": shown}, tab="import")


def _taken(request: ProjectRequest) -> Upload:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        raise Invalid("expected a file that is not empty", field="file")
    made = parts.begin(
        request.caller.user,
        total_parts=ceil(file.size / PART_BYTES),
        project=request.project,
        name=file.name or "",
        size=file.size,
    )
    for number, piece in enumerate(file.chunks(PART_BYTES), start=1):
        made = parts.put(made, number, piece)
    return made
