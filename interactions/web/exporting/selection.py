"""A selection as a file: its page, the download, and the job that makes a large one."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET, require_POST, require_safe

from adaptive_site.lib.errors import NotFound
from interactions.models import Dataset
from interactions.services import selections
from interactions.services.export import downloads
from interactions.services.export.formats import FORMATS as WHOLE_FORMATS
from interactions.services.export.training_formats import FORMATS
from interactions.services.jobs.record_sources import record_source
from interactions.web.bulk.selections import COUNT_LIMIT_MS, Selected
from interactions.web.exporting import asked
from interactions.web.exporting.direct import begin_job, send_made
from interactions.web.exporting.interactions_file import send_interactions
from interactions.web.exporting.page import ExportPage
from projects.services.access import EXPORT
from projects.web.requests import ProjectRequest, in_project, project_page


@require_GET
@in_project(EXPORT)
def export(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """What to choose before the download."""
    found = selections.known(request.project, uuid)
    selected = Selected(request.caller, found, is_exact=True, exact_ms=COUNT_LIMIT_MS)
    kind = asked.kind_in(request.GET)
    said = asked.of_selection(found, kind, request.GET) if kind else None
    page = ExportPage(
        request.caller,
        downloads.selected(found),
        selected.sentence,
        kind,
        request.GET.dict(),
        record_source(request.project, said) if said else None,
        asked.image_address(request),
        kinds=(asked.AS_LOGGED, *Dataset.Kind.values),
        known=selected.count.n if selected.count and selected.count.is_exact else None,
    )
    context = {"page": page, "selected": selected, "whole_formats": WHOLE_FORMATS}
    return project_page(request, "exporting/selection.html", context)


@require_safe
@in_project(EXPORT)
def download(request: ProjectRequest, uuid: UUID, format: str) -> HttpResponseBase:
    """The file in a format of training records, or of the interactions as they were logged."""
    found = selections.known(request.project, uuid)
    if format in WHOLE_FORMATS:
        return send_interactions(request, found, format)
    if format not in FORMATS:
        known = ", ".join([*WHOLE_FORMATS, *FORMATS])
        raise NotFound(f"there is no format {format}; expected one of {known}")
    kind = asked.kind_in(request.GET) or FORMATS[format].kinds[0]
    said = asked.of_selection(found, kind, request.GET)
    return send_made(request, downloads.selected(found), said, format)


@require_POST
@in_project(EXPORT)
def make(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Have a job make the file."""
    found = selections.known(request.project, uuid)
    said = asked.of_selection(found, asked.kind_in(request.POST), request.POST)
    return begin_job(request, downloads.selected(found), said)
