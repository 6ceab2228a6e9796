"""The interactions of a project, as rows."""

from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.limits import TookTooLong, time_limit
from interactions.filters import compile
from interactions.filters.conditions import Contains, Place
from interactions.filters.form import ADDERS, canonical
from interactions.services import reading
from interactions.services.hits import Hit, hits
from projects.web.requests import ProjectRequest, in_project, project_page

from .address import query
from .detail import Detail, detail_of
from .look import Look

PAGE = 50
ROWS_LIMIT_MS = 5_000
HITS_LIMIT_MS = 500


@dataclass
class Listing(Look):
    """The rows that a filter leaves, a page of them, and the links to the others."""

    rows: list[reading.Row] = field(default_factory=list)
    older: str = ""
    newer: str = ""
    open: Detail | None = None
    is_open_missing: bool = False
    snippets: dict[UUID, list[Hit]] = field(default_factory=dict)

    def read(self) -> "Listing":
        """Read the rows of the page, or say what is wrong; no filter is ever left out."""
        if not self.checked():
            return self
        cursors = {name: self._cursor(name) for name in ("before", "after")}
        opened = self._cursor("open")
        if self.faults:
            return self
        try:
            with time_limit(ROWS_LIMIT_MS):
                page = compile.page(self.project, self.tree, limit=PAGE, **cursors)
                if cursors["after"] is not None and not page.has_newer:
                    # What is newest is shown as the first page, so that it fills up.
                    page = compile.page(self.project, self.tree, limit=PAGE)
                self.rows = reading.rows(self.project, page.ids)
        except TookTooLong as error:
            self.blame("text" if self.text else "time", str(error))
            return self
        self.snippets = self._snippets()
        self.older = self.address.at(before=str(page.ids[-1])) if page.has_older else ""
        self.newer = self.address.at(after=str(page.ids[0])) if page.has_newer and page.ids else ""
        if page.has_newer and not page.ids:
            self.newer = self.address.at()
        if opened is not None:
            try:
                self.open = detail_of(self.caller, self.project, opened, query=self.data)
            except NotFound:
                self.is_open_missing = True
        return self

    def _snippets(self) -> dict[UUID, list[Hit]]:
        """Where the texts stand that a row's previews do not show; none when that takes long."""
        unseen = {
            row.interaction.id: [not _shows(row, one) for one in self.wanted] for row in self.rows
        }
        ids = [id for id, are_unseen in unseen.items() if any(are_unseen)]
        if not ids:
            return {}
        try:
            with time_limit(HITS_LIMIT_MS):
                found = hits(self.project, ids, self.wanted)
        except TookTooLong:
            return {}
        return {id: self._unseen(found[id], unseen[id]) for id in ids}

    def _unseen(self, found: list[Hit | None], are_unseen: list[bool]) -> list[Hit]:
        """The hits of a row that neither its previews nor each other show."""
        shown: list[Hit] = []
        for text, hit, is_unseen in zip(self.wanted, found, are_unseen, strict=True):
            is_shown = any(text.text.lower() in other.text.lower() for other in shown)
            if hit is not None and is_unseen and not is_shown:
                shown.append(hit)
        return shown

    def _cursor(self, name: str) -> UUID | None:
        try:
            return UUID(str(self.data[name])) if self.data.get(name) else None
        except ValueError:
            self.blame(name, "expected the id of an interaction")
            return None


@require_GET
@vary_on_headers("HX-Request", "HX-Target")
@in_project()
def interactions(request: ProjectRequest) -> HttpResponse:
    """The page; for htmx the rows (target `results`) or the open interaction (`peek`) alone."""
    data = canonical(request.GET)
    if any(name in request.GET for name in ADDERS) and not request.htmx:
        return HttpResponseRedirect(query(data))
    listing = Listing(request.caller, request.project, data).read()
    part = {"results": "#results", "peek": "#peek"}.get(request.htmx.target or "", "")
    response = project_page(request, f"interactions/list.html{part}", {"listing": listing})
    if part:
        response["HX-Push-Url"] = query(data)
    if part == "#results":
        response["HX-Trigger-After-Settle"] = "filtered"
    return response


def _shows(row: reading.Row, text: Contains) -> bool:
    """Whether a row's previews show the text."""
    wanted, it = text.text.lower(), row.interaction
    return (text.place != Place.COMPLETION and wanted in it.prompt_preview.lower()) or (
        text.place != Place.PROMPT and wanted in it.completion_preview.lower()
    )
