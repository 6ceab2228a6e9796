"""Selections: made from the ticks of a list, shown at their address, narrowed to others."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Invalid
from interactions.filters.sql.queries import Count
from interactions.models import BulkAction, Selection
from interactions.services import selections
from interactions.services.browsing import rows as browsing_rows
from interactions.services.bulk import actions as bulk_actions
from interactions.services.bulk.kinds import KINDS_OF_ACTION
from interactions.services.export import downloads
from interactions.services.export.downloads import Download
from projects.models import Project
from projects.services.access import EDIT_DATASETS, Caller
from projects.web.requests import ProjectRequest, in_project, project_page

ROWS_PER_PAGE = 20
ROWS_LIMIT_MS = 5_000
COUNT_LIMIT_MS = 3_000
EXACT_LIMIT_MS = 30_000
EXPORT_KIND = "export"
DATASET_KIND = "dataset"


@dataclass
class Selected:
    """A selection as its page shows it."""

    caller: Caller
    selection: Selection
    before: UUID | None = None
    is_exact: bool = False
    exact_ms: int = EXACT_LIMIT_MS
    rows: list[browsing_rows.Row] = field(default_factory=list)
    is_late: bool = False

    def read(self) -> "Selected":
        """Read the rows of the page, within their time."""
        try:
            with time_limit(ROWS_LIMIT_MS):
                ids = selections.shown(self.selection, limit=ROWS_PER_PAGE + 1, before=self.before)
                self.rows = browsing_rows.rows(self.project, ids)
        except TookTooLong:
            self.is_late = True
        return self

    @property
    def project(self) -> Project:
        """The project of the interactions."""
        return self.selection.project

    @cached_property
    def sentence(self) -> str:
        """The selection in words."""
        return selections.sentence(self.selection)

    @property
    def page(self) -> list[browsing_rows.Row]:
        """The rows shown."""
        return self.rows[:ROWS_PER_PAGE]

    @property
    def older(self) -> str:
        """The link to the next page of rows."""
        if len(self.rows) <= ROWS_PER_PAGE:
            return ""
        return f"?{urlencode({'before': self.rows[ROWS_PER_PAGE - 1].interaction.id})}"

    @cached_property
    def count(self) -> Count | None:
        """How many there are; None when counting took too long."""
        limit = self.exact_ms if self.is_exact else COUNT_LIMIT_MS
        try:
            with time_limit(limit):
                return selections.count(self.selection, is_exact=self.is_exact)
        except TookTooLong:
            return None

    @cached_property
    def since(self) -> Count | None:
        """How many match its filter that came later; None of no filter, or when that is slow."""
        try:
            with time_limit(COUNT_LIMIT_MS):
                return selections.since(self.selection)
        except TookTooLong:
            return None

    @property
    def anew(self) -> str:
        """The list with its filter."""
        here = reverse("interactions", kwargs={"key": self.project.key})
        return f"{here}?{self.selection.came_from}"

    @cached_property
    def left_out(self) -> list[browsing_rows.Row]:
        """The first rows that the selection excludes."""
        return browsing_rows.rows(self.project, self.selection.excludes[:ROWS_PER_PAGE])

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Name and words of the bulk actions that the caller may do to it."""
        return kinds_of(self.caller, self.selection)

    @property
    def may_write(self) -> bool:
        """Whether the caller may make datasets of it."""
        return self.caller.may(EDIT_DATASETS, self.project)

    @cached_property
    def actions(self) -> list[BulkAction]:
        """The bulk actions on the selection that the caller may see."""
        found = bulk_actions.of_selection(self.selection)
        return [action for action in found if bulk_actions.may_undo(action, self.caller)]

    @cached_property
    def downloads(self) -> list[Download]:
        """The latest downloads of the selection, each with whether it was whole."""
        return downloads.latest(downloads.selected(self.selection))


def kinds_of(caller: Caller, selection: Selection) -> list[tuple[str, str]]:
    """The bulk actions that the caller may do in the selection's project."""
    return [
        (kind.value, kind.label)
        for kind in BulkAction.Kind
        if caller.may(KINDS_OF_ACTION[kind].PERMISSION, selection.project)
    ]


@require_POST
@in_project()
def create(request: ProjectRequest) -> HttpResponse:
    """Make a selection of what is ticked, or of all that the filter matches but what is not.

    `action` says where to go on: to one of the bulk actions, to the export, to the builder of
    datasets, or else to its page.
    """
    data = request.POST
    query = without_nul(data.get("query", "")).removeprefix("?")
    if data.get("of") == "all":
        made = selections.freeze(
            request.project,
            QueryDict(query),
            by=request.caller.user,
            excludes=_ids(data, "except", "excepts"),
        )
    else:
        ids = _ids(data, "id", "ids")
        if not ids:
            raise Invalid("expected at least one; nothing is ticked", field="id")
        made = selections.tick(
            request.project, ids, by=request.caller.user, came_from=query[:10_000]
        )
    return HttpResponseRedirect(_next(request, made, data.get("action", "")), status=303)


def _next(request: ProjectRequest, made: Selection, action: str) -> str:
    where = {"key": request.project.key, "uuid": made.uuid}
    if action == EXPORT_KIND:
        return reverse("selection-export", kwargs=where)
    if action == DATASET_KIND:
        beside = {name: request.POST.get(name, "") for name in ("kind", "into")}
        return builder_of(made, **beside)
    if action in KINDS_OF_ACTION:
        return reverse("prepare-bulk-action", kwargs={**where, "kind": action})
    return reverse("selection", kwargs=where)


def builder_of(selection: Selection, **beside: str) -> str:
    """The builder of datasets with this selection, and what else was chosen already."""
    asked = {"of": str(selection.uuid), **{name: said for name, said in beside.items() if said}}
    here = reverse("dataset-builder", kwargs={"key": selection.project.key})
    return f"{here}?{urlencode(asked)}"


@require_GET
@in_project()
def selection(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """The page of a selection: its rows, their number, and the bulk actions that are allowed."""
    found = selections.known(request.project, uuid)
    before = _ids(request.GET, "before", "")
    selected = Selected(
        request.caller,
        found,
        before=before[0] if before else None,
        is_exact="exact" in request.GET,
    ).read()
    return project_page(request, "selections/selection.html", {"selected": selected})


@require_POST
@in_project()
def narrow(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Make a selection that excludes the ticked rows, or includes excluded ones again."""
    found = selections.known(request.project, uuid)
    ids = _ids(request.POST, "id", "ids")
    if not ids:
        raise Invalid("expected at least one; nothing is ticked", field="id")
    change = selections.with_again if "again" in request.POST else selections.without
    made = change(found, ids, by=request.caller.user)
    return HttpResponseRedirect(_next(request, made, ""), status=303)


def _ids(data: QueryDict, name: str, together: str) -> list[UUID]:
    """The ids in fields of `name`, and with commas in one field `together`."""
    given: Iterable[str] = (*data.getlist(name), *data.get(together, "").split(","))
    try:
        return [UUID(one) for one in given if one.strip()]
    except ValueError as error:
        raise Invalid("expected the id of an interaction", field=name) from error
