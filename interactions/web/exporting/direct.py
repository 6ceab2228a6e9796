"""Files of training records: made while somebody waits, or by a job where that would be long."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from adaptive_site.lib.errors import TooLarge
from interactions.services.export import downloads
from interactions.services.export.addresses import image_addresses
from interactions.services.export.choices import FileChoices
from interactions.services.export.downloads import Exported
from interactions.services.export.files import make
from interactions.services.jobs import exports
from interactions.services.jobs.record_sources import record_source
from interactions.web.exporting.asked import image_address
from interactions.web.exporting.page import DIRECT_MOST
from interactions.web.exporting.sending import WholeFile, send
from projects.web.requests import ProjectRequest


def send_made(
    request: ProjectRequest, what: Exported, said: Mapping[str, Any], format: str
) -> HttpResponseBase:
    """Make the file and send it. Raises TooLarge where a job has to."""
    source = record_source(request.project, said)
    chosen = {**request.GET.dict(), "format": format}
    choices = FileChoices.of(chosen, kind=source.kind)
    if source.count() > DIRECT_MOST:
        raise TooLarge(f"expected at most {DIRECT_MOST:,} records; have a job make the file")
    made = make(source, choices, image_addresses(image_address(request)))
    lines = made.tally.lines

    def ended(how: str) -> None:
        by = request.caller.user
        downloads.note(what, by=by, format=format, lines=lines, promised=lines, ended=how)

    file = WholeFile(
        lambda: made.file,
        f"{source.name}-{lines}.{choices.extension}",
        choices.media_type,
        made.size,
        made.sha256,
        lines,
    )
    return send(request, file, ended)


def begin_job(request: ProjectRequest, what: Exported, said: Mapping[str, Any]) -> HttpResponse:
    """Have a job make the file; go to its page."""
    source = record_source(request.project, said)
    choices = FileChoices.of(request.POST.dict(), kind=source.kind)
    address = image_address(request)
    job = exports.begin(what, said, choices, image_address=address, by=request.caller.user)
    where = {"key": request.project.key, "uuid": job.uuid}
    return HttpResponseRedirect(reverse("job", kwargs=where), status=303)
