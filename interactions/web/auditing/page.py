"""The audit log: of a project, and for administrators of the whole server."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong
from interactions.web.auditing.event_file import FORMATS, file_of
from interactions.web.auditing.event_filter import AFTER, AskedEvents
from interactions.web.auditing.event_rows import EventRow
from interactions.web.auditing.words import NOUNS, OF_SERVER
from projects.models import Project
from projects.services.access import AUDIT
from projects.services.auditing import listing
from projects.services.auditing.listing import EventPlace
from projects.web.people.administration import AdminRequest, for_administrators
from projects.web.requests import ProjectRequest, in_project

EVENTS_PER_PAGE = 50


@dataclass
class AuditPage:
    """The events that an address asks for; `project` is None on the server's page."""

    tab: ClassVar[str] = "audit"

    asked: AskedEvents
    project: Project | None = None
    rows: list[EventRow] = field(default_factory=list)
    older: str = ""
    fault: str = ""

    def read(self) -> "AuditPage":
        """Read the rows; too long a search says so."""
        try:
            found = listing.page(
                self.project, self.asked.filter, limit=EVENTS_PER_PAGE + 1, after=self.asked.after
            )
        except TookTooLong as error:
            self.fault = (
                f"Looking was {str(error).partition(';')[0]}: a shorter time makes it quick."
            )
            return self
        self.rows = [EventRow(event) for event in found[:EVENTS_PER_PAGE]]
        if len(found) > EVENTS_PER_PAGE:
            last = self.rows[-1].event
            self.older = self.asked.with_(**{AFTER: str(EventPlace(last.created_at, last.pk))})
        return self

    @cached_property
    def path(self) -> str:
        """The page itself."""
        if self.project is None:
            return reverse("server-audit")
        return reverse("audit", kwargs={"key": self.project.key})

    @property
    def exports(self) -> Iterator[tuple[str, str]]:
        """The formats of a file, and where to get it."""
        for format, found in FORMATS.items():
            yield found.title, f"{self.path}export/{format}/{self.asked.query}"

    @property
    def is_server(self) -> bool:
        """Whether it is that of the whole server."""
        return self.project is None

    def of_person(self, row: EventRow) -> str:
        """The link to what one person did."""
        return self.path + self.asked.with_(person=row.event.actor_email)


def _asked(request: HttpRequest, *, of_server: bool = False) -> AskedEvents:
    nouns = [noun for noun in NOUNS if of_server or noun not in OF_SERVER]
    return AskedEvents(request.GET, nouns)


@require_GET
@in_project(AUDIT)
def audit(request: ProjectRequest) -> HttpResponse:
    """The log of a project."""
    page = AuditPage(_asked(request), request.project)
    return render(request, "auditing/project.html", {"page": page.read()})


@require_GET
@in_project(AUDIT)
def export(request: ProjectRequest, format: str) -> StreamingHttpResponse:
    """Its events as a file."""
    return file_of(request.project, _asked(request), format, by=request.caller.user)


@require_GET
@for_administrators
def server_audit(request: AdminRequest) -> HttpResponse:
    """The log of the whole server."""
    page = AuditPage(_asked(request, of_server=True))
    return render(request, "auditing/server.html", {"page": page.read(), "tab": page.tab})


@require_GET
@for_administrators
def server_export(request: AdminRequest, format: str) -> StreamingHttpResponse:
    """Its events as a file."""
    return file_of(None, _asked(request, of_server=True), format, by=request.caller.user)
