"""Files of training records: made while somebody waits, or by a job where that would be long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from adaptive_site.lib.errors import TooLarge
from interactions.services.export import downloads
from interactions.services.export.addresses import image_addresses
from interactions.services.export.choices import FileChoices
from interactions.services.export.downloads import Exported
from interactions.services.export.files import MadeFile, make
from interactions.services.jobs import exports
from interactions.services.jobs.record_sources import record_source
from interactions.web.exporting.asked import image_address
from interactions.web.exporting.page import DIRECT_MOST
from interactions.web.exporting.sending import WholeFile, send
from projects.models import User
from projects.services.auditing import origin
from projects.services.auditing.origin import Origin
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
    ended = _Ended(what, request.caller.user, format, made.tally.lines, made.sha256)
    return send(request, _whole(made, source.name, choices), ended)


def _whole(made: MadeFile, name: str, choices: FileChoices) -> WholeFile:
    lines = made.tally.lines
    return WholeFile(
        lambda: made.file,
        choices.file_name(name, lines),
        choices.media_type,
        made.size,
        made.sha256,
        lines,
    )


@dataclass(frozen=True, slots=True)
class _Ended:
    """Notes how the sending of a file ended."""

    what: Exported
    by: User
    format: str
    lines: int
    sha256: str
    origin: Origin = field(default_factory=origin.current)

    def __call__(self, how: str) -> None:
        downloads.note(
            self.what,
            by=self.by,
            format=self.format,
            lines=self.lines,
            promised=self.lines,
            ended=how,
            sha256=self.sha256,
            origin=self.origin,
        )


def begin_job(request: ProjectRequest, what: Exported, said: Mapping[str, Any]) -> HttpResponse:
    """Have a job make the file; go to its page."""
    source = record_source(request.project, said)
    choices = FileChoices.of(request.POST.dict(), kind=source.kind)
    address = image_address(request)
    job = exports.begin(what, said, choices, image_address=address, caller=request.caller)
    where = {"key": request.project.key, "uuid": job.uuid}
    return HttpResponseRedirect(reverse("job", kwargs=where), status=303)
