"""A dataset as a file: its page, the download, and the job that makes a large one."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET, require_POST, require_safe

from adaptive_site.lib.errors import NotFound
from interactions.models import Dataset
from interactions.services.datasets import create as datasets
from interactions.services.datasets import versions
from interactions.services.export.downloads import Exported
from interactions.services.export.training_formats import FORMATS
from interactions.services.jobs.record_sources import record_source
from interactions.web.exporting import asked
from interactions.web.exporting.direct import begin_job, send_made
from interactions.web.exporting.page import ExportPage
from projects.services.access import EXPORT
from projects.web.requests import ProjectRequest, in_project, project_page

VERSIONS_SHOWN = 100


@require_GET
@in_project(EXPORT)
def export(request: ProjectRequest, dataset: str) -> HttpResponse:
    """What to choose before the download."""
    found = datasets.known(request.project, dataset)
    said = asked.of_dataset(found, request.GET)
    source = record_source(request.project, said)
    page = ExportPage(
        request.caller,
        _exported(found),
        source.title,
        found.kind,
        request.GET.dict(),
        source,
        asked.image_address(request),
    )
    context = {
        "page": page,
        "dataset": found,
        "said": said,
        "versions": versions.of(found)[:VERSIONS_SHOWN],
    }
    return project_page(request, "exporting/dataset.html", context, tab="datasets")


@require_safe
@in_project(EXPORT)
def download(request: ProjectRequest, dataset: str, format: str) -> HttpResponseBase:
    """The file of a version, or of the draft."""
    found = datasets.known(request.project, dataset)
    if format not in FORMATS:
        raise NotFound(f"there is no format {format}; expected one of {', '.join(FORMATS)}")
    return send_made(request, _exported(found), asked.of_dataset(found, request.GET), format)


@require_POST
@in_project(EXPORT)
def make(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Have a job make the file."""
    found = datasets.known(request.project, dataset)
    return begin_job(request, _exported(found), asked.of_dataset(found, request.POST))


def _exported(dataset: Dataset) -> Exported:
    return Exported(dataset.project, "dataset.exported", str(dataset.id))
